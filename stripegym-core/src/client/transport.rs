//! How a request gets to Stripe and its answer back.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Sends one HTTP request. Open: [`super::HttpTransport`] is the usual one,
/// and any tower `Service` over `http` types is one too, such as a sandbox in
/// the same process.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// When no whole answer came back.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
}

#[async_trait]
impl<S> Transport for S
where
    S: tower_service::Service<Request<Bytes>, Response = Response<Bytes>>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
{
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let interrupted =
            |error: S::Error| TransportError::with_source(TransportErrorKind::Interrupted, error);
        let mut service = self.clone();
        poll_fn(|context| service.poll_ready(context))
            .await
            .map_err(interrupted)?;
        service.call(request).await.map_err(interrupted)
    }
}

/// Why no whole answer came back.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Box<dyn Error + Send + Sync>,
}

/// How far the request got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection; Stripe saw nothing of it.
    Connect,
    /// No secure connection: certificates missing or wrong.
    Tls,
    /// No answer in time; Stripe may have acted.
    Timeout,
    /// The connection broke; Stripe may have acted.
    Interrupted,
    /// The answer was larger than any answer of Stripe's.
    TooLarge,
    /// The request could not be written down.
    Unsendable,
}

impl TransportError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind, what: &'static str) -> Self {
        Self {
            kind,
            source: what.into(),
        }
    }

    /// An error of this kind, with its cause.
    pub fn with_source(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }

    /// How far the request got.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// True when another try may succeed.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self.kind,
            TransportErrorKind::Connect
                | TransportErrorKind::Timeout
                | TransportErrorKind::Interrupted
        )
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection to the API",
            TransportErrorKind::Tls => "no secure connection to the API",
            TransportErrorKind::Timeout => "the API did not answer in time",
            TransportErrorKind::Interrupted => "the connection to the API broke",
            TransportErrorKind::TooLarge => "the answer is too large",
            TransportErrorKind::Unsendable => "the request cannot be sent",
        })
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}
