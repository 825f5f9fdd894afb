//! Calls on the customer portal.

use super::{PortalConfiguration, PortalFeatures, PortalSession};
use crate::client::{List, Param, calls, parts};
use crate::discount::DiscountParam;
use crate::form::Form;
use crate::id::{
    CouponId, CustomerId, PortalConfigurationId, PriceId, SubscriptionId, SubscriptionItemId,
};

parts! {
    /// What a customer is led through, in place of the portal's front page.
    PortalFlow[] {}
}

impl PortalFlow {
    fn of(kind: &str, subscription: Option<&SubscriptionId>) -> Self {
        let flow = Self::start().param("type", kind);
        match subscription {
            Some(id) => flow.param(&format!("{kind}[subscription]"), id.as_str()),
            None => flow,
        }
    }

    /// Adding a payment method.
    pub fn payment_method_update() -> Self {
        Self::of("payment_method_update", None)
    }

    /// Changing name, address and so on. Needs 2026-08-26.
    pub fn customer_update() -> Self {
        Self::of("customer_update", None)
    }

    /// Canceling this subscription.
    pub fn subscription_cancel(subscription: &SubscriptionId) -> Self {
        Self::of("subscription_cancel", Some(subscription))
    }

    /// Canceling this subscription, or staying for a discount.
    pub fn subscription_cancel_or(subscription: &SubscriptionId, offer: &CouponId) -> Self {
        let retention = "subscription_cancel[retention]";
        Self::subscription_cancel(subscription)
            .param(&format!("{retention}[type]"), "coupon_offer")
            .param(
                &format!("{retention}[coupon_offer][coupon]"),
                offer.as_str(),
            )
    }

    /// Pausing this subscription. Needs 2026-10-28.
    pub fn subscription_pause(subscription: &SubscriptionId) -> Self {
        Self::of("subscription_pause", Some(subscription))
    }

    /// Choosing another price for this subscription.
    pub fn subscription_update(subscription: &SubscriptionId) -> Self {
        Self::of("subscription_update", Some(subscription))
    }

    /// Confirming this change of the only item.
    pub fn subscription_update_confirm(
        subscription: &SubscriptionId,
        item: &SubscriptionItemId,
        price: &PriceId,
        quantity: u32,
    ) -> Self {
        let first = "subscription_update_confirm[items][0]";
        Self::of("subscription_update_confirm", Some(subscription))
            .param(&format!("{first}[id]"), item.as_str())
            .param(&format!("{first}[price]"), price.as_str())
            .param(&format!("{first}[quantity]"), &quantity.to_string())
    }

    /// With this taken off; for `subscription_update_confirm`.
    pub fn discount(mut self, discount: &DiscountParam) -> Self {
        let mut form = Form::new();
        discount.put(&mut form, "discounts[0]");
        self.0.nest("subscription_update_confirm", form);
        self
    }

    /// Comes back to this address when it is done.
    pub fn then_redirect(self, return_url: &str) -> Self {
        self.param("after_completion[type]", "redirect")
            .param("after_completion[redirect][return_url]", return_url)
    }

    /// Shows this when it is done.
    pub fn then_say(self, message: &str) -> Self {
        self.param("after_completion[type]", "hosted_confirmation")
            .param(
                "after_completion[hosted_confirmation][custom_message]",
                message,
            )
    }
}

calls! {
    /// Opens the portal for a customer. Make sure that it is the one who is logged in.
    /// <https://docs.stripe.com/api/customer_portal/sessions/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::portal::{CreatePortalSession, PortalFlow};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let flow = PortalFlow::subscription_cancel(&"sub_1".parse()?)
    ///     .then_redirect("https://shop.example/account");
    /// let session = CreatePortalSession::new(&"cus_1".parse()?)
    ///     .return_url("https://shop.example/account")
    ///     .flow(&flow)
    ///     .send(&stripe)
    ///     .await?;
    /// println!("send the customer to {}", session.url()?);
    /// # Ok(()) }
    /// ```
    CreatePortalSession(; customer: &CustomerId) -> PortalSession
        = Post "/v1/billing_portal/sessions" {
        /// Where the customer can go back to.
        return_url: &str;
        /// What the customer may do there; the default one unless set.
        configuration: &PortalConfigurationId;
        /// What the customer is led through.
        flow: &PortalFlow = "flow_data";
        /// The page's language, such as `ja`, or `auto`.
        locale: &str;
    }

    /// Creates a configuration. <https://docs.stripe.com/api/customer_portal/configurations/create>
    CreatePortalConfiguration(; features: &PortalFeatures) -> PortalConfiguration
        = Post "/v1/billing_portal/configurations" {
        /// A name for yourself.
        name: &str;
        /// Where customers can go back to.
        default_return_url: &str;
        /// What it says at the top.
        headline: &str = "business_profile[headline]";
        /// The address of the privacy policy.
        privacy_policy_url: &str = "business_profile[privacy_policy_url]";
        /// The address of the terms of service.
        terms_of_service_url: &str = "business_profile[terms_of_service_url]";
        /// Whether customers can log in by themselves.
        login_page: bool = "login_page[enabled]";
    } + metadata;

    /// Retrieves a configuration.
    /// <https://docs.stripe.com/api/customer_portal/configurations/retrieve>
    RetrievePortalConfiguration(id: &PortalConfigurationId) -> PortalConfiguration
        = Get "/v1/billing_portal/configurations/{id}" {}

    /// Changes a configuration. <https://docs.stripe.com/api/customer_portal/configurations/update>
    UpdatePortalConfiguration(id: &PortalConfigurationId) -> PortalConfiguration
        = Post "/v1/billing_portal/configurations/{id}" {
        /// What customers may do.
        features: &PortalFeatures;
        /// Whether it can be used.
        active: bool;
        /// A name for yourself.
        name: &str;
        /// Where customers can go back to.
        default_return_url: &str;
        /// What it says at the top.
        headline: &str = "business_profile[headline]";
        /// Whether customers can log in by themselves.
        login_page: bool = "login_page[enabled]";
    } + metadata;

    /// Lists configurations. <https://docs.stripe.com/api/customer_portal/configurations/list>
    ListPortalConfigurations() -> List<PortalConfiguration>
        = Get "/v1/billing_portal/configurations" {
        /// Only those that can, or cannot, be used.
        active: bool;
        /// Only the default one, or the others.
        is_default: bool;
    } + list(PortalConfiguration, PortalConfigurationId);
}
