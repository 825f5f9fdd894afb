//! What can go wrong with a call, sorted by what the caller can do about it.

use std::fmt;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::{InputError, TransportError, TransportErrorKind, header_text};

/// Why a call failed.
///
/// `Display` names kind, status, code, parameter and request id. Stripe's
/// message may quote what your users typed, so it is only in
/// [`Refusal::message`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The card was declined: tell the customer, let them try another.
    #[error("declined: {0}")]
    Declined(Box<Refusal>),
    /// The request was wrong: mend the code or the input.
    #[error("invalid request: {0}")]
    Invalid(Box<Refusal>),
    /// Stripe would refuse this, so it was not sent.
    #[error("not sent: {0}")]
    Input(InputError),
    /// The key was missing or wrong.
    #[error("not authenticated: {0}")]
    Authentication(Box<Refusal>),
    /// The key may not do this.
    #[error("not permitted: {0}")]
    Permission(Box<Refusal>),
    /// There is no such object.
    #[error("not found: {0}")]
    NotFound(Box<Refusal>),
    /// Somebody else is doing the same, or the object is locked.
    #[error("conflict: {0}")]
    Conflict(Box<Refusal>),
    /// Too many requests.
    #[error("rate limited: {0}")]
    RateLimited(Box<Refusal>),
    /// An idempotency key was used for another request before.
    #[error("idempotency key reused: {0}")]
    IdempotencyMisuse(Box<Refusal>),
    /// Stripe failed, or something between us and Stripe.
    #[error("the API failed: {0}")]
    Fault(Box<Refusal>),
    /// No answer; see [`ConnectionFault::may_have_acted`].
    #[error("no answer")]
    Connection(#[source] ConnectionFault),
    /// The call succeeded but its answer cannot be read.
    #[error("{0}")]
    Unreadable(#[source] Unreadable),
}

/// What Stripe said when it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    request_id: Option<Box<str>>,
    replayed: bool,
    body: ErrorBody,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<Box<str>>,
    code: Option<Box<str>>,
    decline_code: Option<Box<str>>,
    param: Option<Box<str>>,
    message: Option<Box<str>>,
}

/// No whole answer came back.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ConnectionFault(TransportError);

/// A successful answer that is not the object it should be.
#[derive(Debug, thiserror::Error)]
#[error("the answer (status {status}, request {request_id}) cannot be read")]
pub struct Unreadable {
    status: u16,
    request_id: Box<str>,
    source: serde_json::Error,
}

impl ApiError {
    /// Stripe's refusal, where there is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Declined(refusal)
            | Self::Invalid(refusal)
            | Self::Authentication(refusal)
            | Self::Permission(refusal)
            | Self::NotFound(refusal)
            | Self::Conflict(refusal)
            | Self::RateLimited(refusal)
            | Self::IdempotencyMisuse(refusal)
            | Self::Fault(refusal) => Some(refusal),
            Self::Input(_) | Self::Connection(_) | Self::Unreadable(_) => None,
        }
    }

    /// True when the very same request, under the same idempotency key, may be
    /// sent again and might succeed.
    #[must_use]
    pub fn is_safe_to_retry(&self) -> bool {
        match self {
            Self::Conflict(_) | Self::RateLimited(_) => true,
            // A replayed failure is final for its key.
            Self::Fault(refusal) => !refusal.replayed,
            Self::Connection(fault) => fault.0.may_pass(),
            _ => false,
        }
    }

    pub(super) fn from_answer(answer: &Response<Bytes>) -> Self {
        let refusal = Box::new(Refusal::read(answer));
        let (kind, code) = (refusal.kind(), refusal.code());
        match answer.status().as_u16() {
            429 => Self::RateLimited(refusal),
            400 if code == Some("rate_limit") => Self::RateLimited(refusal),
            400 | 409 if kind == Some("idempotency_error") && code.is_none() => {
                Self::IdempotencyMisuse(refusal)
            }
            401 => Self::Authentication(refusal),
            402 => Self::Declined(refusal),
            403 => Self::Permission(refusal),
            404 => Self::NotFound(refusal),
            409 => Self::Conflict(refusal),
            400..=499 => Self::Invalid(refusal),
            _ => Self::Fault(refusal),
        }
    }

    pub(super) fn unreadable(
        status: StatusCode,
        request_id: Option<&str>,
        source: serde_json::Error,
    ) -> Self {
        let request_id = request_id.unwrap_or("unknown").into();
        Self::Unreadable(Unreadable {
            status: status.as_u16(),
            request_id,
            source,
        })
    }

    pub(crate) fn unreadable_answer(answer: &Response<Bytes>, source: serde_json::Error) -> Self {
        Self::unreadable(answer.status(), header_text(answer, "request-id"), source)
    }

    /// A list that does not end within what a look-up reads.
    pub(crate) fn list_too_long() -> Self {
        TransportError::new(TransportErrorKind::TooLarge, "the list has too many pages").into()
    }

    pub(super) fn no_entropy(source: getrandom::Error) -> Self {
        TransportError::with_source(TransportErrorKind::Unsendable, source).into()
    }
}

impl From<InputError> for ApiError {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<TransportError> for ApiError {
    fn from(error: TransportError) -> Self {
        Self::Connection(ConnectionFault(error))
    }
}

impl ConnectionFault {
    /// How far the request got.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.0.kind()
    }

    /// True when Stripe may have acted on the request although no answer came.
    #[must_use]
    pub fn may_have_acted(&self) -> bool {
        !matches!(
            self.kind(),
            TransportErrorKind::Connect | TransportErrorKind::Tls | TransportErrorKind::Unsendable
        )
    }
}

impl Refusal {
    fn read(answer: &Response<Bytes>) -> Self {
        #[derive(Deserialize)]
        struct Envelope {
            error: ErrorBody,
        }
        // A proxy's HTML has no such body; status and request id still count.
        let envelope: Option<Envelope> = serde_json::from_slice(answer.body()).ok();
        Self {
            status: answer.status(),
            request_id: header_text(answer, "request-id").map(Into::into),
            replayed: header_text(answer, "idempotent-replayed") == Some("true"),
            body: envelope.map(|envelope| envelope.error).unwrap_or_default(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Stripe's name for the request, for their support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The error's type, such as `card_error`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.body.kind.as_deref()
    }

    /// The error's code, such as `resource_missing`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.body.code.as_deref()
    }

    /// Why the bank declined, such as `insufficient_funds`.
    #[must_use]
    pub fn decline_code(&self) -> Option<&str> {
        self.body.decline_code.as_deref()
    }

    /// The parameter at fault, in bracket form.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        self.body.param.as_deref()
    }

    /// Stripe's words. They may quote what a user typed: keep them out of logs.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.body.message.as_deref()
    }

    /// True when this is a stored answer to an earlier use of the same key.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status.as_u16())?;
        let parts = [
            ("type", self.kind()),
            ("code", self.code()),
            ("decline_code", self.decline_code()),
            ("param", self.param()),
            ("request", self.request_id()),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                write!(f, ", {name} {value}")?;
            }
        }
        Ok(())
    }
}
