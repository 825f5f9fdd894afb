//! Webhook Endpoints: where Stripe sends events. <https://docs.stripe.com/api/webhook_endpoints>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::WebhookEndpointId;
use crate::object::{string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Whether an endpoint gets anything.
    WebhookEndpointStatus {
        /// It does.
        Enabled = "enabled",
        /// It does not.
        Disabled = "disabled",
    }
}

views! {
    /// A Webhook Endpoint. <https://docs.stripe.com/api/webhook_endpoints/object>
    WebhookEndpoint("webhook_endpoint") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        webhook_endpoint_id: WebhookEndpointId = "id";
        /// Where events go; absent once deleted.
        url: Option<&str>;
        /// Whether it gets anything; absent once deleted.
        status: Option<WebhookEndpointStatus>;
        /// The types that it gets; absent once deleted.
        enabled_events: Option<Vec<&str>>;
        /// The API version in which events are written; the account's own unless told.
        api_version: Option<&str>;
        /// A note for yourself.
        description: Option<&str>;
        /// True for real money; absent once deleted.
        livemode: Option<bool>;
        /// Seconds since the Unix epoch; absent once deleted.
        created: Option<i64>;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
