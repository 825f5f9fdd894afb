//! Invoices and what pays them. <https://docs.stripe.com/api/invoices/object>,
//! <https://docs.stripe.com/api/invoice-payment/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::Currency;

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// May still change.
    Draft,
    /// To be paid.
    Open,
    /// Paid, or nothing to pay.
    Paid,
    /// Called off.
    Void,
    /// Given up.
    Uncollectible,
}

impl InvoiceStatus {
    /// As Stripe writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }
}

/// An invoice.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// `in_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// To whom.
    pub customer: Id,
    /// For what subscription, if for one.
    pub subscription: Option<Id>,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Its currency.
    pub currency: Currency,
    /// Tax included.
    pub total: i64,
    /// What of it is tax.
    pub tax: i64,
    /// What the customer's credit covered, once final.
    pub credit: i64,
    /// Negative is credit, before.
    pub starting_balance: i64,
    /// What came in, by Stripe or otherwise.
    pub amount_paid: i64,
    /// Paid outside Stripe.
    pub out_of_band: bool,
    /// `subscription_create`, `subscription_cycle`, `manual` …
    pub reason: &'static str,
    /// How often it was tried.
    pub attempts: i64,
    /// From when, in seconds.
    pub start: i64,
    /// Until when, in seconds.
    pub end: i64,
    /// When it became final.
    pub finalized_at: Option<i64>,
    /// When it was paid, called off or given up.
    pub closed_at: Option<i64>,
}

impl Invoice {
    /// What is to be paid after credit.
    #[must_use]
    pub const fn amount_due(&self) -> i64 {
        self.total - self.credit
    }

    /// As the API writes it, without what has to be asked for.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let is_draft = self.status == InvoiceStatus::Draft;
        let remaining = match self.status {
            InvoiceStatus::Paid => 0,
            _ => self.amount_due(),
        };
        json.text("id", self.id)
            .raw("object", "\"invoice\"")
            .number("amount_due", self.amount_due())
            .number("amount_paid", self.amount_paid)
            .number("amount_remaining", remaining)
            .number("attempt_count", self.attempts)
            .flag("attempted", self.attempts > 0)
            .flag(
                "auto_advance",
                is_draft || self.status == InvoiceStatus::Open,
            )
            .text("billing_reason", self.reason)
            .text("collection_method", "charge_automatically")
            .number("created", self.created)
            .text("currency", self.currency)
            .text("customer", self.customer)
            .nulls(&["default_payment_method", "description", "due_date"])
            .raw("discounts", "[]")
            .maybe_number(
                "ending_balance",
                (!is_draft).then_some(self.starting_balance + self.credit),
            )
            .nulls(&["hosted_invoice_url"])
            .list(
                "lines",
                format_args!("/v1/invoices/{}/lines", self.id),
                [()],
                |line, ()| self.line(line),
            )
            .flag("livemode", false)
            .raw("metadata", "{}")
            .nulls(&["next_payment_attempt", "on_behalf_of"])
            .maybe_text("number", (!is_draft).then(|| format!("SIM-{}", self.id)))
            .within("parent", |parent| self.parent(parent))
            .number("period_end", self.end)
            .number("period_start", self.start)
            .number("starting_balance", self.starting_balance)
            .text("status", self.status.as_str())
            .within("status_transitions", |when| self.transitions(when))
            .number("subtotal", self.total - self.tax)
            .number("subtotal_excluding_tax", self.total - self.tax)
            .number("total", self.total)
            .number("total_excluding_tax", self.total - self.tax)
            .array("total_taxes", (self.tax > 0).then_some(()), |tax, ()| {
                tax.number("amount", self.tax)
                    .text("tax_behavior", "exclusive")
                    .raw("tax_rate_details", "{\"tax_rate\":\"txr_S1\"}")
                    .nulls(&["taxability_reason"])
                    .number("taxable_amount", self.total - self.tax)
                    .text("type", "tax_rate_details");
            });
        json.end()
    }

    fn line(&self, line: &mut Json) {
        line.text(
            "id",
            Id::new(crate::world::id::Kind::Line, self.id.operation(), 0),
        )
        .raw("object", "\"line_item\"")
        .number("amount", self.total - self.tax)
        .text("currency", self.currency)
        .text("invoice", self.id)
        .flag("livemode", false)
        .within("period", |period| {
            period.number("start", self.start).number("end", self.end);
        })
        .number("quantity", 1)
        .number("subtotal", self.total - self.tax);
    }

    fn parent(&self, parent: &mut Json) {
        parent.nulls(&["quote_details"]);
        match self.subscription {
            Some(subscription) => parent
                .within("subscription_details", |details| {
                    details
                        .raw("metadata", "{}")
                        .text("subscription", subscription);
                })
                .text("type", "subscription_details"),
            None => parent.nulls(&["subscription_details", "type"]),
        };
    }

    fn transitions(&self, when: &mut Json) {
        let closed_as = |status| self.closed_at.filter(|_| self.status == status);
        when.maybe_number("finalized_at", self.finalized_at)
            .maybe_number(
                "marked_uncollectible_at",
                closed_as(InvoiceStatus::Uncollectible),
            )
            .maybe_number("paid_at", closed_as(InvoiceStatus::Paid))
            .maybe_number("voided_at", closed_as(InvoiceStatus::Void));
    }
}

/// What pays an invoice.
#[derive(Debug, Clone)]
pub struct InvoicePayment {
    /// `inpay_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Which invoice.
    pub invoice: Id,
    /// With which intent.
    pub intent: Id,
    /// Its currency.
    pub currency: Currency,
    /// What it is to pay.
    pub requested: i64,
    /// `open`, `paid` or `canceled`.
    pub status: &'static str,
    /// When it was paid or canceled.
    pub closed_at: Option<i64>,
}

impl InvoicePayment {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let is = |status| self.status == status;
        json.text("id", self.id)
            .raw("object", "\"invoice_payment\"")
            .maybe_number("amount_paid", is("paid").then_some(self.requested))
            .number("amount_requested", self.requested)
            .number("created", self.created)
            .text("currency", self.currency)
            .text("invoice", self.invoice)
            .flag("is_default", true)
            .flag("livemode", false)
            .within("payment", |payment| {
                payment
                    .text("payment_intent", self.intent)
                    .text("type", "payment_intent");
            })
            .text("status", self.status)
            .within("status_transitions", |when| {
                when.maybe_number("canceled_at", self.closed_at.filter(|_| is("canceled")))
                    .maybe_number("paid_at", self.closed_at.filter(|_| is("paid")));
            });
        json.end()
    }
}
