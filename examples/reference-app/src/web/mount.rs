//! A poem endpoint as a tower service, for axum to mount.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use poem::endpoint::BoxEndpoint;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, RequestParts};
use tower::util::service_fn;

use crate::problem::{Code, Problem};

/// The largest body that the API takes.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(super) fn service(
    endpoint: BoxEndpoint<'static, poem::Response>,
) -> impl tower::Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    let endpoint = Arc::new(endpoint);
    service_fn(move |request| {
        let endpoint = Arc::clone(&endpoint);
        async move { Ok(answer(&endpoint, request).await) }
    })
}

async fn answer(endpoint: &BoxEndpoint<'static, poem::Response>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match read(&parts.headers, body).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    // The addresses are of no use to the API: behind a proxy they are the proxy's.
    let peers = (LocalAddr::default(), RemoteAddr::default());
    let parts = RequestParts::from((parts, peers.0, peers.1, Scheme::HTTP));
    let request = poem::Request::from_parts(parts, poem::Body::from_bytes(body));
    let answer = endpoint.get_response(request).await;
    http::Response::from(answer).map(Body::new)
}

/// The whole body, within the limit, and JSON if there is any: a form on
/// another site can send none of that without asking first.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let body = Limited::new(body, BODY_BYTES_MAX)
        .collect()
        .await
        .map_err(|error| {
            let is_long = error.downcast_ref::<LengthLimitError>().is_some();
            Problem::new(if is_long {
                Code::BodyTooLarge
            } else {
                Code::InvalidRequest
            })
        })?;
    let body = body.to_bytes();
    if !body.is_empty() && !headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return Err(Code::UnsupportedMediaType.into());
    }
    Ok(body)
}

fn is_json(content_type: &HeaderValue) -> bool {
    let essence = content_type
        .to_str()
        .ok()
        .and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
