//! What the session endpoints take.

use crate::params::{Param, Shape, TEXT};
use crate::resources::price::PRICE_DATA;

const LINES_MAX: usize = 100;
const QUANTITY_MAX: i64 = 999_999;

const LOCALES: &[&str] = &[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];

const LINE: Shape = Shape::Hash(&[
    Param::text("price"),
    Param::hash("price_data", PRICE_DATA),
    Param::integer_in("quantity", 1, QUANTITY_MAX),
    Param::metadata(),
    Param::not_yet("adjustable_quantity"),
    Param::not_yet("dynamic_tax_rates"),
    Param::not_yet("tax_rates"),
]);

const PAYMENT_INTENT_DATA: &[Param] = &[
    Param::choice(
        "capture_method",
        &["automatic", "automatic_async", "manual"],
    ),
    Param::text_up_to("description", 1_000),
    Param::metadata(),
    Param::new("receipt_email", Shape::Email),
    Param::choice("setup_future_usage", &["off_session", "on_session"]),
    Param::text_up_to("statement_descriptor", 22),
    Param::text_up_to("statement_descriptor_suffix", 22),
    Param::text("transfer_group"),
    Param::not_yet("application_fee_amount"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("shipping"),
    Param::not_yet("transfer_data"),
];

const END_BEHAVIOR: &[Param] = &[Param::choice(
    "missing_payment_method",
    &["cancel", "create_invoice", "pause"],
)
.required()];
const TRIAL_SETTINGS: &[Param] = &[Param::hash("end_behavior", END_BEHAVIOR).required()];

const SUBSCRIPTION_DATA: &[Param] = &[
    Param::text_up_to("description", 500),
    Param::metadata(),
    Param::integer("trial_end"),
    Param::integer_in("trial_period_days", 1, 730),
    Param::hash("trial_settings", TRIAL_SETTINGS),
    Param::not_yet("application_fee_percent"),
    Param::not_yet("billing_cycle_anchor"),
    Param::not_yet("billing_mode"),
    Param::not_yet("default_tax_rates"),
    Param::not_yet("invoice_settings"),
    Param::not_yet("on_behalf_of"),
    Param::not_yet("proration_behavior"),
    Param::not_yet("transfer_data"),
];

const SETUP_INTENT_DATA: &[Param] = &[
    Param::text_up_to("description", 1_000),
    Param::metadata(),
    Param::not_yet("on_behalf_of"),
];

const UI_MODES: &[&str] = &[
    "hosted_page",
    "hosted",
    "embedded_page",
    "embedded",
    "elements",
    "custom",
    "form",
];
const ENABLED: &[Param] = &[Param::boolean("enabled").required()];
const INVOICE_CREATION: &[Param] = &[
    Param::boolean("enabled").required(),
    Param::not_yet("invoice_data"),
];

pub(super) const CREATE: &[Param] = &[
    Param::choice("mode", &["payment", "setup", "subscription"]).required(),
    Param::list("line_items", &LINE, LINES_MAX),
    Param::url("success_url"),
    Param::url("cancel_url"),
    Param::text("customer"),
    Param::new("customer_email", Shape::Email),
    Param::choice("customer_creation", &["always", "if_required"]),
    Param::text_up_to("client_reference_id", 200),
    Param::metadata(),
    Param::hash("payment_intent_data", PAYMENT_INTENT_DATA),
    Param::integer("expires_at"),
    Param::hash("invoice_creation", INVOICE_CREATION),
    Param::choice("locale", LOCALES),
    Param::new("currency", Shape::Currency),
    Param::choice("ui_mode", UI_MODES),
    Param::list("payment_method_types", &TEXT, 20),
    Param::list("excluded_payment_method_types", &TEXT, 50),
    Param::hash("automatic_tax", ENABLED),
    Param::boolean("allow_promotion_codes"),
    Param::choice("billing_address_collection", &["auto", "required"]),
    Param::hash("phone_number_collection", ENABLED),
    Param::choice(
        "submit_type",
        &["auto", "book", "donate", "pay", "subscribe"],
    ),
    Param::choice("payment_method_collection", &["always", "if_required"]),
    // Stripe has these; the page or the rules behind it do not know them yet.
    Param::not_yet("adaptive_pricing"),
    Param::not_yet("after_expiration"),
    Param::not_yet("allowed_payment_method_types"),
    Param::not_yet("approval_method"),
    Param::not_yet("branding_settings"),
    Param::not_yet("consent_collection"),
    Param::not_yet("custom_fields"),
    Param::not_yet("custom_text"),
    Param::not_yet("customer_account"),
    Param::not_yet("customer_update"),
    Param::not_yet("discounts"),
    Param::not_yet("integration_identifier"),
    Param::not_yet("managed_payments"),
    Param::not_yet("name_collection"),
    Param::not_yet("optional_items"),
    Param::not_yet("origin_context"),
    Param::not_yet("payment_method_configuration"),
    Param::not_yet("payment_method_data"),
    Param::not_yet("payment_method_options"),
    Param::not_yet("permissions"),
    Param::not_yet("redirect_on_completion"),
    Param::not_yet("return_url"),
    Param::not_yet("saved_payment_method_options"),
    Param::hash("setup_intent_data", SETUP_INTENT_DATA),
    Param::not_yet("shipping_address_collection"),
    Param::not_yet("shipping_options"),
    Param::hash("subscription_data", SUBSCRIPTION_DATA),
    Param::not_yet("tax_id_collection"),
    Param::not_yet("wallet_options"),
];

pub(super) const UPDATE: &[Param] = &[
    Param::metadata(),
    Param::not_yet("collected_information"),
    Param::not_yet("line_items"),
    Param::not_yet("payment_intent_data"),
    Param::not_yet("shipping_options"),
];

const DETAILS: &[Param] = &[Param::text("email").required()];

pub(super) const LIST: &[Param] = &[
    Param::text("customer"),
    Param::hash("customer_details", DETAILS),
    Param::text("payment_intent"),
    Param::text("payment_link"),
    Param::choice("status", &["complete", "expired", "open"]),
    Param::text("subscription"),
];
