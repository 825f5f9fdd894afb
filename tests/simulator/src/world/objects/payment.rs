//! Payment Intents and Charges. <https://docs.stripe.com/api/payment_intents/object>,
//! <https://docs.stripe.com/api/charges/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::Currency;

/// A payment intent.
#[derive(Debug, Clone)]
pub struct Intent {
    /// `pi_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Whose.
    pub customer: Option<Id>,
    /// Its currency.
    pub currency: Currency,
    /// What was asked for.
    pub amount: i64,
    /// What may still be taken.
    pub capturable: i64,
    /// What was taken.
    pub received: i64,
    /// Where it stands.
    pub status: &'static str,
    /// Taken later, not at once.
    pub is_manual: bool,
    /// The newest attempt.
    pub charge: Option<Id>,
    /// The invoice that it pays; Stripe does not say so here.
    pub invoice: Option<Id>,
}

impl Intent {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        json.text("id", self.id)
            .raw("object", "\"payment_intent\"")
            .number("amount", self.amount)
            .number("amount_capturable", self.capturable)
            .number("amount_received", self.received)
            .nulls(&["application", "canceled_at", "cancellation_reason"])
            .text(
                "capture_method",
                if self.is_manual {
                    "manual"
                } else {
                    "automatic_async"
                },
            )
            .text("client_secret", format_args!("{}_secret_x", self.id))
            .number("created", self.created)
            .text("currency", self.currency)
            .maybe_text("customer", self.customer)
            .nulls(&["description", "last_payment_error"])
            .maybe_text("latest_charge", self.charge)
            .flag("livemode", false)
            .raw("metadata", "{}")
            .nulls(&["next_action", "payment_method", "setup_future_usage"])
            .raw("payment_method_types", "[\"card\"]")
            .text("status", self.status);
        json.end()
    }
}

/// A charge: one attempt that got as far as the bank.
#[derive(Debug, Clone)]
pub struct Charge {
    /// `ch_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Of what intent.
    pub intent: Id,
    /// Whose.
    pub customer: Option<Id>,
    /// Its currency.
    pub currency: Currency,
    /// What was asked for.
    pub amount: i64,
    /// What was taken.
    pub captured: i64,
    /// What was given back.
    pub refunded: i64,
    /// `succeeded`, `pending` or `failed`.
    pub status: &'static str,
    /// Whether the money was taken, not only set aside.
    pub is_captured: bool,
    /// Whether the customer's bank wants it back.
    pub is_disputed: bool,
    /// What it means for the balance, once that is known.
    pub txn: Option<Id>,
}

impl Charge {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let failed = self.status == "failed";
        json.text("id", self.id)
            .raw("object", "\"charge\"")
            .number("amount", self.amount)
            .number("amount_captured", self.captured)
            .number("amount_refunded", self.refunded)
            .maybe_text("balance_transaction", self.txn)
            .flag("captured", self.is_captured)
            .number("created", self.created)
            .text("currency", self.currency)
            .maybe_text("customer", self.customer)
            .flag("disputed", self.is_disputed)
            .maybe_text("failure_code", failed.then_some("card_declined"))
            .nulls(&["failure_balance_transaction"])
            .flag("livemode", false)
            .raw("metadata", "{}")
            .flag("paid", !failed)
            .text("payment_intent", self.intent)
            .nulls(&["payment_method", "receipt_email"])
            .flag(
                "refunded",
                self.refunded > 0 && self.refunded == self.captured,
            )
            .text("status", self.status);
        json.end()
    }
}
