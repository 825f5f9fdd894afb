//! What is answered to a delivery that is not taken. The answer says a stable
//! code; the cause goes to the log.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use stripegym_core::process::{Chain, ReceiveError};
use stripegym_core::store::StoreErrorKind;
use stripegym_core::webhook::VerifyError;
use tracing::{error, warn};

/// Why a delivery was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// Its signature was not right.
    #[error("the delivery was not verified")]
    Verify(#[from] VerifyError),
    /// It is not an event, or could not be stored.
    #[error("the delivery was not taken")]
    Receive(#[from] ReceiveError),
}

impl WebhookRejection {
    /// The status to answer with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Verify(VerifyError::BodyTooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Receive(ReceiveError::Store(cause)) => match cause.kind() {
                StoreErrorKind::Unavailable | StoreErrorKind::Contended => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        let (code, message, reason) = match &self {
            Self::Verify(cause @ VerifyError::BodyTooLarge) => {
                warn!(reason = cause.reason(), "webhook refused");
                (
                    "body_too_large",
                    "the body is larger than 1 MiB",
                    Some(cause.reason()),
                )
            }
            Self::Verify(cause) => {
                // The cause names the seconds of a clock skew.
                warn!(reason = cause.reason(), error = %cause, "webhook refused");
                (
                    "invalid_signature",
                    "invalid signature",
                    Some(cause.reason()),
                )
            }
            Self::Receive(cause @ ReceiveError::Store(_)) => {
                error!(error = %Chain(cause), "webhook not stored");
                (
                    "not_stored",
                    "the event could not be stored; deliver it again",
                    None,
                )
            }
            Self::Receive(cause) => {
                warn!(error = %Chain(cause), "webhook refused");
                ("invalid_event", "the body is not an event", None)
            }
        };
        let mut body = json!({ "success": false, "error": message, "code": code });
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        (self.status(), Json(body)).into_response()
    }
}
