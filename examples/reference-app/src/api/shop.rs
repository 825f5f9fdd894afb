//! What is for sale, buying it, and what was bought.

use std::sync::Arc;

use http::HeaderMap;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::App;
use super::answers::{CatalogueBody, CheckoutOpened, ForSale, Purchase, Purchases};
use super::inputs::{CheckoutInput, HistoryInput, MaybeJson, cursor};
use super::session::SignedIn;
use crate::accounts::Member;
use crate::lang::Lang;
use crate::problem::{Code, Problem};
use crate::shop::{Order, ShopError};

/// The shop.
pub(super) struct ShopApi;

#[OpenApi]
impl ShopApi {
    /// What is for sale
    #[oai(path = "/catalogue", method = "get", operation_id = "catalogue")]
    async fn catalogue(&self, app: Data<&Arc<App>>) -> Result<Json<CatalogueBody>, Problem> {
        let catalogue = app.shop.catalogue().await?;
        let products = catalogue.products().iter().map(ForSale::from).collect();
        Ok(Json(CatalogueBody {
            success: true,
            sandbox: app.shop.is_sandbox(),
            products,
        }))
    }

    /// Open a checkout
    ///
    /// The answer's `url` is where the customer pays. Nothing is bought yet:
    /// the purchase appears in the history once Stripe's webhook has told of it.
    #[oai(path = "/checkout", method = "post", operation_id = "checkout")]
    async fn checkout(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        member: SignedIn,
        input: MaybeJson<CheckoutInput>,
    ) -> Result<Json<CheckoutOpened>, Problem> {
        let (price, quantity) = CheckoutInput::checked(input.0, app.shop.protein())?;
        let order = Order {
            price,
            quantity,
            lang: Lang::preferred(headers),
        };
        let page = app.shop.check_out(&member.0, &order).await?;
        Ok(Json(CheckoutOpened {
            id: page.id.as_str().to_owned(),
            url: page.url,
        }))
    }

    /// What the member has bought, newest first
    #[oai(
        path = "/user-purchase-history",
        method = "get",
        operation_id = "purchaseHistory"
    )]
    async fn history(
        &self,
        app: Data<&Arc<App>>,
        member: SignedIn,
        /// 1 to 100; 20 unless told.
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<Purchases>, Problem> {
        app.purchases(&member.0, HistoryInput::new(limit.0, cursor.0))
            .await
    }

    /// What the member has bought, newest first
    #[oai(
        path = "/user-purchase-history",
        method = "post",
        operation_id = "purchaseHistoryPost"
    )]
    async fn history_post(
        &self,
        app: Data<&Arc<App>>,
        member: SignedIn,
        input: MaybeJson<HistoryInput>,
    ) -> Result<Json<Purchases>, Problem> {
        let input = input.0.unwrap_or_else(|| HistoryInput::new(None, None));
        app.purchases(&member.0, input).await
    }
}

impl App {
    async fn purchases(
        &self,
        member: &Member,
        input: HistoryInput,
    ) -> Result<Json<Purchases>, Problem> {
        let wanted = input.checked()?;
        let owner = self.shop.owner(member).map_err(ShopError::from)?;
        let mut read = self.store.read().await?;
        // One more than wanted tells whether there is a next page.
        let mut found = read
            .purchases(&owner, wanted.after.as_ref(), wanted.limit + 1)
            .await?;
        let limit = usize::try_from(wanted.limit).map_err(|_| Problem::new(Code::Internal))?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|purchase| cursor(&purchase.cursor()));
        let purchases = found.into_iter().map(Purchase::from).collect();
        Ok(Json(Purchases {
            success: true,
            purchases,
            next_cursor,
        }))
    }
}
