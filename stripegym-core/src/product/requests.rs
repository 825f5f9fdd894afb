//! Calls on Products.

use crate::client::{List, SearchPage, TimeRange, calls};
use crate::id::{PriceId, ProductId};
use crate::product::Product;

calls! {
    /// Creates a Product. <https://docs.stripe.com/api/products/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::product::CreateProduct;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let product = CreateProduct::new("プレミアム").description("毎月").send(&stripe).await?;
    /// println!("{}", product.product_id()?);
    /// # Ok(()) }
    /// ```
    CreateProduct(; name: &str) -> Product = Post "/v1/products" {
        /// An id of your own choice.
        id: &ProductId;
        /// What it is.
        description: &str;
        /// Whether it can be bought; true unless set.
        active: bool;
        /// Pictures, at most eight addresses.
        images: &[&str];
        /// What one of it is called on receipts.
        unit_label: &str;
        /// Stripe's code for its taxes.
        tax_code: &str;
    } + metadata;

    /// Retrieves a Product. <https://docs.stripe.com/api/products/retrieve>
    RetrieveProduct(id: &ProductId) -> Product = Get "/v1/products/{id}" {}

    /// Changes a Product. <https://docs.stripe.com/api/products/update>
    UpdateProduct(id: &ProductId) -> Product = Post "/v1/products/{id}" {
        /// What it is called.
        name: &str;
        /// What it is.
        description: &str;
        /// Whether it can be bought.
        active: bool;
        /// The price that it is sold at unless another is named.
        default_price: &PriceId;
        /// Pictures, at most eight addresses.
        images: &[&str];
        /// What one of it is called on receipts.
        unit_label: &str;
        /// Stripe's code for its taxes.
        tax_code: &str;
    } + metadata;

    /// Deletes a Product that has no price.
    /// <https://docs.stripe.com/api/products/delete>
    DeleteProduct(id: &ProductId) -> Product = Delete "/v1/products/{id}" {}

    /// Lists Products, newest first. <https://docs.stripe.com/api/products/list>
    ListProducts() -> List<Product> = Get "/v1/products" {
        /// Only those that can, or cannot, be bought.
        active: bool;
        /// Only these.
        ids: &[&str];
        /// Only those made at this time.
        created: TimeRange;
    } + list(Product, ProductId);

    /// Searches Products. <https://docs.stripe.com/api/products/search>
    SearchProducts(; query: &str) -> SearchPage<Product> = Get "/v1/products/search" {}
        + search(Product);
}
