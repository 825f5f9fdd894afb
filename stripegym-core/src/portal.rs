//! The customer portal. <https://docs.stripe.com/api/customer_portal>

#[cfg(feature = "client")]
mod configuration;
#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::{CustomerId, PortalConfigurationId, PortalSessionId};
use crate::object::{Expandable, string_enums, views};

#[cfg(feature = "client")]
pub use configuration::*;
#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// What a customer is led through.
    PortalFlowType {
        /// Changing name, address and so on.
        CustomerUpdate = "customer_update",
        /// Adding a payment method.
        PaymentMethodUpdate = "payment_method_update",
        /// Canceling a subscription.
        SubscriptionCancel = "subscription_cancel",
        /// Pausing a subscription.
        SubscriptionPause = "subscription_pause",
        /// Changing a subscription.
        SubscriptionUpdate = "subscription_update",
        /// Confirming a change of a subscription.
        SubscriptionUpdateConfirm = "subscription_update_confirm",
    }
}

views! {
    /// A session of the portal. <https://docs.stripe.com/api/customer_portal/sessions/object>
    PortalSession("billing_portal.session") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        portal_session_id: PortalSessionId = "id";
        /// Whose.
        customer: Option<CustomerId>;
        /// The page; good for a few minutes, and for whoever has it.
        url: &str;
        /// What the customer may do there.
        configuration: Expandable<PortalConfigurationId>,
            configuration_object: PortalConfiguration;
        /// What the customer is led through.
        flow: Option<PortalFlowType> = "flow"."type";
        /// Where the customer can go back to.
        return_url: Option<&str>;
        /// The language.
        locale: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
    }

    /// What customers may do in the portal.
    /// <https://docs.stripe.com/api/customer_portal/configurations/object>
    PortalConfiguration("billing_portal.configuration") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        portal_configuration_id: PortalConfigurationId = "id";
        /// Whether it can be used.
        active: bool;
        /// Whether it is used when none is named.
        is_default: bool;
        /// A name for yourself.
        name: Option<&str>;
        /// All features, with their settings.
        features: &Map<String, Value>;
        /// Whether customers may cancel.
        can_cancel: Option<bool> = "features"."subscription_cancel"."enabled";
        /// Whether customers may change subscriptions.
        can_update: Option<bool> = "features"."subscription_update"."enabled";
        /// Whether customers may change payment methods.
        can_update_payment_method: Option<bool> = "features"."payment_method_update"."enabled";
        /// Where customers can go back to.
        default_return_url: Option<&str>;
        /// The page at which customers log in by themselves.
        login_page_url: Option<&str> = "login_page"."url";
        /// Seconds since the Unix epoch.
        created: i64;
        /// Seconds since the Unix epoch.
        updated: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
