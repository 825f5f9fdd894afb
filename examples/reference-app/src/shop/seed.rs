//! Fills an empty sandbox with what the shop sells. Run at every start, it adds
//! only what is missing.

use stripegym_core::client::ApiError;
use stripegym_core::id::{PriceId, ProductId};
use stripegym_core::price::{CreatePrice, ListPrices, Price, Recurring};
use stripegym_core::product::{CreateProduct, RetrieveProduct};
use stripegym_core::{Amount, Client, Currency};

use super::ShopError;
use crate::config::Prices;

/// One thing for sale. The lookup key finds its price, and its own id its product.
struct Item {
    lookup_key: &'static str,
    product: &'static str,
    name: &'static str,
    yen: i64,
    every: Option<Recurring>,
}

const PROTEIN: Item = Item {
    lookup_key: "protein",
    product: "prod_original_protein",
    name: "オリジナルプロテイン",
    yen: 4_980,
    every: None,
};
const STANDARD: Item = Item {
    lookup_key: "standard_monthly",
    product: "prod_standard_plan",
    name: "スタンダードプラン",
    yen: 5_800,
    every: Some(Recurring::MONTHLY),
};
const PREMIUM: Item = Item {
    lookup_key: "premium_monthly",
    product: "prod_premium_plan",
    name: "プレミアムプラン",
    yen: 9_800,
    every: Some(Recurring::MONTHLY),
};

/// The prices of what is for sale, made where they are missing.
pub(crate) async fn seed(stripe: &Client) -> Result<Prices, ShopError> {
    let keys = [PROTEIN.lookup_key, STANDARD.lookup_key, PREMIUM.lookup_key];
    let known = ListPrices::new()
        .lookup_keys(&keys)
        .limit(10)
        .send(stripe)
        .await?
        .into_data();
    Ok(Prices {
        protein: price(stripe, &known, &PROTEIN).await?,
        standard: Some(price(stripe, &known, &STANDARD).await?),
        premium: Some(price(stripe, &known, &PREMIUM).await?),
    })
}

async fn price(stripe: &Client, known: &[Price], item: &Item) -> Result<PriceId, ShopError> {
    for price in known {
        if price.lookup_key()? == Some(item.lookup_key) {
            return Ok(price.price_id()?);
        }
    }
    let product = product(stripe, item).await?;
    let amount = Amount::new(item.yen, Currency::JPY);
    let create = match &item.every {
        None => CreatePrice::one_time(&product, amount),
        Some(every) => CreatePrice::recurring(&product, amount, every),
    };
    Ok(create
        .lookup_key(item.lookup_key)
        .send(stripe)
        .await?
        .price_id()?)
}

/// The product, which an interrupted start may have left without its price.
async fn product(stripe: &Client, item: &Item) -> Result<ProductId, ShopError> {
    let Ok(id) = ProductId::parse(item.product) else {
        return Err(ShopError::NotForSale);
    };
    match RetrieveProduct::new(&id).send(stripe).await {
        Ok(_) => {}
        Err(ApiError::NotFound(_)) => {
            CreateProduct::new(item.name).id(&id).send(stripe).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(id)
}
