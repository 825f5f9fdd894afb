//! Checkout Sessions. <https://docs.stripe.com/api/checkout/sessions/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::Currency;

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// One payment.
    Payment,
    /// A subscription.
    Subscription,
}

/// How a payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayToPay {
    /// At once.
    Card,
    /// The money comes, or does not, days later.
    Delayed,
    /// Set aside, taken later.
    Manual,
}

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// `cs_test_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Known from the start, or made on completion.
    pub customer: Option<Id>,
    /// What it is for.
    pub mode: SessionMode,
    /// `open`, `complete` or `expired`.
    pub status: &'static str,
    /// `unpaid`, `paid` or `no_payment_required`.
    pub payment_status: &'static str,
    /// Its currency.
    pub currency: Currency,
    /// What is to be paid.
    pub total: i64,
    /// What of it is tax.
    pub tax: i64,
    /// How it is paid.
    pub way: WayToPay,
    /// Whether paying makes an invoice.
    pub invoice_creation: bool,
    /// Subscription mode: starts with a trial.
    pub trial: bool,
    /// Subscription mode: the price.
    pub price: usize,
    /// The payment, from the first attempt on; shown once complete.
    pub intent: Option<Id>,
    /// The subscription, once complete.
    pub subscription: Option<Id>,
    /// The invoice, once complete.
    pub invoice: Option<Id>,
}

impl Session {
    /// Who buys, in the shop's own words: one owner per customer.
    #[must_use]
    pub fn owner(&self) -> String {
        let of = self.customer.map_or(self.id.operation(), Id::operation);
        format!("user-{of}")
    }

    /// What is bought, in the shop's own words.
    #[must_use]
    pub fn product_name(&self) -> String {
        format!("茶 No. {}", self.id.operation())
    }

    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let is_open = self.status == "open";
        json.text("id", self.id)
            .raw("object", "\"checkout.session\"")
            .nulls(&["after_expiration", "allow_promotion_codes"])
            .number("amount_subtotal", self.total - self.tax)
            .number("amount_total", self.total)
            .text("client_reference_id", self.owner())
            .nulls(&["client_secret"])
            .number("created", self.created)
            .text("currency", self.currency)
            .maybe_text("customer", self.customer)
            .text("customer_creation", "if_required")
            .nulls(&["customer_details", "customer_email"])
            .number("expires_at", self.created + 86_400)
            .maybe_text("invoice", self.invoice)
            .within("invoice_creation", |creation| {
                creation.flag("enabled", self.invoice_creation);
            })
            .flag("livemode", false)
            .within("metadata", |metadata| {
                metadata.text("product_name", self.product_name());
            })
            .raw(
                "mode",
                match self.mode {
                    SessionMode::Payment => "\"payment\"",
                    SessionMode::Subscription => "\"subscription\"",
                },
            )
            .maybe_text("payment_intent", self.shown_intent())
            .nulls(&["payment_link"])
            .text("payment_status", self.payment_status)
            .nulls(&["setup_intent"])
            .text("status", self.status)
            .maybe_text("subscription", self.subscription)
            .text("success_url", "https://shop.example/thanks")
            .within("total_details", |details| {
                details
                    .number("amount_discount", 0)
                    .number("amount_shipping", 0)
                    .number("amount_tax", self.tax);
            })
            .text("ui_mode", "hosted_page")
            .maybe_text(
                "url",
                is_open.then(|| format!("https://pay.example/{}", self.id)),
            );
        json.end()
    }

    /// Null until the session is complete, and with an invoice always.
    #[must_use]
    pub fn shown_intent(&self) -> Option<Id> {
        self.intent
            .filter(|_| self.status == "complete" && self.mode == SessionMode::Payment)
    }
}
