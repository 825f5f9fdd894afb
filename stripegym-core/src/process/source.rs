//! Where the present state of an object is had: at Stripe.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use crate::object::Object;
use crate::store::ObjectKind;

/// Answers how an object stands now. [`Client`](crate::Client) is the usual
/// one. Open: bring your own, such as a cache that is never stale.
#[async_trait]
pub trait Source: Send + Sync {
    /// Fetches an object. The answer must show every change that happened
    /// before this was called.
    ///
    /// # Errors
    /// When there is no answer; the event is tried again later.
    async fn fetch(&self, kind: ObjectKind, id: &str) -> Result<Fetched, SourceError>;
}

/// An answer about one object.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The object; `None` once it is deleted.
    pub object: Option<Object>,
    /// When Stripe answered, by Stripe's clock, in seconds since the Unix
    /// epoch; where it did not say, our own clock is asked.
    pub at: Option<i64>,
}

/// No answer about an object.
#[derive(Debug)]
pub struct SourceError(Box<dyn Error + Send + Sync>);

impl SourceError {
    /// A failure with this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object could not be fetched")
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}

#[cfg(feature = "client")]
mod client {
    use std::time::Duration;

    use async_trait::async_trait;
    use bytes::Bytes;
    use http::Response;

    use super::{Fetched, Source, SourceError};
    use crate::client::{ApiError, Client, Request};
    use crate::object::{Object, View};
    use crate::store::ObjectKind;

    /// A lease must outlive it, retries included.
    const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

    /// The request for one object, with what its payload in an event lacks:
    /// an invoice's payments, and how a session's payment stands.
    pub(crate) fn request(kind: ObjectKind, id: &str) -> Request {
        let request = Request::get(format!("{}/{id}", kind.path())).with_timeout(FETCH_TIMEOUT);
        expanded(kind).map_or(request.clone(), |path| request.with_expanded(path))
    }

    /// What is expanded in an object of this kind.
    pub(crate) fn expanded(kind: ObjectKind) -> Option<&'static str> {
        match kind {
            ObjectKind::Invoice => Some("payments"),
            ObjectKind::CheckoutSession => Some("payment_intent"),
            ObjectKind::Customer
            | ObjectKind::Subscription
            | ObjectKind::SubscriptionSchedule
            | ObjectKind::Refund
            | ObjectKind::Dispute => None,
        }
    }

    #[async_trait]
    impl Source for Client {
        async fn fetch(&self, kind: ObjectKind, id: &str) -> Result<Fetched, SourceError> {
            match self.execute(request(kind, id)).await {
                Ok(answer) => {
                    let object = Object::from_slice(answer.body()).map_err(SourceError::new)?;
                    let is_deleted = object.get::<Option<bool>>("deleted") == Ok(Some(true));
                    Ok(Fetched {
                        object: (!is_deleted).then_some(object),
                        at: date(&answer),
                    })
                }
                Err(error) if is_gone(&error) => Ok(Fetched {
                    object: None,
                    at: None,
                }),
                Err(error) => Err(SourceError::new(error)),
            }
        }
    }

    /// Not merely invisible to this key: an object of the other mode is named
    /// as such, and a wrong key must not empty our tables.
    fn is_gone(error: &ApiError) -> bool {
        error.refusal().is_some_and(|refusal| {
            let elsewhere = refusal.message().is_some_and(|m| m.contains("exists in"));
            refusal.status() == 404 && refusal.code() == Some("resource_missing") && !elsewhere
        })
    }

    /// The `Date` of an answer, in seconds since the Unix epoch.
    pub(crate) fn date(answer: &Response<Bytes>) -> Option<i64> {
        let text = answer.headers().get(http::header::DATE)?.to_str().ok()?;
        let date = httpdate::parse_http_date(text).ok()?;
        let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    }
}

#[cfg(feature = "client")]
pub(crate) use client::{date, expanded};
