//! Prices. <https://docs.stripe.com/api/prices>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::{PriceId, ProductId};
use crate::money::{Amount, Currency};
use crate::object::{Expandable, FieldError, Object, string_enums, views};
use crate::product::Product;

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// How often a recurring price is charged.
    Interval {
        /// Daily.
        Day = "day",
        /// Weekly.
        Week = "week",
        /// Monthly.
        Month = "month",
        /// Yearly.
        Year = "year",
    }

    /// Whether a price is charged once or again and again.
    PriceType {
        /// Once.
        OneTime = "one_time",
        /// Again and again.
        Recurring = "recurring",
    }

    /// Whether taxes are within the price or come on top.
    TaxBehavior {
        /// On top.
        Exclusive = "exclusive",
        /// Within.
        Inclusive = "inclusive",
        /// Not said.
        Unspecified = "unspecified",
    }

    /// Whether a recurring price is for what is ordered or for what is used.
    UsageType {
        /// For the quantity that is ordered.
        Licensed = "licensed",
        /// For what a meter counts.
        Metered = "metered",
    }
}

views! {
    /// A Price. <https://docs.stripe.com/api/prices/object>
    Price("price") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        price_id: PriceId = "id";
        /// Whether it can be used for new purchases.
        active: bool;
        /// The currency of the amounts.
        currency: Currency;
        /// Minor units for one; absent for tiers and fractions.
        unit_amount: Option<i64>;
        /// Minor units for one, fractions included, as a decimal number.
        unit_amount_decimal: Option<&str>;
        /// The amount for one, with its currency.
        unit_price: Option<Amount> => unit_price ["unit_amount", "currency"];
        /// What it is a price of.
        product: Expandable<ProductId>, product_object: Product;
        /// Your own stable name for it.
        lookup_key: Option<&str>;
        /// A short name, for yourself.
        nickname: Option<&str>;
        /// Once or again and again.
        price_type: PriceType = "type";
        /// How often it recurs; `None` for a one-time price.
        interval: Option<Interval> = "recurring"."interval";
        /// How many intervals there are between two charges.
        interval_count: Option<i64> = "recurring"."interval_count";
        /// Whether it is for what is ordered or for what is used.
        usage_type: Option<UsageType> = "recurring"."usage_type";
        /// Whether taxes are within.
        tax_behavior: Option<TaxBehavior>;
        /// True for real money.
        livemode: bool;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

fn unit_price(price: &Object) -> Result<Option<Amount>, FieldError> {
    let currency = price.get("currency")?;
    let minor: Option<i64> = price.get("unit_amount")?;
    Ok(minor.map(|minor| Amount::new(minor, currency)))
}
