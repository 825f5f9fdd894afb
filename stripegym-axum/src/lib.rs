#![doc = include_str!("../README.md")]

mod rejection;

use axum::Json;
use axum::extract::{FromRef, FromRequest, Request, State};
use axum::routing::{MethodRouter, post};
use serde_json::{Value, json};
use stripegym_core::Processor;
use stripegym_core::webhook::{
    BODY_BYTES_MAX, Received, SIGNATURE_HEADER, Verified, Verifier, VerifyError,
};

pub use rejection::WebhookRejection;

/// A delivery whose signature was right, as an extractor. A handler that takes
/// it never runs for anything else.
///
/// ```
/// use axum::{Router, extract::FromRef, routing::post};
/// use stripegym_axum::VerifiedWebhook;
/// use stripegym_core::webhook::Verifier;
///
/// #[derive(Clone)]
/// struct App { verifier: Verifier }
///
/// impl FromRef<App> for Verifier {
///     fn from_ref(app: &App) -> Self { app.verifier.clone() }
/// }
///
/// async fn count(VerifiedWebhook(delivery): VerifiedWebhook) -> String {
///     format!("{} signed bytes", delivery.body().len())
/// }
///
/// fn routes(app: App) -> Router {
///     Router::new().route("/hook", post(count)).with_state(app)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct VerifiedWebhook(pub Verified);

impl<S> FromRequest<S> for VerifiedWebhook
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        // Its own limit, whatever the application's is: the raw bytes are needed whole.
        let body = axum::body::to_bytes(body, BODY_BYTES_MAX)
            .await
            .map_err(|_| WebhookRejection::from(VerifyError::BodyTooLarge))?;
        let header = parts
            .headers
            .get(SIGNATURE_HEADER)
            .map(|value| value.as_bytes());
        let verified = Received::new(body, header).verify(&Verifier::from_ref(state))?;
        Ok(Self(verified))
    }
}

/// The webhook route: verify, store, process, answer. Mount it where Stripe
/// sends events to.
pub fn webhook<S>(verifier: Verifier, processor: Processor) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    post(receive).with_state(Receiver {
        verifier,
        processor,
    })
}

#[derive(Clone)]
struct Receiver {
    verifier: Verifier,
    processor: Processor,
}

impl FromRef<Receiver> for Verifier {
    fn from_ref(receiver: &Receiver) -> Self {
        receiver.verifier.clone()
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    VerifiedWebhook(delivery): VerifiedWebhook,
) -> Result<Json<Value>, WebhookRejection> {
    let taken = receiver.processor.receive(delivery).await?;
    Ok(Json(json!({ "received": true, "done": taken.done })))
}
