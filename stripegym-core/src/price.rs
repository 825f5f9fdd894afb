//! Prices. <https://docs.stripe.com/api/prices>

#[cfg(feature = "client")]
mod requests;

use crate::id::{PriceId, ProductId};
use crate::money::{Amount, Currency};
use crate::object::{Expandable, FieldError, string_enums, views};

#[cfg(feature = "client")]
pub use requests::{CreatePrice, ListPrices, Recurring, RetrievePrice, UpdatePrice};

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
}

views! {
    /// A Price. <https://docs.stripe.com/api/prices/object>
    Price("price") {
        /// Its id.
        id: &str;
        /// Whether it can be used for new purchases.
        active: bool;
        /// The currency of the amounts.
        currency: Currency;
        /// Minor units for one; absent for tiers and fractions.
        unit_amount: Option<i64>;
        /// What it is a price of.
        product: Expandable<ProductId>;
        /// Your own stable name for it.
        lookup_key: Option<&str>;
        /// A short name, for yourself.
        nickname: Option<&str>;
        /// How often it recurs; `None` for a one-time price.
        interval: Option<Interval> = "recurring"."interval";
        /// Seconds since the Unix epoch.
        created: i64;
    }
}

impl Price {
    /// The id, as a type.
    ///
    /// # Errors
    /// When it is absent or no id.
    pub fn price_id(&self) -> Result<PriceId, FieldError> {
        self.object()
            .get::<Expandable<_>>("id")
            .map(|Expandable(id)| id)
    }

    /// The amount for one, with its currency.
    ///
    /// # Errors
    /// When either is of another type.
    pub fn unit_price(&self) -> Result<Option<Amount>, FieldError> {
        let currency = self.currency()?;
        Ok(self
            .unit_amount()?
            .map(|minor| Amount::new(minor, currency)))
    }
}
