//! `/_sandbox/`: what Stripe does not have. Resending, looking at deliveries, health.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::error::ApiError;
use crate::html;
use crate::kind::Kind;
use crate::resources;

/// Answers a path below `/_sandbox/`.
pub(crate) fn respond(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    path: &str,
    request_id: &str,
) -> Response<Bytes> {
    let segments: Vec<&str> = path.split('/').collect();
    let outcome = match (request.method(), segments.as_slice()) {
        (&Method::GET, ["style.css"]) => return html::style_sheet(),
        (&Method::GET, ["health"]) => health(engine),
        (&Method::GET, ["events", id, "deliveries"]) => engine
            .deliveries(id)
            .map(|deliveries| json!({ "event": id, "deliveries": deliveries })),
        (&Method::POST, ["events", id, "resend"]) => engine
            .resend(id)
            .map(|count| json!({ "event": id, "endpoints": count })),
        (method, _) => {
            let path = request.uri().path();
            tracing::warn!("no endpoint for {method} {path}");
            Err(ApiError::unrecognized_url(method.as_str(), path))
        }
    };
    match outcome {
        Ok(body) => respond_json(StatusCode::OK, &body),
        Err(error) => respond_error(&error, request_id),
    }
}

fn health(engine: &Engine) -> Result<Value, ApiError> {
    if engine.is_closed() {
        return Err(ApiError::unavailable());
    }
    let counts = engine.read(|state| {
        let kinds = resources::ALL.iter().map(|resource| resource.kind);
        kinds
            .map(|kind: Kind| (kind.name().to_owned(), json!(state.entries.count(kind))))
            .collect()
    });
    Ok(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "objects": Value::Object(counts),
    }))
}

/// An error outside the API, in the API's shape all the same.
pub(crate) fn respond_error(error: &ApiError, request_id: &str) -> Response<Bytes> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    respond_json(status, &error.body(request_id))
}

fn respond_json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{body:#}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
