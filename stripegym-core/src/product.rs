//! Products. <https://docs.stripe.com/api/products>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::{PriceId, ProductId};
use crate::object::{Expandable, views};
use crate::price::Price;

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// A Product. <https://docs.stripe.com/api/products/object>
    Product("product") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        product_id: ProductId = "id";
        /// What it is called.
        name: &str;
        /// Whether it can be bought.
        active: bool;
        /// What it is.
        description: Option<&str>;
        /// The price that it is sold at unless another is named.
        default_price: Option<Expandable<PriceId>>, default_price_object: Price;
        /// Pictures, at most eight addresses.
        images: Option<Vec<&str>>;
        /// Stripe's code for its taxes.
        tax_code: Option<&str>;
        /// What one of it is called on receipts.
        unit_label: Option<&str>;
        /// True for real money.
        livemode: bool;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Seconds since the Unix epoch.
        updated: Option<i64>;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}
