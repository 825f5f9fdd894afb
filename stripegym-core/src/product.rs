//! Products. <https://docs.stripe.com/api/products>

#[cfg(feature = "client")]
mod requests;

use crate::id::{PriceId, ProductId};
use crate::object::{Expandable, FieldError, views};

#[cfg(feature = "client")]
pub use requests::{CreateProduct, ListProducts, RetrieveProduct, UpdateProduct};

views! {
    /// A Product. <https://docs.stripe.com/api/products/object>
    Product("product") {
        /// Its id.
        id: &str;
        /// What it is called.
        name: &str;
        /// Whether it can be bought.
        active: bool;
        /// What it is.
        description: Option<&str>;
        /// The price that it is sold at unless another is named.
        default_price: Option<Expandable<PriceId>>;
        /// Seconds since the Unix epoch.
        created: i64;
    }
}

impl Product {
    /// The id, as a type.
    ///
    /// # Errors
    /// When it is absent or no id.
    pub fn product_id(&self) -> Result<ProductId, FieldError> {
        self.object()
            .get::<Expandable<_>>("id")
            .map(|Expandable(id)| id)
    }
}
