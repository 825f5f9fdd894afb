//! Subscriptions. <https://docs.stripe.com/api/subscriptions/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::{Currency, PRICES, Price};

/// One thing subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `si_…`
    pub id: Id,
    /// Which price of the catalogue.
    pub price: usize,
    /// So many.
    pub quantity: i64,
    /// Seconds since the Unix epoch.
    pub start: i64,
    /// Seconds since the Unix epoch.
    pub end: i64,
}

impl Item {
    /// Its price.
    #[must_use]
    pub fn price(&self) -> &'static Price {
        PRICES.get(self.price).unwrap_or(&PRICES[0])
    }
}

/// A subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// `sub_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Whose.
    pub customer: Id,
    /// Its currency.
    pub currency: Currency,
    /// Where it stands.
    pub status: &'static str,
    /// One to three things.
    pub items: Vec<Item>,
    /// Ends then.
    pub cancel_at: Option<i64>,
    /// Ends with the period.
    pub cancel_at_period_end: bool,
    /// When that was asked for.
    pub canceled_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// From when until when nothing is paid.
    pub trial: Option<(i64, i64)>,
    /// What becomes of invoices while collection is paused.
    pub pause: Option<&'static str>,
    /// The newest invoice.
    pub latest_invoice: Option<Id>,
    /// Who plans its changes.
    pub schedule: Option<Id>,
}

impl Subscription {
    /// The end of the current period.
    #[must_use]
    pub fn period_end(&self) -> i64 {
        self.items.iter().map(|item| item.end).min().unwrap_or(0)
    }

    /// True while something may still happen to it.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        matches!(self.status, "active" | "trialing" | "past_due")
    }

    /// What a period costs, without tax.
    #[must_use]
    pub fn amount(&self) -> i64 {
        let cost = |item: &Item| item.price().amount * item.quantity;
        self.items.iter().map(cost).sum()
    }

    /// The items as the API writes them.
    pub fn write_items(&self, json: &mut Json) {
        json.list(
            "items",
            format_args!("/v1/subscription_items?subscription={}", self.id),
            &self.items,
            |json, item| {
                let price = item.price();
                json.text("id", item.id)
                    .raw("object", "\"subscription_item\"")
                    .number("created", self.created)
                    .number("current_period_end", item.end)
                    .number("current_period_start", item.start)
                    .raw("metadata", "{}")
                    .within("price", |json| write_price(json, price))
                    .number("quantity", item.quantity)
                    .text("subscription", self.id)
                    .raw("tax_rates", "[]");
            },
        );
    }

    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        json.text("id", self.id)
            .raw("object", "\"subscription\"")
            .number("billing_cycle_anchor", self.created)
            .raw("billing_mode", "{\"type\":\"flexible\"}")
            .maybe_number("cancel_at", self.cancel_at)
            .flag("cancel_at_period_end", self.cancel_at_period_end)
            .maybe_number("canceled_at", self.canceled_at)
            .text("collection_method", "charge_automatically")
            .number("created", self.created)
            .text("currency", self.currency)
            .text("customer", self.customer)
            .nulls(&["days_until_due", "default_payment_method", "description"])
            .raw("discounts", "[]")
            .maybe_number("ended_at", self.ended_at);
        self.write_items(&mut json);
        json.maybe_text("latest_invoice", self.latest_invoice)
            .flag("livemode", false)
            .within("metadata", |metadata| {
                metadata.text(
                    "stripegym_owner",
                    format_args!("user-{}", self.customer.operation()),
                );
            });
        match self.pause {
            Some(behavior) => json.within("pause_collection", |pause| {
                pause.text("behavior", behavior).nulls(&["resumes_at"]);
            }),
            None => json.nulls(&["pause_collection"]),
        };
        json.nulls(&["pending_setup_intent", "pending_update"])
            .maybe_text("schedule", self.schedule)
            .number("start_date", self.created)
            .text("status", self.status)
            .nulls(&["test_clock"])
            .maybe_number("trial_end", self.trial.map(|(_, end)| end))
            .maybe_number("trial_start", self.trial.map(|(start, _)| start));
        json.end()
    }
}

fn write_price(json: &mut Json, price: &Price) {
    json.text("id", price.id)
        .raw("object", "\"price\"")
        .flag("active", true)
        .text("billing_scheme", "per_unit")
        .text("currency", price.currency)
        .flag("livemode", false)
        .nulls(&["lookup_key", "nickname"])
        .raw("metadata", "{}")
        .text("product", price.product)
        .within("recurring", |recurring| {
            recurring
                .text("interval", price.interval)
                .number("interval_count", 1)
                .text("usage_type", "licensed");
        })
        .text("type", "recurring")
        .number("unit_amount", price.amount)
        .text("unit_amount_decimal", price.amount);
}
