//! Headers that every answer carries.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};

/// Everything comes from here: no inline script, no other host, no frame around it.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds what the route itself has not set.
pub(super) async fn add(request: Request, next: Next) -> Response {
    // Whose answer it is depends on the cookie: no cache may keep it.
    let is_private = request.uri().path().starts_with("/api");
    let mut answer = next.run(request).await;
    let mut default = |name: HeaderName, value| {
        answer
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(CONTENT_SECURITY_POLICY, POLICY);
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The address of the success page names a checkout session.
    default(REFERRER_POLICY, "same-origin");
    if is_private {
        default(CACHE_CONTROL, "no-store");
    }
    answer
}
