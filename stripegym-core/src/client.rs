//! The API client: typed calls, retries as the official SDKs, one idempotency
//! key per logical call.
//!
//! ```no_run
//! use stripegym_core::{ApiKey, Client, customer::CreateCustomer};
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let stripe = Client::new(ApiKey::parse("sk_test_example")?);
//! let customer = CreateCustomer::new().email("hanako@example.com").send(&stripe).await?;
//! println!("{}", customer.id()?);
//! # Ok(()) }
//! ```

mod call;
mod check;
mod error;
mod http;
mod macros;
mod request;
mod retry;
mod transport;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use tracing::Instrument;

use crate::clock::{Clock, SystemClock};
use crate::secret::ApiKey;

pub use crate::object::{List, SearchPage};
pub use call::{Answer, CALLS, Call, CallInfo, Param, TimeRange, When};
pub use check::{
    InputError, METADATA_KEY_LENGTH_MAX, METADATA_KEYS_MAX, METADATA_VALUE_LENGTH_MAX,
};
pub use error::{ApiError, ConnectionFault, Refusal, Unreadable};
pub use http::HttpTransport;
pub use request::{IdempotencyKey, IdempotencyKeyError, Method, Request};
pub use transport::{Transport, TransportError, TransportErrorKind};

pub use walk::{AtMost, PAGE_LENGTH_MAX, Walk};

pub(crate) use call::put_amount;
pub(crate) use macros::{calls, parts};

/// The API version that requests are pinned to unless another is set.
pub const API_VERSION: &str = "2026-10-28.endive";
/// Stripe's own host.
pub const API_BASE: &str = "https://api.stripe.com";
/// The most retries that may be set.
pub const RETRIES_MAX: u32 = 10;

/// Talks to Stripe. Cloning is cheap and shares connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    key: ApiKey,
    authorization: HeaderValue,
    base: String,
    api_version: String,
    retries: u32,
    timeout: Duration,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    /// Spreads the waits of calls that have no key of their own.
    calls: AtomicU64,
}

/// Puts a [`Client`] together.
#[derive(Clone)]
pub struct ClientBuilder {
    key: ApiKey,
    base: String,
    api_version: String,
    retries: u32,
    timeout: Duration,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
}

/// Why a client cannot be built from these settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The base is not an absolute `http:` or `https:` address.
    #[error("the API base must be an address such as https://api.stripe.com, without a query")]
    Base,
    /// A live key would travel unencrypted.
    #[error("a live key is not sent over plain http; use https or a test key")]
    LiveKeyOverHttp,
    /// The API version is not a header value.
    #[error("the API version must be a text such as 2026-10-28.endive")]
    ApiVersion,
}

impl ClientBuilder {
    /// Talks to another host: a sandbox, a proxy.
    #[must_use]
    pub fn base(self, base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            ..self
        }
    }

    /// Pins another API version.
    #[must_use]
    pub fn api_version(self, version: &str) -> Self {
        Self {
            api_version: version.to_owned(),
            ..self
        }
    }

    /// How often a call is tried again; 2 unless set, at most [`RETRIES_MAX`].
    #[must_use]
    pub fn retries(self, retries: u32) -> Self {
        Self {
            retries: retries.min(RETRIES_MAX),
            ..self
        }
    }

    /// How long one try may take; 80 s unless set, as the official SDKs.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends requests another way: any tower service over `http` types will do.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self {
            transport: Some(Arc::new(transport)),
            ..self
        }
    }

    /// Takes time from another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// When a setting cannot work; see [`ConfigError`].
    pub fn build(self) -> Result<Client, ConfigError> {
        let uri: ::http::Uri = self.base.parse().map_err(|_| ConfigError::Base)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(ConfigError::Base),
        };
        if uri.host().is_none_or(str::is_empty) || self.base.contains(['?', '#']) {
            return Err(ConfigError::Base);
        }
        if self.key.is_live() && !https {
            return Err(ConfigError::LiveKeyOverHttp);
        }
        // The key is printable ASCII, so this cannot fail; if it did, Stripe would say 401.
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", self.key.expose()))
            .unwrap_or(HeaderValue::from_static("Bearer"));
        authorization.set_sensitive(true);
        HeaderValue::from_str(&self.api_version).map_err(|_| ConfigError::ApiVersion)?;
        let transport = self
            .transport
            .unwrap_or_else(|| Arc::new(HttpTransport::new(https)));
        Ok(Client(Arc::new(Inner {
            key: self.key,
            authorization,
            base: self.base,
            api_version: self.api_version,
            retries: self.retries,
            timeout: self.timeout,
            transport,
            clock: self.clock,
            calls: AtomicU64::new(0),
        })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientBuilder({}, {:?})", self.base, self.key)
    }
}

impl Client {
    /// A client for Stripe itself, with the defaults of the official SDKs.
    #[must_use]
    pub fn new(key: ApiKey) -> Self {
        match Self::builder(key).build() {
            Ok(client) => client,
            // The defaults are constants that a test builds.
            Err(_) => unreachable!("the default settings are valid"),
        }
    }

