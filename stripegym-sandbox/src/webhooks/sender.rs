//! One webhook request over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::engine::{Job, Outcome};
use crate::signature::sign_all;

/// As `stripe listen` waits.
const TIMEOUT: Duration = Duration::from_secs(30);
/// An answer's body does not matter, but reading it lets the connection be used again.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A plain HTTP client: no TLS, no redirects (to Stripe, a redirect is a failure), no proxy.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Makes the request; each attempt carries its own time and signature.
    pub(crate) async fn send(&self, job: &Job, now: i64) -> Outcome {
        let failed = |error: String| Outcome {
            status: None,
            error: Some(error),
        };
        if job.url.starts_with("https:") {
            return failed(
                "https endpoints are not supported: the sandbox delivers over plain http, to \
                 this machine"
                    .to_owned(),
            );
        }
        let request = match request(job, now) {
            Ok(request) => request,
            Err(error) => return failed(format!("the endpoint's URL cannot be used: {error}")),
        };
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|error| chain(&error))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX);
            // The status decides; a body that breaks off changes nothing.
            drop(body.collect().await);
            Ok(status)
        };
        match tokio::time::timeout(TIMEOUT, exchange).await {
            Ok(Ok(status @ 200..300)) => Outcome {
                status: Some(status),
                error: None,
            },
            Ok(Ok(status)) => Outcome {
                status: Some(status),
                error: Some(format!("the answer was {status}")),
            },
            Ok(Err(error)) => failed(error),
            Err(_elapsed) => failed(format!("no answer within {} s", TIMEOUT.as_secs())),
        }
    }
}

fn request(job: &Job, now: i64) -> Result<Request<Full<Bytes>>, http::Error> {
    let secrets: Vec<&str> = job.secrets.iter().map(String::as_str).collect();
    Request::post(job.url.as_str())
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(
            header::USER_AGENT,
            "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        )
        .header(header::ACCEPT, "*/*; q=0.5, application/xml")
        .header(header::CACHE_CONTROL, "no-cache")
        .header(
            "stripe-signature",
            sign_all(&secrets, now, job.body.as_bytes()),
        )
        .body(Full::from(job.body.clone()))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
