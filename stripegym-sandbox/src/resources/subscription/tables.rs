//! What the subscription endpoints take.

use crate::params::{Param, Shape, TEXT};
use crate::resources::discount::DISCOUNT;
use crate::resources::price::PRICE_DATA;

/// An element of `items`; also of previews.
pub(crate) const ITEM: Shape = Shape::Hash(&[
    Param::text("id"),
    Param::text("price"),
    Param::hash("price_data", PRICE_DATA),
    Param::integer_in("quantity", 0, 999_999),
    Param::metadata(),
    Param::boolean("deleted"),
    Param::not_yet("billing_thresholds"),
    Param::not_yet("clear_usage"),
    Param::not_yet("current_trial"),
    Param::not_yet("discounts"),
    Param::not_yet("tax_rates"),
]);

pub(crate) const PRORATION: Param = Param::choice(
    "proration_behavior",
    &["always_invoice", "create_prorations", "none"],
);

pub(crate) const BEHAVIOR: Param = Param::choice(
    "payment_behavior",
    &[
        "allow_incomplete",
        "default_incomplete",
        "error_if_incomplete",
        "pending_if_incomplete",
    ],
);

const PAYMENT_SETTINGS: &[Param] = &[
    Param::choice("save_default_payment_method", &["off", "on_subscription"]),
    Param::list("payment_method_types", &TEXT, 20).clearable(),
    Param::not_yet("payment_method_options"),
];

const END_BEHAVIOR: &[Param] = &[
    Param::choice(
        "missing_payment_method",
        &["cancel", "create_invoice", "pause"],
    )
    .required(),
    Param::not_yet("billing_cycle_anchor"),
];

const TRIAL_SETTINGS: &[Param] = &[Param::hash("end_behavior", END_BEHAVIOR).required()];

const BILLING_MODE: &[Param] = &[
    Param::choice("type", &["classic", "flexible"]).required(),
    Param::not_yet("flexible"),
];

const DETAILS: &[Param] = &[
    Param::text("comment").clearable(),
    Param::choice(
        "feedback",
        &[
            "customer_service",
            "low_quality",
            "missing_features",
            "other",
            "switched_service",
            "too_complex",
            "too_expensive",
            "unused",
        ],
    )
    .clearable(),
];

const PAUSE_COLLECTION: &[Param] = &[
    Param::choice("behavior", &["keep_as_draft", "mark_uncollectible", "void"]).required(),
    Param::integer("resumes_at"),
];

/// What creating and updating share.
pub(super) const FIELDS: &[Param] = &[
    Param::text("cancel_at").clearable(),
    Param::boolean("cancel_at_period_end"),
    Param::choice(
        "collection_method",
        &["charge_automatically", "send_invoice"],
    ),
    Param::integer_in("days_until_due", 0, 365),
    Param::text("default_payment_method").clearable(),
    Param::text_up_to("description", 500).clearable(),
    Param::list("discounts", &DISCOUNT, 20).clearable(),
    Param::list("items", &ITEM, 20),
    Param::metadata(),
    Param::boolean("off_session"),
    BEHAVIOR,
    Param::hash("payment_settings", PAYMENT_SETTINGS),
    PRORATION,
    Param::text("trial_end"),
    Param::not_yet("trial_from_plan"),
    Param::hash("trial_settings", TRIAL_SETTINGS),
    Param::not_yet("add_invoice_items"),
    Param::not_yet("application_fee_percent"),
    Param::not_yet("automatic_tax"),
    Param::not_yet("billing_schedules"),
    Param::not_yet("billing_thresholds"),
    Param::not_yet("default_source"),
    Param::not_yet("default_tax_rates"),
    Param::not_yet("invoice_settings"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("pending_invoice_item_interval"),
    Param::not_yet("transfer_data"),
];

pub(super) const CREATE: &[Param] = &[
    Param::text("customer").required(),
    Param::integer("billing_cycle_anchor"),
    Param::hash("billing_mode", BILLING_MODE),
    Param::not_yet("currency"),
    Param::integer_in("trial_period_days", 1, 730),
    Param::not_yet("backdate_start_date"),
    Param::not_yet("billing_cycle_anchor_config"),
    Param::not_yet("customer_account"),
    Param::not_yet("managed_payments"),
];

const ANCHOR: &[Param] = &[Param::choice("type", &["now", "unchanged"]).required()];

/// A word before endive, a hash since.
pub(super) const BILLING_CYCLE_ANCHOR: Param =
    Param::new("billing_cycle_anchor", Shape::TextOrHash(ANCHOR));

pub(super) const UPDATE: &[Param] = &[
    BILLING_CYCLE_ANCHOR,
    Param::hash("cancellation_details", DETAILS),
    Param::hash("pause_collection", PAUSE_COLLECTION).clearable(),
    Param::integer("proration_date"),
];

pub(super) const CANCEL: &[Param] = &[
    Param::hash("cancellation_details", DETAILS),
    Param::boolean("invoice_now"),
    Param::boolean("prorate"),
];

/// The time that was paid for and not used is not credited yet.
pub(super) const PAUSE: &[Param] = &[
    Param::choice("type", &["subscription"]),
    Param::not_yet("bill_for"),
    Param::not_yet("invoicing_behavior"),
];

pub(super) const RESUME: &[Param] = &[
    BILLING_CYCLE_ANCHOR,
    Param::not_yet("payment_behavior"),
    Param::not_yet("proration_behavior"),
    Param::not_yet("proration_date"),
];

pub(super) const LIST: &[Param] = &[
    Param::choice(
        "collection_method",
        &["charge_automatically", "send_invoice"],
    ),
    Param::text("customer"),
    Param::text("price"),
    Param::choice(
        "status",
        &[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        ],
    ),
    Param::text("test_clock"),
    Param::not_yet("automatic_tax"),
    Param::not_yet("current_period_end"),
    Param::not_yet("current_period_start"),
    Param::not_yet("plan"),
];

const ITEM_FIELDS: &[Param] = &[
    Param::metadata(),
    BEHAVIOR,
    Param::text("price"),
    Param::hash("price_data", PRICE_DATA),
    PRORATION,
    Param::integer("proration_date"),
    Param::integer_in("quantity", 0, 999_999),
    Param::not_yet("billing_thresholds"),
    Param::not_yet("discounts"),
    Param::not_yet("tax_rates"),
];

pub(super) const ITEM_CREATE: &[&[Param]] =
    &[ITEM_FIELDS, &[Param::text("subscription").required()]];
pub(super) const ITEM_UPDATE: &[&[Param]] = &[ITEM_FIELDS, &[Param::boolean("off_session")]];
pub(super) const ITEM_DELETE: &[Param] = &[PRORATION, Param::integer("proration_date")];
