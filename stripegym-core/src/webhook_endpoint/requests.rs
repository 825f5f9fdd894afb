//! Calls on Webhook Endpoints.

use serde_json::{Map, Value};

use crate::client::{Answer, List, Param, calls};
use crate::id::WebhookEndpointId;
use crate::object::View;
use crate::secret::WebhookSecret;
use crate::webhook_endpoint::WebhookEndpoint;

/// A new endpoint and the secret with which its events are signed. Stripe
/// tells the secret once: keep it. It is taken out of the endpoint's JSON, so
/// that what you log or store of that has no secret in it.
#[derive(Debug, Clone)]
pub struct NewWebhookEndpoint {
    endpoint: WebhookEndpoint,
    secret: Option<WebhookSecret>,
}

impl NewWebhookEndpoint {
    /// The endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &WebhookEndpoint {
        &self.endpoint
    }

    /// The secret, if Stripe sent one.
    #[must_use]
    pub fn secret(&self) -> Option<&WebhookSecret> {
        self.secret.as_ref()
    }
}

impl Answer for NewWebhookEndpoint {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut json: Map<String, Value> = serde_json::from_slice(bytes)?;
        let secret = json.remove("secret");
        let secret = secret.as_ref().and_then(Value::as_str);
        Ok(Self {
            secret: secret.and_then(|secret| WebhookSecret::parse(secret).ok()),
            endpoint: WebhookEndpoint::from_object(json),
        })
    }
}

calls! {
    /// Creates an endpoint. <https://docs.stripe.com/api/webhook_endpoints/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::client::API_VERSION;
    /// use stripegym_core::webhook::Verifier;
    /// use stripegym_core::webhook_endpoint::CreateWebhookEndpoint;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let created = CreateWebhookEndpoint::new("https://shop.example/webhook", &["invoice.paid"])
    ///     .api_version(API_VERSION)
    ///     .send(&stripe)
    ///     .await?;
    /// let verifier = created.secret().cloned().map(Verifier::new);
    /// # let _ = verifier;
    /// # Ok(()) }
    /// ```
    CreateWebhookEndpoint[] -> NewWebhookEndpoint = Post "/v1/webhook_endpoints" {
        /// The API version in which events are written; it never changes. The
        /// account's own unless set: set it to the one that you read.
        api_version: &str;
        /// A note for yourself.
        description: &str;
        /// For events of connected accounts.
        connect: bool;
    } + metadata;

    /// Retrieves an endpoint. <https://docs.stripe.com/api/webhook_endpoints/retrieve>
    RetrieveWebhookEndpoint(id: &WebhookEndpointId) -> WebhookEndpoint
        = Get "/v1/webhook_endpoints/{id}" {}

    /// Changes an endpoint. <https://docs.stripe.com/api/webhook_endpoints/update>
    UpdateWebhookEndpoint(id: &WebhookEndpointId) -> WebhookEndpoint
        = Post "/v1/webhook_endpoints/{id}" {
        /// Where events go.
        url: &str;
        /// The types that it gets.
        enabled_events: &[&str];
        /// A note for yourself.
        description: &str;
        /// Whether it gets nothing.
        disabled: bool;
    } + metadata;

    /// Deletes an endpoint. <https://docs.stripe.com/api/webhook_endpoints/delete>
    DeleteWebhookEndpoint(id: &WebhookEndpointId) -> WebhookEndpoint
        = Delete "/v1/webhook_endpoints/{id}" {}

    /// Lists endpoints, newest first. <https://docs.stripe.com/api/webhook_endpoints/list>
    ListWebhookEndpoints() -> List<WebhookEndpoint> = Get "/v1/webhook_endpoints" {}
        + list(WebhookEndpoint, WebhookEndpointId);
}

impl CreateWebhookEndpoint {
    /// Sends events of these types (`"*"` for most) to this address.
    pub fn new(url: &str, enabled_events: &[&str]) -> Self {
        let Self(mut request) = Self::start();
        url.put(request.form_mut(), "url");
        enabled_events.put(request.form_mut(), "enabled_events");
        Self(request)
    }
}
