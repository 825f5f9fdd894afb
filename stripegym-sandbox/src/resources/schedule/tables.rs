//! What the schedule endpoints take.

use crate::params::{Param, Shape};

const PHASES_MAX: usize = 10;

const ITEM: Shape = Shape::Hash(&[
    Param::text("price").required(),
    Param::integer_in("quantity", 0, 999_999),
    Param::metadata(),
    Param::not_yet("discounts"),
    Param::not_yet("price_data"),
    Param::not_yet("tax_rates"),
]);

const DURATION: &[Param] = &[
    Param::choice("interval", &["day", "month", "week", "year"]).required(),
    Param::integer_in("interval_count", 1, 1_000),
];

const PRORATION: Param = Param::choice(
    "proration_behavior",
    &["always_invoice", "create_prorations", "none"],
);

const PHASE: Shape = Shape::Hash(&[
    Param::list("items", &ITEM, 20).required(),
    Param::text("start_date"),
    Param::integer("end_date"),
    Param::hash("duration", DURATION),
    Param::integer_in("iterations", 1, 1_000),
    PRORATION,
    Param::metadata(),
    Param::not_yet("add_invoice_items"),
    Param::not_yet("billing_cycle_anchor"),
    Param::not_yet("collection_method"),
    Param::not_yet("coupon"),
    Param::not_yet("default_payment_method"),
    Param::not_yet("description"),
    Param::not_yet("discounts"),
    Param::not_yet("trial"),
    Param::not_yet("trial_end"),
]);

pub(super) const CREATE: &[Param] = &[
    Param::text("from_subscription").required(),
    Param::metadata(),
    Param::not_yet("customer"),
    Param::not_yet("default_settings"),
    Param::not_yet("end_behavior"),
    Param::not_yet("phases"),
    Param::not_yet("start_date"),
];

pub(super) const UPDATE: &[Param] = &[
    Param::choice("end_behavior", &["cancel", "release"]),
    Param::list("phases", &PHASE, PHASES_MAX),
    Param::metadata(),
    PRORATION,
    Param::not_yet("default_settings"),
    Param::not_yet("pause_schedules"),
];

pub(super) const LIST: &[Param] = &[Param::text("customer"), Param::not_yet("scheduled")];
pub(super) const CANCEL: &[Param] = &[Param::boolean("invoice_now"), Param::boolean("prorate")];
