//! What the price endpoints take, and what others take to make a price on the way.

use crate::params::{Param, Shape, TEXT};
use crate::resources::product::PRODUCT_DATA;

const AMOUNT_MAX: i64 = 999_999_999_999;
const INTERVALS: &[&str] = &["day", "week", "month", "year"];
const USAGE: &[&str] = &["licensed", "metered"];

const RECURRING: &[Param] = &[
    Param::choice("interval", INTERVALS).required(),
    Param::integer_in("interval_count", 1, 1_095),
    Param::choice("usage_type", USAGE),
    Param::integer_in("trial_period_days", 1, 730),
    Param::not_yet("meter"),
];

const CURRENCY: Param = Param::new("currency", Shape::Currency).required();
const UNIT_AMOUNT: Param = Param::integer_in("unit_amount", 0, AMOUNT_MAX);
const UNIT_AMOUNT_DECIMAL: Param = Param::new("unit_amount_decimal", Shape::Decimal);
const TAX_BEHAVIOR: Param =
    Param::choice("tax_behavior", &["exclusive", "inclusive", "unspecified"]);

/// `price_data` of a line item.
pub(crate) const PRICE_DATA: &[Param] = &[
    CURRENCY,
    Param::text("product"),
    Param::hash("product_data", PRODUCT_DATA),
    Param::hash("recurring", RECURRING),
    TAX_BEHAVIOR,
    UNIT_AMOUNT,
    UNIT_AMOUNT_DECIMAL,
];

/// `default_price_data` of a product.
pub(crate) const DEFAULT_PRICE_DATA: &[Param] = &[
    CURRENCY,
    Param::metadata(),
    Param::hash("recurring", RECURRING),
    TAX_BEHAVIOR,
    UNIT_AMOUNT,
    UNIT_AMOUNT_DECIMAL,
    Param::not_yet("currency_options"),
    Param::not_yet("custom_unit_amount"),
];

pub(crate) const CREATE: &[Param] = &[
    CURRENCY,
    Param::boolean("active"),
    Param::choice("billing_scheme", &["per_unit", "tiered"]),
    Param::text_up_to("lookup_key", 200),
    Param::metadata(),
    Param::text("nickname"),
    Param::text("product"),
    Param::hash("product_data", PRODUCT_DATA),
    Param::hash("recurring", RECURRING),
    TAX_BEHAVIOR,
    Param::boolean("transfer_lookup_key"),
    UNIT_AMOUNT,
    UNIT_AMOUNT_DECIMAL,
    Param::not_yet("currency_options"),
    Param::not_yet("custom_unit_amount"),
    Param::not_yet("tiers"),
    Param::not_yet("tiers_mode"),
    Param::not_yet("transform_quantity"),
];

pub(crate) const UPDATE: &[Param] = &[
    Param::boolean("active"),
    Param::text_up_to("lookup_key", 200).clearable(),
    Param::metadata(),
    Param::text("nickname").clearable(),
    TAX_BEHAVIOR,
    Param::boolean("transfer_lookup_key"),
    Param::not_yet("currency_options"),
];

const RHYTHM: &[Param] = &[
    Param::choice("interval", INTERVALS),
    Param::choice("usage_type", USAGE),
    Param::not_yet("meter"),
];

pub(crate) const LIST: &[Param] = &[
    Param::boolean("active"),
    Param::new("currency", Shape::Currency),
    Param::list("lookup_keys", &TEXT, 10),
    Param::text("product"),
    Param::choice("type", &["one_time", "recurring"]),
    Param::hash("recurring", RHYTHM),
];
