//! The JSON API, declared once: poem-openapi answers from it and writes its
//! documents from it.

mod account;
mod answers;
mod inputs;
mod session;
mod shop;

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, IntoEndpoint};
use poem_openapi::OpenApiService;
use stripegym_core::{Clock, Store};

use crate::accounts::Accounts;
use crate::shop::Shop;

use account::AccountApi;
use shop::ShopApi;

/// What the handlers work with.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) accounts: Accounts,
    pub(crate) shop: Shop,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether browsers reach us over https, and may keep cookies for that only.
    pub(crate) is_https: bool,
}

fn service() -> OpenApiService<(AccountApi, ShopApi), ()> {
    OpenApiService::new(
        (AccountApi, ShopApi),
        "stripegym reference app",
        env!("CARGO_PKG_VERSION"),
    )
    .description(
        "Register, log in, buy. A browser's session is an HttpOnly cookie; other clients send \
             the `session_token` of the log-in as `Authorization: Bearer`. Whose data it is comes \
             from the session alone: a `user_id` in a body is ignored. Failures have one shape, \
             in English or, by `Accept-Language`, in Japanese.",
    )
    .url_prefix("/api")
}

/// The API as an endpoint, to be mounted under `/api`.
pub(crate) fn endpoint(app: Arc<App>) -> BoxEndpoint<'static, poem::Response> {
    service()
        .into_endpoint()
        .data(app)
        .map_to_response()
        .boxed()
}

/// The OpenAPI document, as pretty JSON.
#[must_use]
pub fn spec() -> String {
    let mut spec = service().spec();
    spec.push('\n');
    spec
}

/// Swagger UI with the document in it, as one page that needs no other file.
pub(crate) fn docs() -> String {
    service().swagger_ui_html()
}
