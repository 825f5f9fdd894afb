//! What is for sale, as Stripe knows it.

use serde_json::Value;
use stripegym_core::id::PriceId;
use stripegym_core::price::{Price, RetrievePrice};
use stripegym_core::{Amount, Client};

use super::ShopError;
use crate::config::Prices;

/// What is for sale, in the order in which it is shown.
#[derive(Debug)]
pub(crate) struct Catalogue {
    products: Vec<Product>,
}

/// One thing, at one price.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) name: String,
    pub(crate) price: PriceId,
    pub(crate) amount: Amount,
    /// How often it is charged; `None` for once.
    pub(crate) interval: Option<String>,
    /// Whether it can be bought here and now.
    pub(crate) is_available: bool,
    /// `standard` or `premium`, for the plans.
    pub(crate) plan_type: Option<&'static str>,
}

impl Catalogue {
    pub(super) async fn load(stripe: &Client, prices: &Prices) -> Result<Self, ShopError> {
        let mut products = vec![Product::load(stripe, &prices.protein, None).await?];
        let plans = [(&prices.standard, "standard"), (&prices.premium, "premium")];
        for (price, plan_type) in plans {
            if let Some(price) = price {
                products.push(Product::load(stripe, price, Some(plan_type)).await?);
            }
        }
        Ok(Self { products })
    }

    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    pub(crate) fn find(&self, price: &PriceId) -> Option<&Product> {
        self.products.iter().find(|product| product.price == *price)
    }
}

impl Product {
    async fn load(
        stripe: &Client,
        id: &PriceId,
        plan_type: Option<&'static str>,
    ) -> Result<Self, ShopError> {
        let price: Price = RetrievePrice::new(id)
            .expand("product")
            .send(stripe)
            .await?;
        let interval = price
            .interval()?
            .map(|interval| interval.as_str().to_owned());
        // A price without a plain amount (tiers, or one the buyer chooses) is
        // none that this shop could show.
        let amount = price.unit_price()?.ok_or(ShopError::NotForSale)?;
        let product = price.object().json().get("product");
        let name = product
            .and_then(|product| product.get("name"))
            .and_then(Value::as_str);
        Ok(Self {
            name: name.unwrap_or_default().to_owned(),
            price: id.clone(),
            amount,
            // Plans come with subscriptions, and a price that recurs is none for one payment.
            is_available: price.active()? && interval.is_none() && plan_type.is_none(),
            interval,
            plan_type,
        })
    }
}
