//! Keys and secrets that cannot be printed by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Why a text is not a usable key or secret. Never holds the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct SecretError {
    what: &'static str,
    problem: &'static str,
}

/// A secret (`sk_`) or restricted (`rk_`) API key.
///
/// `Debug` says which mode it belongs to and nothing else.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Checks the shape of a key; whether Stripe accepts it, only Stripe knows.
    ///
    /// # Errors
    /// When it is empty, holds white space, or is not a secret or restricted key.
    ///
    /// ```
    /// use stripegym_core::ApiKey;
    /// assert!(ApiKey::parse("sk_test_example").is_ok());
    /// let error = ApiKey::parse("pk_test_example").unwrap_err();
    /// assert!(error.to_string().contains("publishable"));
    /// ```
    pub fn parse(key: &str) -> Result<Self, SecretError> {
        let no = |problem| {
            Err(SecretError {
                what: "Stripe API key",
                problem,
            })
        };
        if key.is_empty() {
            return no("it is empty; find yours at https://dashboard.stripe.com/apikeys");
        }
        if key.starts_with("pk_") {
            return no(
                "this is a publishable key (pk_); the server needs a secret key (sk_ or rk_)",
            );
        }
        if !key.bytes().all(|b| b.is_ascii_graphic()) {
            return no("it holds white space or a character that no key has; copy it again");
        }
        if !(key.starts_with("sk_") || key.starts_with("rk_")) || key.len() < 9 {
            return no("it should start with sk_test_, sk_live_, rk_test_ or rk_live_");
        }
        Ok(Self(key.into()))
    }

    /// True when real money moves with this key.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let key = self.0.expose_secret();
        key.starts_with("sk_live_") || key.starts_with("rk_live_")
    }

    #[cfg(feature = "client")]
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.is_live() { "live" } else { "test" };
        write!(f, "ApiKey({mode}, redacted)")
    }
}

/// The signing secret of one webhook endpoint (`whsec_`).
#[derive(Clone)]
pub struct WebhookSecret(SecretString);

impl WebhookSecret {
    /// Checks the shape of a signing secret. The whole text is the HMAC key,
    /// its `whsec_` included.
    ///
    /// # Errors
    /// When it is empty, holds white space or does not start with `whsec_`.
    pub fn parse(secret: &str) -> Result<Self, SecretError> {
        let no = |problem| {
            Err(SecretError {
                what: "webhook signing secret",
                problem,
            })
        };
        if secret.trim().is_empty() {
            return no("it is empty; an empty secret would let anyone sign");
        }
        if !secret.bytes().all(|b| b.is_ascii_graphic()) {
            return no("it holds white space or a character that no secret has; copy it again");
        }
        if !secret.starts_with("whsec_") || secret.len() < 12 {
            return no("it should start with whsec_, as the dashboard or `stripe listen` shows it");
        }
        Ok(Self(secret.into()))
    }

    /// Reads several secrets separated by commas: the old and the new one
    /// while a rotation is under way.
    ///
    /// # Errors
    /// When one of them is not a secret, or there is none.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, SecretError> {
        list.split(',').map(|one| Self::parse(one.trim())).collect()
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_mode_and_nothing_else() {
        let key = ApiKey::parse("sk_live_notarealkey").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(live, redacted)");
        let secret = WebhookSecret::parse("whsec_notasecret").unwrap();
        assert_eq!(format!("{secret:?}"), "WebhookSecret(redacted)");
    }

    #[test]
    fn errors_never_repeat_what_was_pasted() {
        for bad in ["sk_test_oops oops", "whsec_somethingelse", ""] {
            let text = ApiKey::parse(bad).unwrap_err().to_string();
            assert!(bad.is_empty() || !text.contains(bad), "{text}");
        }
    }

    #[test]
    fn an_empty_secret_is_refused_even_within_a_list() {
        assert!(WebhookSecret::parse_list("whsec_111111, whsec_222222").is_ok());
        for bad in ["", ",", "whsec_111111,", " ", "whsec_"] {
            assert!(WebhookSecret::parse_list(bad).is_err(), "{bad:?}");
        }
    }
}
