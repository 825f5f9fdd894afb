//! Stripe's error envelope: what a request that fails is answered with.

use serde_json::{Map, Value, json};

use crate::cards::CardError;

/// An error as Stripe words it, and whether the idempotency layer may remember it.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<String>,
    message: String,
    param: Option<String>,
    /// What else the envelope holds: a decline code, the object that failed.
    extra: Map<String, Value>,
    /// Stripe stores an answer for its key only once the endpoint has begun to execute: a
    /// request that failed its validation may be repeated with the same key.
    pub(crate) stored: bool,
}

impl ApiError {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            extra: Map::new(),
            stored: false,
        }
    }

    /// A request that is wrong in itself: 400, never stored for its key.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    pub(crate) fn code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Found while executing: remembered for the key.
    pub(crate) fn while_executing(mut self) -> Self {
        self.stored = true;
        self
    }

    /// Adds a field to the envelope.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(field.to_owned(), value.into());
        self
    }

    /// A card that was refused: 402.
    pub(crate) fn card(error: CardError) -> Self {
        let refused = Self::new(402, "card_error", error.message())
            .code(error.code)
            .while_executing();
        match (error.decline_code, error.param()) {
            (Some(decline_code), _) => refused.with("decline_code", decline_code),
            (None, Some(param)) => refused.param(param),
            (None, None) => refused,
        }
    }

    /// A valid request that failed all the same: 402.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(402, "invalid_request_error", message).while_executing()
    }

    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(param)
    }

    pub(crate) fn unknown(params: &[String]) -> Self {
        let plural = if params.len() > 1 { "s" } else { "" };
        let error = Self::invalid(format!(
            "Received unknown parameter{plural}: {}",
            params.join(", ")
        ))
        .code("parameter_unknown");
        match params.first() {
            Some(first) => error.param(first.clone()),
            None => error,
        }
    }

    pub(crate) fn empty(param: &str) -> Self {
        Self::invalid(format!(
            "You passed an empty string for '{param}'. We assume empty values are an attempt to \
             unset a parameter; however '{param}' cannot be unset. You should remove '{param}' \
             from your request or supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(param)
    }

    pub(crate) fn exclusive(params: &[&str]) -> Self {
        let error = Self::invalid(format!(
            "You may only specify one of these parameters: {}.",
            params.join(", ")
        ))
        .code("parameters_exclusive");
        match params.first() {
            Some(first) => error.param(*first),
            None => error,
        }
    }

    /// Something of Stripe's that the sandbox does not do yet: said plainly instead of ignored.
    pub(crate) fn unsupported(param: &str, what: &str) -> Self {
        Self::invalid(format!("The sandbox does not support {what} yet.")).param(param)
    }

    /// An object named by its own URL: 404, parameter `id`.
    pub(crate) fn not_found(noun: &str, id: &str) -> Self {
        Self {
            status: 404,
            ..Self::no_such(noun, id, "id")
        }
    }

    /// An object named by a parameter of another request: 400.
    pub(crate) fn no_such(noun: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {noun}: '{id}'"))
            .code("resource_missing")
            .param(param)
            .while_executing()
    }

    pub(crate) fn unrecognized_url(method: &str, path: &str) -> Self {
        Self {
            status: 404,
            ..Self::invalid(format!(
                "Unrecognized request URL ({method}: {path}). Please see \
                 https://stripe.com/docs or the sandbox's README for what it answers."
            ))
        }
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "invalid_request_error", message)
    }

    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    /// A fault of the sandbox itself.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "api_error", message)
    }

    /// The limiter's refusal, which comes before everything else.
    pub(crate) fn rate_limited() -> Self {
        let message = "Request rate limit exceeded. You can learn more about rate limits here \
                       https://stripe.com/docs/rate-limits.";
        Self::new(429, "invalid_request_error", message).code("rate_limit")
    }

    /// Somebody else holds the object; worth trying again.
    pub(crate) fn lock_timeout() -> Self {
        let message = "This object can't be accessed right now because another API request or \
                       Stripe process is currently accessing it. If you see this error \
                       intermittently, retry the request.";
        Self::new(429, "invalid_request_error", message).code("lock_timeout")
    }

    /// What the answer says beside its body.
    pub(crate) fn header(&self) -> Option<(&'static str, &'static str)> {
        match self.code.as_deref() {
            Some("rate_limit") => Some(("stripe-rate-limited-reason", "global-rate")),
            Some("lock_timeout") => Some(("stripe-should-retry", "true")),
            _ => None,
        }
    }

    /// Something went wrong on the server's side.
    pub(crate) fn broken(status: u16) -> Self {
        Self::new(status, "api_error", "An unknown error occurred")
    }

    pub(crate) fn too_large() -> Self {
        Self::new(
            413,
            "invalid_request_error",
            "The request body is too large.",
        )
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(503, "api_error", "The sandbox is shutting down.")
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// `{"error": {...}}`.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut error = Map::new();
        error.insert("type".to_owned(), json!(self.kind));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = &self.code {
            let slug = code.replace('_', "-");
            error.insert("code".to_owned(), json!(code));
            error.insert(
                "doc_url".to_owned(),
                json!(format!("https://stripe.com/docs/error-codes/{slug}")),
            );
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        error.extend(self.extra.clone());
        error.insert(
            "request_log_url".to_owned(),
            json!(format!(
                "https://dashboard.stripe.com/test/logs/{request_id}"
            )),
        );
        json!({ "error": error })
    }
}
