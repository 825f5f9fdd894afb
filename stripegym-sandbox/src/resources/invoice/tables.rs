//! What the invoice endpoints take.

use crate::params::{Param, Shape};
use crate::resources::discount::DISCOUNT;
use crate::resources::subscription;

const METHODS: &[&str] = &["charge_automatically", "send_invoice"];

const FIELDS: &[Param] = &[
    Param::boolean("auto_advance"),
    Param::choice("collection_method", METHODS),
    Param::integer_in("days_until_due", 0, 365),
    Param::text("default_payment_method").clearable(),
    Param::text("description").clearable(),
    Param::list("discounts", &DISCOUNT, 20).clearable(),
    Param::integer("due_date"),
    Param::text("footer").clearable(),
    Param::metadata(),
    Param::text_up_to("statement_descriptor", 22),
    Param::not_yet("account_tax_ids"),
    Param::not_yet("application_fee_amount"),
    Param::not_yet("automatic_tax"),
    Param::not_yet("automatically_finalizes_at"),
    Param::not_yet("custom_fields"),
    Param::not_yet("default_source"),
    Param::not_yet("default_tax_rates"),
    Param::not_yet("effective_at"),
    Param::not_yet("issuer"),
    Param::not_yet("number"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("payment_settings"),
    Param::not_yet("rendering"),
    Param::not_yet("shipping_cost"),
    Param::not_yet("shipping_details"),
    Param::not_yet("transfer_data"),
];

const CREATE_ONLY: &[Param] = &[
    Param::text("customer").required(),
    Param::new("currency", Shape::Currency),
    Param::choice("pending_invoice_items_behavior", &["exclude", "include"]),
    Param::not_yet("customer_account"),
    Param::not_yet("from_invoice"),
    Param::not_yet("subscription"),
];

pub(super) const CREATE: &[&[Param]] = &[FIELDS, CREATE_ONLY];
pub(super) const UPDATE: &[&[Param]] = &[FIELDS];

pub(super) const FINALIZE: &[Param] = &[Param::boolean("auto_advance")];

pub(super) const PAY: &[Param] = &[
    Param::boolean("off_session"),
    Param::boolean("paid_out_of_band"),
    Param::text("payment_method"),
    Param::not_yet("forgive"),
    Param::not_yet("mandate"),
    Param::not_yet("source"),
];

pub(super) const LIST: &[Param] = &[
    Param::choice("collection_method", METHODS),
    Param::text("customer"),
    Param::choice(
        "status",
        &["draft", "open", "paid", "uncollectible", "void"],
    ),
    Param::text("subscription"),
    Param::not_yet("due_date"),
];

const PREVIEW_DETAILS: &[Param] = &[
    Param::list("items", &subscription::ITEM, 20),
    Param::choice(
        "proration_behavior",
        &["always_invoice", "create_prorations", "none"],
    ),
    Param::integer("proration_date"),
    Param::boolean("cancel_at_period_end"),
    Param::boolean("cancel_now"),
    Param::text("trial_end"),
    Param::not_yet("billing_cycle_anchor"),
    Param::not_yet("billing_mode"),
    Param::not_yet("cancel_at"),
    Param::not_yet("default_tax_rates"),
    Param::not_yet("resume_at"),
    Param::not_yet("start_date"),
];

pub(super) const PREVIEW: &[Param] = &[
    Param::text("customer"),
    Param::text("subscription"),
    Param::hash("subscription_details", PREVIEW_DETAILS),
    Param::list("discounts", &DISCOUNT, 20).clearable(),
    Param::new("currency", Shape::Currency),
    Param::choice("preview_mode", &["next", "recurring"]),
    Param::not_yet("automatic_tax"),
    Param::not_yet("customer_details"),
    Param::not_yet("invoice_items"),
    Param::not_yet("issuer"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("schedule"),
    Param::not_yet("schedule_details"),
];
