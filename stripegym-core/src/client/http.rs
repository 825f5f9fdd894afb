//! The usual transport: reqwest, with TLS on ring.
//!
//! The TLS configuration is handed to reqwest ready-made: no process-wide
//! provider is installed, and one that your application installed is left
//! alone. It is built at the first request, so a program that only talks to a
//! local sandbox starts on a machine without CA certificates.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use super::transport::{Transport, TransportError, TransportErrorKind};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Stripe's largest lists are far smaller.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// HTTP/1.1 with pooled connections.
pub struct HttpTransport {
    https: bool,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl HttpTransport {
    /// For an `https:` base the machine's CA certificates are needed; for a
    /// plain `http:` one nothing is.
    #[must_use]
    pub fn new(https: bool) -> Self {
        Self {
            https,
            client: OnceLock::new(),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        let built = self.client.get_or_init(|| build(self.https));
        built
            .as_ref()
            .map_err(|why| TransportError::with_source(TransportErrorKind::Tls, why.clone()))
    }
}

fn build(https: bool) -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verified = if https {
        versions.with_platform_verifier().map_err(|error| {
            format!("no usable CA certificates ({error}); install the package ca-certificates")
        })?
    } else {
        versions.with_root_certificates(RootCertStore::empty())
    };
    reqwest::Client::builder()
        .tls_backend_preconfigured(verified.with_no_client_auth())
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .https_only(https)
        .build()
        .map_err(|error| error.to_string())
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| TransportError::with_source(TransportErrorKind::Unsendable, error))?;
        let mut answer = self.client()?.execute(request).await.map_err(sort)?;
        let mut built = Response::builder().status(answer.status());
        if let Some(headers) = built.headers_mut() {
            std::mem::swap(headers, answer.headers_mut());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(sort)? {
            let room = ANSWER_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                // What is cut off no longer reads, and its status is kept.
                break;
            }
        }
        built
            .body(body.freeze())
            .map_err(|error| TransportError::with_source(TransportErrorKind::Interrupted, error))
    }
}

fn sort(error: reqwest::Error) -> TransportError {
    // The address is not part of the message: a proxy's may hold a password.
    let error = error.without_url();
    let kind = if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        if is_tls(&error) {
            TransportErrorKind::Tls
        } else {
            TransportErrorKind::Connect
        }
    } else if error.is_builder() {
        TransportErrorKind::Unsendable
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::with_source(kind, error)
}

/// A certificate that is wrong now is wrong a second later. An `io::Error`
/// hides what it wraps from `source`, so it is opened, as often as it is nested.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || wrapped.is_some_and(|inner| is_tls(inner))
        || error.source().is_some_and(is_tls)
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpTransport(https: {})", self.https)
    }
}
