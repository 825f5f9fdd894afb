//! What the payment intent endpoints take.

use crate::params::{ADDRESS, Param, Shape, TEXT};
use crate::resources::payment_method;

const AMOUNT_MAX: i64 = 999_999_999_999;

pub(super) const LIST: &[Param] = &[Param::text("customer")];
/// Any page may ask with a client secret; with a secret key it changes nothing.
pub(super) const RETRIEVE: &[Param] = &[Param::text("client_secret")];

const AUTOMATIC: &[Param] = &[
    Param::boolean("enabled").required(),
    Param::choice("allow_redirects", &["always", "never"]),
];

const SHIPPING: &[Param] = &[
    Param::hash("address", ADDRESS).required(),
    Param::text("name").required(),
    Param::text("carrier"),
    Param::text("phone"),
    Param::text("tracking_number"),
];

/// What creating and updating share.
pub(super) const FIELDS: &[Param] = &[
    Param::choice(
        "capture_method",
        &["automatic", "automatic_async", "manual"],
    ),
    Param::text("customer"),
    Param::text_up_to("description", 1_000).clearable(),
    Param::metadata(),
    Param::text("payment_method").clearable(),
    Param::hash("payment_method_data", payment_method::CREATE),
    Param::list("payment_method_types", &TEXT, 20),
    Param::new("receipt_email", Shape::Email).clearable(),
    Param::choice("setup_future_usage", &["off_session", "on_session"]).clearable(),
    Param::hash("shipping", SHIPPING).clearable(),
    Param::text_up_to("statement_descriptor", 22),
    Param::text_up_to("statement_descriptor_suffix", 22),
    Param::text("transfer_group"),
    Param::not_yet("allowed_payment_method_types"),
    Param::not_yet("amount_details"),
    Param::not_yet("application_fee_amount"),
    Param::not_yet("customer_account"),
    Param::not_yet("excluded_payment_method_types"),
    Param::not_yet("hooks"),
    Param::not_yet("payment_details"),
    Param::not_yet("payment_method_configuration"),
    Param::not_yet("payment_method_options"),
    Param::not_yet("transfer_data"),
];

pub(super) const CREATE: &[Param] = &[
    Param::integer_in("amount", 1, AMOUNT_MAX).required(),
    Param::new("currency", Shape::Currency).required(),
    Param::hash("automatic_payment_methods", AUTOMATIC),
    Param::boolean("confirm"),
    Param::choice("confirmation_method", &["automatic"]),
    Param::boolean("error_on_requires_action"),
    Param::boolean("off_session"),
    Param::url("return_url"),
    Param::boolean("use_stripe_sdk"),
    Param::not_yet("confirmation_token"),
    Param::not_yet("mandate"),
    Param::not_yet("mandate_data"),
    Param::not_yet("managed_payments"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("radar_options"),
];

pub(super) const UPDATE: &[Param] = &[
    Param::integer_in("amount", 1, AMOUNT_MAX),
    Param::new("currency", Shape::Currency),
];

pub(super) const CONFIRM: &[Param] = &[
    Param::choice(
        "capture_method",
        &["automatic", "automatic_async", "manual"],
    ),
    Param::text("client_secret"),
    Param::boolean("error_on_requires_action"),
    Param::boolean("off_session"),
    Param::text("payment_method"),
    Param::hash("payment_method_data", payment_method::CREATE),
    Param::list("payment_method_types", &TEXT, 20),
    Param::new("receipt_email", Shape::Email).clearable(),
    Param::url("return_url"),
    Param::choice("setup_future_usage", &["off_session", "on_session"]).clearable(),
    Param::hash("shipping", SHIPPING).clearable(),
    Param::boolean("use_stripe_sdk"),
    Param::not_yet("allowed_payment_method_types"),
    Param::not_yet("amount_details"),
    Param::not_yet("confirmation_token"),
    Param::not_yet("excluded_payment_method_types"),
    Param::not_yet("hooks"),
    Param::not_yet("mandate"),
    Param::not_yet("mandate_data"),
    Param::not_yet("payment_details"),
    Param::not_yet("payment_method_options"),
    Param::not_yet("radar_options"),
];

pub(super) const CAPTURE: &[Param] = &[
    Param::integer_in("amount_to_capture", 1, AMOUNT_MAX),
    Param::metadata(),
    Param::text_up_to("statement_descriptor", 22),
    Param::text_up_to("statement_descriptor_suffix", 22),
    Param::not_yet("amount_details"),
    Param::not_yet("application_fee_amount"),
    Param::not_yet("final_capture"),
    Param::not_yet("hooks"),
    Param::not_yet("payment_details"),
    Param::not_yet("transfer_data"),
];

pub(super) const CANCEL: &[Param] = &[Param::choice(
    "cancellation_reason",
    &[
        "abandoned",
        "duplicate",
        "fraudulent",
        "requested_by_customer",
    ],
)];
