//! Subscription schedules. <https://docs.stripe.com/api/subscription_schedules/object>

use crate::world::id::Id;
use crate::world::json::Json;
use crate::world::money::{Currency, PRICES};

/// One stretch of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Seconds since the Unix epoch.
    pub start: i64,
    /// Seconds since the Unix epoch.
    pub end: i64,
    /// Which price of the catalogue.
    pub price: usize,
    /// So many.
    pub quantity: i64,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `sub_sched_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// Whose.
    pub customer: Id,
    /// Its currency.
    pub currency: Currency,
    /// `active`, `completed`, `released` or `canceled`.
    pub status: &'static str,
    /// What it plans.
    pub subscription: Option<Id>,
    /// What it planned.
    pub released: Option<Id>,
    /// Now and next.
    pub phases: Vec<Phase>,
    /// Which phase it is in.
    pub current: usize,
    /// When it was canceled, completed or released.
    pub closed_at: Option<i64>,
}

impl Schedule {
    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        let closed_as = |status| self.closed_at.filter(|_| self.status == status);
        json.text("id", self.id)
            .raw("object", "\"subscription_schedule\"")
            .maybe_number("canceled_at", closed_as("canceled"))
            .maybe_number("completed_at", closed_as("completed"))
            .number("created", self.created);
        match self.phases.get(self.current) {
            Some(phase) if self.status == "active" => json.within("current_phase", |json| {
                json.number("end_date", phase.end)
                    .number("start_date", phase.start);
            }),
            _ => json.nulls(&["current_phase"]),
        };
        json.text("customer", self.customer)
            .text("end_behavior", "release")
            .flag("livemode", false)
            .raw("metadata", "{}")
            .array("phases", &self.phases, |json, phase| {
                json.text("currency", self.currency)
                    .number("end_date", phase.end)
                    .array("items", [phase], |json, phase| {
                        let price = PRICES.get(phase.price).unwrap_or(&PRICES[0]);
                        json.raw("metadata", "{}")
                            .text("price", price.id)
                            .number("quantity", phase.quantity);
                    })
                    .raw("metadata", "{}")
                    .text("proration_behavior", "none")
                    .number("start_date", phase.start)
                    .nulls(&["trial_end"]);
            })
            .maybe_number("released_at", closed_as("released"))
            .maybe_text("released_subscription", self.released)
            .text("status", self.status)
            .maybe_text("subscription", self.subscription)
            .nulls(&["test_clock"]);
        json.end()
    }
}
