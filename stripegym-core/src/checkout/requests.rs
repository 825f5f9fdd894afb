//! Calls on Checkout Sessions.

use crate::checkout::{CheckoutMode, CheckoutSession};
use crate::client::{List, Request, calls};
use crate::id::{CheckoutSessionId, CustomerId, PaymentIntentId, PriceId};

/// Where the hosted page sends the customer afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying. `{CHECKOUT_SESSION_ID}` in it becomes the session's id.
    /// That a browser got here proves nothing: the webhook does.
    pub success: String,
    /// After going back.
    pub cancel: String,
}

/// One thing to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// At this price.
    pub price: PriceId,
    /// So many.
    pub quantity: u32,
}

calls! {
    /// Creates a Checkout Session with a hosted page.
    /// <https://docs.stripe.com/api/checkout/sessions/create>
    CreateSession -> CheckoutSession {
        /// An existing Customer; excludes `customer_email`.
        customer: &CustomerId;
        /// Fills in the address; excludes `customer`.
        customer_email: &str;
        /// Your own reference. The library reads it as the owner.
        client_reference_id: &str;
        /// When the session ends: 30 minutes to 24 hours from now, in seconds
        /// since the Unix epoch.
        expires_at: i64;
        /// The page's language, such as `ja`, or `auto`.
        locale: &str;
        /// Lets the customer enter promotion codes.
        allow_promotion_codes: bool;
    } + metadata;

    /// Retrieves a Checkout Session.
    /// <https://docs.stripe.com/api/checkout/sessions/retrieve>
    RetrieveSession -> CheckoutSession {}

    /// Expires an open Checkout Session.
    /// <https://docs.stripe.com/api/checkout/sessions/expire>
    ExpireSession -> CheckoutSession {}

    /// Lists Checkout Sessions, newest first.
    /// <https://docs.stripe.com/api/checkout/sessions/list>
    ListSessions -> List<CheckoutSession> {
        /// Only those of this Customer.
        customer: &CustomerId;
        /// Only the one that made this payment.
        payment_intent: &PaymentIntentId;
        /// 1 to 100; 10 unless set.
        limit: u32;
        /// The page after this one.
        starting_after: &CheckoutSessionId;
        /// The page before this one.
        ending_before: &CheckoutSessionId;
    }
}

impl CreateSession {
    /// A session for one payment.
    pub fn payment(items: &[LineItem], urls: &ReturnUrls) -> Self {
        Self::new(&CheckoutMode::Payment, items, urls)
    }

    /// A session that starts a subscription.
    pub fn subscription(items: &[LineItem], urls: &ReturnUrls) -> Self {
        Self::new(&CheckoutMode::Subscription, items, urls)
    }

    fn new(mode: &CheckoutMode, items: &[LineItem], urls: &ReturnUrls) -> Self {
        let mut request = Request::post("/v1/checkout/sessions").param("mode", mode.as_str());
        for (index, item) in items.iter().enumerate() {
            request = request
                .param(&format!("line_items[{index}][price]"), item.price.as_str())
                .param(
                    &format!("line_items[{index}][quantity]"),
                    &item.quantity.to_string(),
                );
        }
        Self(
            request
                .param("success_url", &urls.success)
                .param("cancel_url", &urls.cancel),
        )
    }

    /// Sets one key of the metadata of the payment that the session makes.
    pub fn payment_metadata(mut self, key: &str, value: &str) -> Self {
        self.0
            .form_mut()
            .set(format!("payment_intent_data[metadata][{key}]"), value);
        self
    }
}

impl RetrieveSession {
    /// The session to retrieve.
    pub fn new(id: &CheckoutSessionId) -> Self {
        Self(Request::get(format!("/v1/checkout/sessions/{id}")))
    }
}

impl ExpireSession {
    /// The session to expire.
    pub fn new(id: &CheckoutSessionId) -> Self {
        Self(Request::post(format!("/v1/checkout/sessions/{id}/expire")))
    }
}

impl ListSessions {
    /// All of them.
    #[allow(clippy::new_without_default)] // a call is made to be sent, not to be defaulted
    pub fn new() -> Self {
        Self(Request::get("/v1/checkout/sessions"))
    }
}
