//! Checkout Sessions. <https://docs.stripe.com/api/checkout/sessions>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::{CheckoutSessionId, CustomerId, PaymentIntentId};
use crate::money::Currency;
use crate::object::{Expandable, string_enums, views};

#[cfg(feature = "client")]
pub use requests::{
    CreateSession, ExpireSession, LineItem, ListSessions, RetrieveSession, ReturnUrls,
};

string_enums! {
    /// What a session is for.
    CheckoutMode {
        /// One payment.
        Payment = "payment",
        /// Saving a payment method.
        Setup = "setup",
        /// A subscription.
        Subscription = "subscription",
    }

    /// Where a session stands.
    CheckoutStatus {
        /// The customer may still pay.
        Open = "open",
        /// Done; the payment itself may still be under way.
        Complete = "complete",
        /// Too late, or expired on request.
        Expired = "expired",
    }

    /// Whether the money is there.
    PaymentStatus {
        /// The money is there.
        Paid = "paid",
        /// Not yet; delayed methods stay so for days.
        Unpaid = "unpaid",
        /// Nothing to pay now: a trial or a full discount.
        NoPaymentRequired = "no_payment_required",
    }
}

views! {
    /// A Checkout Session. <https://docs.stripe.com/api/checkout/sessions/object>
    CheckoutSession("checkout.session") {
        /// Its id.
        id: &str;
        /// What it is for.
        mode: CheckoutMode;
        /// Where it stands; absent on very old sessions.
        status: Option<CheckoutStatus>;
        /// Whether the money is there.
        payment_status: PaymentStatus;
        /// The hosted page, while the session is open.
        url: Option<&str>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Seconds since the Unix epoch.
        expires_at: i64;
        /// The currency of the amounts.
        currency: Currency;
        /// Minor units, discounts and taxes included.
        amount_total: i64;
        /// Minor units, before discounts and taxes.
        amount_subtotal: Option<i64>;
        /// Minor units of tax within the total.
        amount_tax: Option<i64> = "total_details"."amount_tax";
        /// True when paying makes an invoice, too.
        invoice_creation: Option<bool> = "invoice_creation"."enabled";
        /// Who buys, once Stripe knows.
        customer: Option<Expandable<CustomerId>>;
        /// The payment, once there is one.
        payment_intent: Option<Expandable<PaymentIntentId>>;
        /// Your own reference.
        client_reference_id: Option<&str>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

impl CheckoutSession {
    /// The id, as a type.
    ///
    /// # Errors
    /// When it is absent or no id.
    pub fn session_id(&self) -> Result<CheckoutSessionId, crate::object::FieldError> {
        self.object()
            .get::<Expandable<_>>("id")
            .map(|Expandable(id)| id)
    }

    /// One value of the metadata.
    #[must_use]
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        self.object().json().get("metadata")?.get(key)?.as_str()
    }
}
