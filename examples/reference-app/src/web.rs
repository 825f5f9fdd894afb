//! Everything over HTTP: pages, documents, webhook and health on axum, the JSON
//! API on poem under `/api`.

mod docs;
mod headers;
mod mount;
mod pages;
mod request_log;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::CACHE_CONTROL;
use serde_json::json;
use stripegym_core::webhook::Verifier;
use stripegym_core::{Clock, Processor};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{error, warn};

use crate::api::{self, App};
use crate::database::Pools;
use crate::problem::{self, Code, Problem};

/// Longest that a request may take. Pages give up sooner; Stripe, for its
/// webhooks, about then.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest that the database may take to show a sign of life.
const HEALTH_TIME_MAX: Duration = Duration::from_secs(2);

/// What the routes are made of.
pub(crate) struct Parts {
    pub(crate) app: Arc<App>,
    pub(crate) pools: Pools,
    pub(crate) verifier: Verifier,
    pub(crate) processor: Processor,
    pub(crate) clock: Arc<dyn Clock>,
}

/// All routes.
pub(crate) fn router(parts: Parts) -> Router {
    let Parts {
        app,
        pools,
        verifier,
        processor,
        clock,
    } = parts;
    Router::new()
        .route("/health", get(health).with_state(pools))
        .route("/webhook", stripegym_axum::webhook(verifier, processor))
        .merge(docs::routes())
        .merge(pages::routes())
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        .nest_service("/api", mount::service(api::endpoint(app)))
        .fallback(pages::missing)
        // From here on, the later a layer is added, the further out it is.
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(limit_time))
        .layer(from_fn(problem::render))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(clock, request_log::log))
}

async fn health(State(pools): State<Pools>) -> Response {
    let alive = tokio::time::timeout(HEALTH_TIME_MAX, pools.ping()).await;
    match alive {
        Ok(Ok(())) => {
            let body =
                json!({ "status": "healthy", "message": "the server and its database work" });
            ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Ok(Err(failure)) => {
            error!(error = %failure, "the database does not answer");
            Problem::new(Code::Unavailable).into_response()
        }
        Err(_) => {
            error!("the database does not answer in time");
            Problem::new(Code::Unavailable).into_response()
        }
    }
}

async fn limit_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        warn!("the request took too long");
        Problem::new(Code::Timeout).into_response()
    })
}

/// The panic's own words went to stderr by the hook; a client learns nothing of them.
fn panicked(_words: Box<dyn std::any::Any + Send>) -> Response {
    error!("a handler panicked");
    Problem::new(Code::Internal).into_response()
}
