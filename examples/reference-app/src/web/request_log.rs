//! One line per request: which, what came of it, how long it took. No query, no
//! body, no address of anyone: those may hold what nobody else should read.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue};
use stripegym_core::Clock;
use tracing::{Instrument, Span, info, info_span};

/// Ties the answer, the log and whoever asks about them together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over from a proxy.
const REQUEST_ID_LENGTH_MAX: usize = 64;

pub(super) async fn log(
    State(clock): State<Arc<dyn Clock>>,
    request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers());
    let span = info_span!(
        "http.request",
        request.id = id.to_str().unwrap_or_default(),
        http.method = %request.method(),
        http.path = request.uri().path(),
    );
    async move {
        let started = clock.now();
        let mut answer = next.run(request).await;
        let duration_ms = clock.now().since(started).as_millis();
        info!(parent: Span::current(), http.status = answer.status().as_u16(), duration_ms, "answered");
        answer.headers_mut().insert(REQUEST_ID, id);
        answer
    }
    .instrument(span)
    .await
}

/// The proxy's, if it sent a sane one, or one of our own.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let sane = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        let fits = (1..=REQUEST_ID_LENGTH_MAX).contains(&bytes.len());
        fits && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = headers.get(REQUEST_ID).filter(sane) {
        return id.clone();
    }
    let mut random = [0; 8];
    // Without randomness the id tells nothing apart, but the request is served.
    if getrandom::fill(&mut random).is_err() {
        return HeaderValue::from_static("unknown");
    }
    HeaderValue::from_str(&hex::encode(random)).unwrap_or(HeaderValue::from_static("unknown"))
}
