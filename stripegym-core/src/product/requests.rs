//! Calls on Products.

use crate::client::{List, Request, calls};
use crate::id::{PriceId, ProductId};
use crate::product::Product;

calls! {
    /// Creates a Product. <https://docs.stripe.com/api/products/create>
    CreateProduct -> Product {
        /// An id of your own choice.
        id: &ProductId;
        /// What it is.
        description: &str;
        /// Whether it can be bought; true unless set.
        active: bool;
    } + metadata;

    /// Retrieves a Product. <https://docs.stripe.com/api/products/retrieve>
    RetrieveProduct -> Product {}

    /// Changes a Product. <https://docs.stripe.com/api/products/update>
    UpdateProduct -> Product {
        /// What it is called.
        name: &str;
        /// What it is.
        description: &str;
        /// Whether it can be bought.
        active: bool;
        /// The price that it is sold at unless another is named.
        default_price: &PriceId;
    } + metadata;

    /// Lists Products, newest first. <https://docs.stripe.com/api/products/list>
    ListProducts -> List<Product> {
        /// Only those that can, or cannot, be bought.
        active: bool;
        /// 1 to 100; 10 unless set.
        limit: u32;
        /// The page after this one.
        starting_after: &ProductId;
        /// The page before this one.
        ending_before: &ProductId;
    }
}

impl CreateProduct {
    /// A product of this name.
    pub fn new(name: &str) -> Self {
        Self(Request::post("/v1/products").param("name", name))
    }
}

impl RetrieveProduct {
    /// The Product to retrieve.
    pub fn new(id: &ProductId) -> Self {
        Self(Request::get(format!("/v1/products/{id}")))
    }
}

impl UpdateProduct {
    /// The Product to change.
    pub fn new(id: &ProductId) -> Self {
        Self(Request::post(format!("/v1/products/{id}")))
    }
}

impl ListProducts {
    /// All of them.
    #[allow(clippy::new_without_default)] // a call is made to be sent, not to be defaulted
    pub fn new() -> Self {
        Self(Request::get("/v1/products"))
    }
}