    /// A client to be configured.
    #[must_use]
    pub fn builder(key: ApiKey) -> ClientBuilder {
        ClientBuilder {
            key,
            base: API_BASE.to_owned(),
            api_version: API_VERSION.to_owned(),
            retries: 2,
            timeout: Duration::from_secs(80),
            transport: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The API version that requests are pinned to.
    #[must_use]
    pub fn api_version(&self) -> &str {
        &self.0.api_version
    }

    /// Makes a call. Every call type also has `.send(&client)`.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn send<C: Call>(&self, call: C) -> Result<C::Output, ApiError> {
        self.read(call.into_request()).await
    }

    /// Makes a request to an endpoint that has no call type here and reads
    /// the answer, as [`Object`](crate::object::Object) where there is no view either.
    ///
    /// # Errors
    /// See [`ApiError`].
    ///
    /// ```no_run
    /// use stripegym_core::client::{ApiError, Client, List, Request};
    /// use stripegym_core::object::Object;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let rates: List<Object> = stripe.read(Request::get("/v1/tax_rates")).await?;
    /// for rate in rates.data() {
    ///     println!("{}", rate.get::<&str>("display_name")?);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn read<T: Answer>(&self, request: Request) -> Result<T, ApiError> {
        let answer = self.execute(request).await?;
        let request_id = header_text(&answer, "request-id");
        T::from_slice(answer.body())
            .map_err(|source| ApiError::unreadable(answer.status(), request_id, source))
    }

    /// Makes a request and answers with Stripe's successful answer as it is.
    ///
    /// # Errors
    /// See [`ApiError`].
    ///
    /// ```no_run
    /// # use stripegym_core::client::{ApiError, Client, Request};
    /// # async fn run(stripe: Client) -> Result<(), ApiError> {
    /// let answer = stripe.execute(Request::get("/v1/balance")).await?;
    /// println!("{} bytes", answer.body().len());
    /// # Ok(()) }
    /// ```
    pub async fn execute(&self, request: Request) -> Result<Response<Bytes>, ApiError> {
        let span = tracing::info_span!(
            "stripe.request",
            http.method = request.method().as_str(),
            http.path = request.path(),
            stripe.request_id = tracing::field::Empty,
            attempt = tracing::field::Empty,
        );
        self.try_repeatedly(request).instrument(span).await
    }

    async fn try_repeatedly(&self, request: Request) -> Result<Response<Bytes>, ApiError> {
        // Made once, before the first try, and the same on every one.
        check::check(&request)?;
        let request = request.with_key_if_post().map_err(ApiError::no_entropy)?;
        let nth_call = self.0.calls.fetch_add(1, Ordering::Relaxed);
        let seed = retry::seed(&request, nth_call);
        let mut attempt = 1;
        loop {
            let span = tracing::Span::current();
            span.record("attempt", attempt);
            let outcome = self.try_once(&request).await;
            if let Ok(answer) = &outcome {
                span.record("stripe.request_id", header_text(answer, "request-id"));
                if answer.status().is_success() {
                    return outcome.map_err(ApiError::from);
                }
            }
            let again = attempt <= self.0.retries && retry::is_worth_it(outcome.as_ref());
            if !again {
                return Err(match outcome {
                    Ok(answer) => ApiError::from_answer(&answer),
                    Err(error) => ApiError::from(error),
                });
            }
            self.0.clock.sleep(retry::wait(seed, attempt)).await;
            attempt += 1;
        }
    }

    async fn try_once(&self, request: &Request) -> Result<Response<Bytes>, TransportError> {
        let timeout = request.timeout().unwrap_or(self.0.timeout);
        let request = self.http_request(request)?;
        tokio::select! {
            biased;
            answer = self.0.transport.send(request) => answer,
            () = self.0.clock.sleep(timeout) => {
                Err(TransportError::new(TransportErrorKind::Timeout, "no answer in time"))
            }
        }
    }

    fn http_request(&self, request: &Request) -> Result<::http::Request<Bytes>, TransportError> {
        let encoded = request.form().encode();
        let (url, body) = match request.method() {
            Method::Post => (format!("{}{}", self.0.base, request.path()), encoded),
            Method::Get | Method::Delete if encoded.is_empty() => {
                (format!("{}{}", self.0.base, request.path()), encoded)
            }
            Method::Get | Method::Delete => {
                // Brackets are legal in Stripe's queries but not in a URI.
                let query = encoded.replace('[', "%5B").replace(']', "%5D");
                (
                    format!("{}{}?{query}", self.0.base, request.path()),
                    String::new(),
                )
            }
        };
        let mut built = ::http::Request::builder()
            .method(request.method().as_str())
            .uri(url)
            .header(header::AUTHORIZATION, self.0.authorization.clone())
            .header(
                header::USER_AGENT,
                concat!("Stripe/v1 stripegym/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::ACCEPT, "application/json")
            .header(
                "stripe-version",
                request.api_version().unwrap_or(self.api_version()),
            );
        if request.method() == Method::Post {
            built = built.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(key) = request.idempotency_key() {
            built = built.header("idempotency-key", key.as_str());
        }
        if let Some(account) = request.account_id() {
            built = built.header("stripe-account", account.as_str());
        }
        built
            .body(Bytes::from(body))
            .map_err(|error| TransportError::with_source(TransportErrorKind::Unsendable, error))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, {:?})", self.0.base, self.0.key)
    }
}

fn header_text<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    answer
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
}

fn is_server_fault(status: StatusCode) -> bool {
    status.is_server_error()
}

#[cfg(test)]
mod tests;
