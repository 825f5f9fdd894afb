//! Calls on Prices.

use crate::client::{List, Param, SearchPage, TimeRange, calls, parts, put_amount};
use crate::form::Form;
use crate::id::{PriceId, ProductId};
use crate::money::Amount;
use crate::price::{Interval, Price, PriceType, TaxBehavior};

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

    /// Every year.
    pub const YEARLY: Self = Self {
        interval: Interval::Year,
        count: 1,
    };
}

impl Param for &Recurring {
    fn put(self, form: &mut Form, key: &str) {
        form.set(format!("{key}[interval]"), self.interval.as_str());
        form.set(format!("{key}[interval_count]"), self.count.to_string());
    }
}

parts! {
    /// A price made in passing, without a Price object of its own.
    PriceData[] {
        /// Whether taxes are within.
        tax_behavior: TaxBehavior;
    }
}

impl PriceData {
    /// Of a product that there is.
    pub fn of(product: &ProductId, amount: Amount) -> Self {
        let Self(mut form) = Self::start();
        form.set("product", product.as_str());
        put_amount(&mut form, "unit_amount", amount);
        Self(form)
    }

    /// Of a product made in passing. Checkout and Prices take this; subscriptions
    /// and invoices want a product that there is.
    pub fn named(name: &str, amount: Amount) -> Self {
        let Self(mut form) = Self::start();
        form.set("product_data[name]", name);
        put_amount(&mut form, "unit_amount", amount);
        Self(form)
    }

    /// Charged again and again.
    pub fn every(mut self, every: &Recurring) -> Self {
        every.put(&mut self.0, "recurring");
        self
    }
}

calls! {
    /// Creates a Price. <https://docs.stripe.com/api/prices/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::price::{CreatePrice, Recurring};
    /// use stripegym_core::{Amount, Currency};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let product = "prod_1".parse()?;
    /// let monthly = Amount::new(980, Currency::JPY);
    /// let price = CreatePrice::recurring(&product, monthly, &Recurring::MONTHLY)
    ///     .lookup_key("premium")
    ///     .send(&stripe)
    ///     .await?;
    /// assert_eq!(price.unit_price()?, Some(monthly));
    /// # Ok(()) }
    /// ```
    CreatePrice[] -> Price = Post "/v1/prices" {
        /// Your own stable name for it.
        lookup_key: &str;
        /// Takes the lookup key over from the price that has it.
        transfer_lookup_key: bool;
        /// A short name, for yourself.
        nickname: &str;
        /// Whether it can be used for new purchases.
        active: bool;
        /// Whether taxes are within.
        tax_behavior: TaxBehavior;
    } + metadata;

    /// Retrieves a Price. <https://docs.stripe.com/api/prices/retrieve>
    RetrievePrice(id: &PriceId) -> Price = Get "/v1/prices/{id}" {}

    /// Changes a Price; amount and recurrence never change.
    /// <https://docs.stripe.com/api/prices/update>
    UpdatePrice(id: &PriceId) -> Price = Post "/v1/prices/{id}" {
        /// Whether it can be used for new purchases.
        active: bool;
        /// Your own stable name for it.
        lookup_key: &str;
        /// Takes the lookup key over from the price that has it.
        transfer_lookup_key: bool;
        /// A short name, for yourself.
        nickname: &str;
        /// Whether taxes are within; once said, it stays.
        tax_behavior: TaxBehavior;
    } + metadata;

    /// Lists Prices, newest first. <https://docs.stripe.com/api/prices/list>
    ListPrices() -> List<Price> = Get "/v1/prices" {
        /// Only those that can, or cannot, be used.
        active: bool;
        /// Only those of this product.
        product: &ProductId;
        /// Only those with one of these names; at most ten.
        lookup_keys: &[&str];
        /// Only those charged once, or again and again.
        price_type: PriceType = "type";
        /// Only those made at this time.
        created: TimeRange;
    } + list(Price, PriceId);

    /// Searches Prices. <https://docs.stripe.com/api/prices/search>
    SearchPrices(; query: &str) -> SearchPage<Price> = Get "/v1/prices/search" {}
        + search(Price);
}

impl CreatePrice {
    /// A price that is charged once.
    pub fn one_time(product: &ProductId, amount: Amount) -> Self {
        let Self(mut request) = Self::start();
        request.form_mut().set("product", product.as_str());
        put_amount(request.form_mut(), "unit_amount", amount);
        Self(request)
    }

    /// A price that is charged again and again.
    pub fn recurring(product: &ProductId, amount: Amount, every: &Recurring) -> Self {
        let Self(mut request) = Self::one_time(product, amount);
        every.put(request.form_mut(), "recurring");
        Self(request)
    }
}
