//! Refunds, disputes, payouts, and the balance transactions under all money.
//! <https://docs.stripe.com/api/balance_transactions/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::Currency;

/// A refund.
#[derive(Debug, Clone)]
pub struct Refund {
    /// `re_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Of what charge.
    pub charge: Id,
    /// Of what intent.
    pub intent: Id,
    /// Whose.
    pub customer: Option<Id>,
    /// Minor units.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
    /// `pending`, `succeeded` or `failed`.
    pub status: &'static str,
    /// What it took from the balance.
    pub txn: Option<Id>,
    /// What its failure brought back.
    pub failure_txn: Option<Id>,
}

impl Refund {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let failed = self.status == "failed";
        json.text("id", self.id)
            .raw("object", "\"refund\"")
            .number("amount", self.amount)
            .maybe_text("balance_transaction", self.txn)
            .text("charge", self.charge)
            .number("created", self.created)
            .text("currency", self.currency)
            .maybe_text("customer", self.customer)
            .maybe_text("failure_balance_transaction", self.failure_txn)
            .maybe_text(
                "failure_reason",
                failed.then_some("expired_or_canceled_card"),
            )
            .raw("metadata", "{}")
            .text("payment_intent", self.intent)
            .text("reason", "requested_by_customer")
            .text("status", self.status);
        json.end()
    }
}

/// A dispute.
#[derive(Debug, Clone)]
pub struct Dispute {
    /// `dp_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Of what charge.
    pub charge: Id,
    /// Of what intent.
    pub intent: Id,
    /// Minor units.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
    /// `needs_response`, `won` or `lost`.
    pub status: &'static str,
    /// What was withdrawn, and what came back, as the API writes them.
    pub txns: Vec<Txn>,
}

impl Dispute {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        json.text("id", self.id)
            .raw("object", "\"dispute\"")
            .number("amount", self.amount)
            .array("balance_transactions", &self.txns, |json, txn| {
                txn.write(json);
            })
            .text("charge", self.charge)
            .number("created", self.created)
            .text("currency", self.currency)
            .within("evidence_details", |details| {
                details
                    .number("due_by", self.created + 7 * 86_400)
                    .flag("has_evidence", false)
                    .flag("past_due", false)
                    .number("submission_count", 0);
            })
            .flag("is_charge_refundable", false)
            .flag("livemode", false)
            .raw("metadata", "{}")
            .text("payment_intent", self.intent)
            .text("reason", "fraudulent")
            .text("status", self.status);
        json.end()
    }
}

/// What moved the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxnType {
    /// A charge.
    Charge,
    /// A refund.
    Refund,
    /// A refund that did not get there.
    RefundFailure,
    /// A dispute, either way.
    Adjustment,
    /// Paid out.
    Payout,
    /// A payout that came back.
    PayoutFailure,
    /// What Stripe bills for itself.
    StripeFee,
}

impl TxnType {
    /// As Stripe writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::Adjustment => "adjustment",
            Self::Payout => "payout",
            Self::PayoutFailure => "payout_failure",
            Self::StripeFee => "stripe_fee",
        }
    }
}

/// A balance transaction.
#[derive(Debug, Clone)]
pub struct Txn {
    /// `txn_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Signed, before fees, in the currency of the balance.
    pub amount: i64,
    /// What Stripe keeps of it.
    pub fee: i64,
    /// The currency of the balance.
    pub currency: Currency,
    /// The amount in the currency of its source, where that is another.
    pub converted_from: Option<(i64, Currency)>,
    /// What moved it.
    pub kind: TxnType,
    /// The charge, refund, dispute or payout.
    pub source: Option<Id>,
}

impl Txn {
    fn write(&self, json: &mut Json) {
        let category = match self.kind {
            TxnType::Adjustment if self.amount > 0 => "dispute_reversal",
            TxnType::Adjustment => "dispute",
            TxnType::StripeFee => "fee",
            other => other.as_str(),
        };
        json.text("id", self.id)
            .raw("object", "\"balance_transaction\"")
            .number("amount", self.amount)
            .number("available_on", self.created + 4 * 86_400)
            .text("balance_type", "payments")
            .number("created", self.created)
            .text("currency", self.currency)
            .nulls(&["description"])
            .raw(
                "exchange_rate",
                if self.converted_from.is_some() {
                    "1.5"
                } else {
                    "null"
                },
            )
            .number("fee", self.fee)
            .array("fee_details", (self.fee > 0).then_some(()), |json, ()| {
                json.number("amount", self.fee)
                    .nulls(&["application"])
                    .text("currency", self.currency)
                    .text("description", "Stripe processing fees")
                    .text("type", "stripe_fee");
            })
            .number("net", self.amount - self.fee)
            .text("reporting_category", category)
            .maybe_text("source", self.source)
            .text("status", "pending")
            .text("type", self.kind.as_str());
    }

    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        self.write(&mut json);
        json.end()
    }
}

/// A payout.
#[derive(Debug, Clone)]
pub struct Payout {
    /// `po_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Minor units.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
    /// `in_transit`, `paid` or `failed`.
    pub status: &'static str,
    /// What it took from the balance.
    pub txn: Option<Id>,
    /// What its failure brought back.
    pub failure_txn: Option<Id>,
}

impl Payout {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        json.text("id", self.id)
            .raw("object", "\"payout\"")
            .number("amount", self.amount)
            .number("arrival_date", self.created + 2 * 86_400)
            .flag("automatic", true)
            .maybe_text("balance_transaction", self.txn)
            .number("created", self.created)
            .text("currency", self.currency)
            .maybe_text("failure_balance_transaction", self.failure_txn)
            .flag("livemode", false)
            .raw("metadata", "{}")
            .text("method", "standard")
            .text("status", self.status)
            .text("type", "bank_account");
        json.end()
    }
}
