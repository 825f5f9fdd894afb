//! Calls on Prices.

use crate::client::{List, Request, calls};
use crate::id::{PriceId, ProductId};
use crate::money::Amount;
use crate::price::{Interval, Price};

/// How often a price recurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurring {
    /// The unit.
    pub interval: Interval,
    /// How many units between two charges.
    pub count: u32,
}

impl Recurring {
    /// Every month.
    pub const MONTHLY: Self = Self {
        interval: Interval::Month,
        count: 1,
    };
}

calls! {
    /// Creates a Price. <https://docs.stripe.com/api/prices/create>
    CreatePrice -> Price {
        /// Your own stable name for it.
        lookup_key: &str;
        /// Takes the lookup key over from the price that has it.
        transfer_lookup_key: bool;
        /// A short name, for yourself.
        nickname: &str;
    } + metadata;

    /// Retrieves a Price. <https://docs.stripe.com/api/prices/retrieve>
    RetrievePrice -> Price {}

    /// Changes a Price; amount and recurrence never change.
    /// <https://docs.stripe.com/api/prices/update>
    UpdatePrice -> Price {
        /// Whether it can be used for new purchases.
        active: bool;
        /// Your own stable name for it.
        lookup_key: &str;
        /// Takes the lookup key over from the price that has it.
        transfer_lookup_key: bool;
        /// A short name, for yourself.
        nickname: &str;
    } + metadata;

    /// Lists Prices, newest first. <https://docs.stripe.com/api/prices/list>
    ListPrices -> List<Price> {
        /// Only those that can, or cannot, be used.
        active: bool;
        /// Only those of this product.
        product: &ProductId;
        /// Only those with one of these names; at most ten.
        lookup_keys: &[&str];
        /// 1 to 100; 10 unless set.
        limit: u32;
        /// The page after this one.
        starting_after: &PriceId;
        /// The page before this one.
        ending_before: &PriceId;
    }
}

impl CreatePrice {
    /// A price that is charged once.
    pub fn one_time(product: &ProductId, amount: Amount) -> Self {
        let request = Request::post("/v1/prices")
            .param("product", product.as_str())
            .param("currency", amount.currency().as_str())
            .param("unit_amount", &amount.minor().to_string());
        Self(request)
    }

    /// A price that is charged again and again.
    pub fn recurring(product: &ProductId, amount: Amount, every: &Recurring) -> Self {
        let Self(request) = Self::one_time(product, amount);
        let request = request
            .param("recurring[interval]", every.interval.as_str())
            .param("recurring[interval_count]", &every.count.to_string());
        Self(request)
    }
}

impl RetrievePrice {
    /// The Price to retrieve.
    pub fn new(id: &PriceId) -> Self {
        Self(Request::get(format!("/v1/prices/{id}")))
    }
}

impl UpdatePrice {
    /// The Price to change.
    pub fn new(id: &PriceId) -> Self {
        Self(Request::post(format!("/v1/prices/{id}")))
    }
}

impl ListPrices {
    /// All of them.
    #[allow(clippy::new_without_default)] // a call is made to be sent, not to be defaulted
    pub fn new() -> Self {
        Self(Request::get("/v1/prices"))
    }
}
