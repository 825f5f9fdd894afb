//! `/_sandbox/`: what Stripe does not have. Resending, looking at deliveries, health.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::error::ApiError;
use crate::faults::{FaultPlan, PROFILES};
use crate::form;
use crate::guard;
use crate::kind::Kind;
use crate::resources;
use crate::web;

/// Answers a path below `/_sandbox/`.
pub(crate) fn respond(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    path: &str,
    request_id: &str,
) -> Response<Bytes> {
    if request.method() != Method::GET
        && let Err(error) = guard::same_site(request, &engine.settings.public_url)
    {
        return respond_error(&error, request_id);
    }
    let segments: Vec<&str> = path.split('/').collect();
    let outcome = match (request.method(), segments.as_slice()) {
        (&Method::GET, ["style.css"]) => return web::style_sheet(),
        (&Method::GET, ["health"]) => health(engine),
        (&Method::GET, ["events", id, "deliveries"]) => engine
            .deliveries(id)
            .map(|deliveries| json!({ "event": id, "deliveries": deliveries })),
        (&Method::POST, ["events", id, "resend"]) => engine
            .resend(id)
            .map(|count| json!({ "event": id, "endpoints": count })),
        (&Method::POST, ["checkout", "sessions", id, "settle"]) => {
            settle(engine, id, request.body())
        }
        (&Method::GET, ["faults"]) => Ok(show_faults(engine)),
        (&Method::POST, ["faults"]) => {
            let wanted = read_faults(request.body());
            let set = wanted.and_then(|wanted| set_faults(engine, &wanted));
            set.map(|()| show_faults(engine))
        }
        (&Method::DELETE, ["faults"]) => {
            engine.set_faults(FaultPlan::none(), None);
            Ok(show_faults(engine))
        }
        (method, _) => Err(ApiError::unrecognized_url(
            method.as_str(),
            request.uri().path(),
        )),
    };
    match outcome {
        Ok(body) => respond_json(StatusCode::OK, &body),
        Err(error) => respond_error(&error, request_id),
    }
}

/// The money of a session that was to be paid later has come (`result=paid`), or never will
/// (`result=failed`). Answers the session.
fn settle(engine: &Engine, id: &str, body: &[u8]) -> Result<Value, ApiError> {
    let form = form::decode("", std::str::from_utf8(body).unwrap_or_default())?.to_json();
    let paid = match form["result"].as_str() {
        Some("paid") => true,
        Some("failed") => false,
        None => return Err(ApiError::missing("result")),
        Some(_) => {
            return Err(ApiError::invalid("`result` is paid or failed.").param("result"));
        }
    };
    engine.settle(id, paid)?;
    Ok(engine.object(id).unwrap_or_default())
}

fn show_faults(engine: &Engine) -> Value {
    let mut faults = engine.faults();
    faults["profiles"] = PROFILES
        .map(|(name, spec)| (name, json!(spec)))
        .into_iter()
        .collect();
    faults
}

/// Takes a form (`faults=flaky&seed=7`), or JSON: the rules, or an object of both fields.
fn read_faults(body: &[u8]) -> Result<Value, ApiError> {
    let text = std::str::from_utf8(body).unwrap_or_default().trim();
    if !text.starts_with(['{', '[']) {
        return Ok(form::decode("", text)?.to_json());
    }
    let json: Value = serde_json::from_str(text).map_err(|error| {
        ApiError::invalid(format!("The body is no JSON: {error}.")).param("faults")
    })?;
    Ok(if json.is_array() {
        json!({ "faults": json })
    } else {
        json
    })
}

/// Puts `faults` in force, under `seed` if there is one.
pub(crate) fn set_faults(engine: &Engine, wanted: &Value) -> Result<(), ApiError> {
    let seed = match &wanted["seed"] {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.parse().ok()),
        number => Some(number.as_u64()),
    };
    let seed = seed
        .map(|seed| {
            seed.ok_or_else(|| ApiError::invalid("The seed is no whole number.").param("seed"))
        })
        .transpose()?;
    if wanted["faults"].is_null() {
        return Err(ApiError::missing("faults"));
    }
    let plan = FaultPlan::from_json(&wanted["faults"])
        .map_err(|error| ApiError::invalid(error.to_string()).param("faults"))?;
    engine.set_faults(plan, seed);
    Ok(())
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
