//! One logical call, frozen: everything that must not change between tries.

use std::fmt;
use std::time::Duration;

use crate::form::Form;
use crate::id::AccountId;

/// The verbs that Stripe's v1 API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, changes, acts.
    Post,
    /// Deletes.
    Delete,
}

impl Method {
    /// The verb.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A key under which Stripe performs a POST once, however often it is sent,
/// for at least 24 hours. <https://docs.stripe.com/api/idempotent_requests>
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Box<str>);

/// Why a text is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 printable ASCII characters")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// A key of your own, such as one kept beside your order.
    ///
    /// # Errors
    /// When it is empty, longer than 255 characters or not printable ASCII.
    pub fn parse(key: &str) -> Result<Self, IdempotencyKeyError> {
        let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(key.into()))
        } else {
            Err(IdempotencyKeyError)
        }
    }

    /// A fresh key of 128 random bits.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("stripegym-{}", hex::encode(bytes)).into()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({})", self.0)
    }
}

/// A request to any endpoint: method, path, parameters and options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    method: Method,
    path: String,
    form: Form,
    idempotency_key: Option<IdempotencyKey>,
    account: Option<AccountId>,
    api_version: Option<Box<str>>,
    timeout: Option<Duration>,
}

impl Request {
    /// A GET; the path starts with `/v1/`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path.into())
    }

    /// A POST; the path starts with `/v1/`.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::Post, path.into())
    }

    /// A DELETE; the path starts with `/v1/`.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::Delete, path.into())
    }

    pub(crate) fn with_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    pub(crate) fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            form: Form::new(),
            idempotency_key: None,
            account: None,
            api_version: None,
            timeout: None,
        }
    }

    /// Sets one parameter, in bracket form: `metadata[order]`.
    #[must_use]
    pub fn param(mut self, key: &str, value: &str) -> Self {
        self.form.set(key, value);
        self
    }

    /// Uses this key instead of a fresh one.
    #[must_use]
    pub fn with_idempotency_key(self, key: IdempotencyKey) -> Self {
        Self {
            idempotency_key: Some(key),
            ..self
        }
    }

    /// Acts on a connected account.
    #[must_use]
    pub fn with_account(self, account: AccountId) -> Self {
        Self {
            account: Some(account),
            ..self
        }
    }

    /// Asks for another API version than the client's.
    #[must_use]
    pub fn with_api_version(self, version: &str) -> Self {
        Self {
            api_version: Some(version.into()),
            ..self
        }
    }

    /// Gives one try this long instead of the client's time-out.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Asks for a related object in full, by its dotted path.
    #[must_use]
    pub fn with_expanded(self, path: &str) -> Self {
        let keys = self.form.iter().map(|(key, _)| key);
        let taken = keys.filter(|key| key.starts_with("expand[")).count();
        self.param(&format!("expand[{taken}]"), path)
    }

    /// The verb.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parameters.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    pub(crate) fn form_mut(&mut self) -> &mut Form {
        &mut self.form
    }

    /// The idempotency key, once there is one.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.idempotency_key.as_ref()
    }

    /// The connected account, if any.
    #[must_use]
    pub fn account_id(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The API version, where it is not the client's.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.api_version.as_deref()
    }

    /// The time-out of one try, where it is not the client's.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Only POSTs take a key: Stripe ignores it on the others.
    pub(super) fn with_key_if_post(mut self) -> Result<Self, getrandom::Error> {
        if self.method == Method::Post && self.idempotency_key.is_none() {
            self.idempotency_key = Some(IdempotencyKey::random()?);
        }
        Ok(self)
    }
}
