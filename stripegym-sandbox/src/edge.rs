//! The HTTP edge: one function from request to answer, behind a socket or called directly.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::clock::Stopwatch;
use crate::control;
use crate::dashboard;
use crate::engine::Engine;
use crate::error::ApiError;
use crate::faults::RequestFault;
use crate::hosted;

const API: &str = "/v1/";
const PORTAL: &str = "/p/session/";

const LOG: &str = "stripegym_sandbox::request";

/// Far above any request that the API takes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The sandbox as a tower service: the same answers as over its socket, without one.
#[derive(Clone)]
pub struct SandboxService {
    engine: Arc<Engine>,
}

impl fmt::Debug for SandboxService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxService").finish_non_exhaustive()
    }
}

impl SandboxService {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// Behind a socket: reads the body, up to its limit.
    pub(crate) async fn serve(self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let response = match Limited::new(body, BODY_BYTES_MAX).collect().await {
            Ok(body) => {
                let request = Request::from_parts(parts, body.to_bytes());
                let response = respond(&self.engine, request).await;
                if response.extensions().get::<NoAnswer>().is_some() {
                    return Response::new(Body::from_stream(BrokenOff));
                }
                response
            }
            Err(error) => {
                let error = if error.is::<LengthLimitError>() {
                    ApiError::too_large()
                } else {
                    ApiError::invalid("The request body broke off.")
                };
                refuse(&self.engine, &error)
            }
        };
        response.map(Body::from)
    }
}

impl tower_service::Service<Request<Bytes>> for SandboxService {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            if request.body().len() > BODY_BYTES_MAX {
                return Ok(refuse(&engine, &ApiError::too_large()));
            }
            Ok(respond(&engine, request).await)
        })
    }
}

fn refuse(engine: &Engine, error: &ApiError) -> Response<Bytes> {
    let request_id = engine.request_id();
    let mut response = control::respond_error(error, &request_id);
    stamp(&mut response, &request_id);
    response
}

async fn respond(engine: &Arc<Engine>, request: Request<Bytes>) -> Response<Bytes> {
    let watch = Stopwatch::start();
    let request_id = engine.request_id();
    let path = request.uri().path();
    let fault = if path.starts_with(API) {
        engine.request_fault(request.method().as_str(), path)
    } else {
        None
    };
    let mut response = if path == "/" || path.starts_with(dashboard::PATH) {
        dashboard::respond(engine, &request)
    } else if let Some(rest) = path.strip_prefix("/_sandbox/") {
        control::respond(engine, &request, rest, &request_id)
    } else if let Some(id) = path.strip_prefix("/c/pay/") {
        hosted::respond(engine, &request, id).await
    } else if let Some(id) = path.strip_prefix("/c/3ds/") {
        hosted::bank::respond(engine, &request, id).await
    } else if let Some(id) = path.strip_prefix("/c/later/") {
        hosted::later::respond(engine, &request, id)
    } else if let Some(id) = path.strip_prefix("/i/") {
        hosted::invoice::respond(engine, &request, id)
    } else if let Some(secret) = path.strip_prefix(PORTAL) {
        hosted::portal::respond(engine, &request, secret)
    } else {
        engine.answer(&request, &request_id, fault)
    };
    stamp(&mut response, &request_id);
    // Never the query, never a body: they hold what people typed. Nor the key to a portal.
    let path = if path.starts_with(PORTAL) {
        PORTAL
    } else {
        path
    };
    let mut line = format!(
        "{} {path} {} {} ms {request_id}",
        request.method(),
        response.status().as_u16(),
        watch.elapsed_ms()
    );
    if let Some(fault) = fault {
        line.push_str(&format!(" (fault: {fault})"));
    }
    log(response.status(), &line);
    if let Some(time) = fault.and_then(RequestFault::hangs) {
        engine.hang(time).await;
        *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
        response.extensions_mut().insert(NoAnswer);
    }
    response
}

/// One line per request, loud where something is wrong.
fn log(status: StatusCode, line: &str) {
    if status.is_server_error() {
        tracing::error!(target: LOG, "{line}");
    } else if status == StatusCode::NOT_FOUND {
        tracing::warn!(target: LOG, "{line}");
    } else {
        tracing::info!(target: LOG, "{line}");
    }
}

/// The mark of an answer that never goes out.
#[derive(Debug, Clone, Copy)]
struct NoAnswer;

/// A body that fails before its first byte. The server then closes the connection with nothing
/// written to it: what a client sees of a server that went away.
#[derive(Debug)]
struct BrokenOff;

impl Stream for BrokenOff {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let error = io::Error::new(io::ErrorKind::ConnectionAborted, "a fault breaks it off");
        Poll::Ready(Some(Err(error)))
    }
}

fn stamp(response: &mut Response<Bytes>, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("request-id", value);
    }
}
