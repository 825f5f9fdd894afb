//! Webhook signatures, and the types that make skipping them impossible:
//! [`Received`] bytes become [`Verified`] in one way only, and everything that
//! acts on an event asks for [`Verified`].
//! <https://docs.stripe.com/webhooks#verify-manually>

mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::{Clock, SystemClock};
use crate::event::{Event, EventError};
use crate::secret::WebhookSecret;
use signature::{SignatureHeader, SigningKey};

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "stripe-signature";
/// Largest body that is looked at, in bytes. Stripe's events are far smaller.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How old, or how far ahead of our clock, a signature may be. There is no
/// value that turns the check off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance(Duration);

impl Tolerance {
    /// Five minutes, as the official SDKs.
    pub const DEFAULT: Self = Self(Duration::from_secs(300));

    /// From one second to one day; anything outside is brought to the nearer end.
    #[must_use]
    pub fn new(tolerance: Duration) -> Self {
        Self(tolerance.clamp(Duration::from_secs(1), Duration::from_secs(86_400)))
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why a delivery was not verified. Nothing of it may be stored or acted on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// No `Stripe-Signature` header.
    #[error("the Stripe-Signature header is missing")]
    MissingHeader,
    /// The header is not of the form `t=…,v1=…`.
    #[error("the Stripe-Signature header is malformed: {0}")]
    MalformedHeader(&'static str),
    /// No signature fits any secret.
    #[error("no signature matches; check that the signing secret is this endpoint's")]
    NoMatch,
    /// Signed too long ago: perhaps replayed.
    #[error("the signature is {age_s} s old, more than is tolerated")]
    Expired {
        /// Age in seconds.
        age_s: i64,
    },
    /// Signed in the future: one of the two clocks is wrong.
    #[error("the signature is {ahead_s} s ahead of this machine's clock; check the clock")]
    ClockSkew {
        /// Distance in seconds.
        ahead_s: i64,
    },
    /// More than [`BODY_BYTES_MAX`].
    #[error("the body is larger than 1 MiB")]
    BodyTooLarge,
}

impl VerifyError {
    /// A stable word for metrics and for the answer.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::MissingHeader => "missing_header",
            Self::MalformedHeader(_) => "malformed_header",
            Self::NoMatch => "no_match",
            Self::Expired { .. } => "expired",
            Self::ClockSkew { .. } => "clock_skew",
            Self::BodyTooLarge => "body_too_large",
        }
    }
}

/// Checks signatures against one secret or, during a rotation, several.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<[SigningKey]>,
    tolerance: Tolerance,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier for one endpoint's secret.
    #[must_use]
    pub fn new(secret: WebhookSecret) -> Self {
        Self::rotating(vec![secret])
    }

    /// A verifier that accepts any of several secrets. With none, nothing passes.
    #[must_use]
    pub fn rotating(secrets: Vec<WebhookSecret>) -> Self {
        let (tolerance, clock) = (Tolerance::DEFAULT, Arc::new(SystemClock));
        Self {
            keys: secrets.into_iter().map(SigningKey::new).collect(),
            tolerance,
            clock,
        }
    }

    /// Sets how old or early a signature may be.
    #[must_use]
    pub fn tolerance(self, tolerance: Tolerance) -> Self {
        Self { tolerance, ..self }
    }

    /// Takes time from another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    fn check(&self, body: &[u8], header: Option<&[u8]>) -> Result<(), VerifyError> {
        if body.len() > BODY_BYTES_MAX {
            return Err(VerifyError::BodyTooLarge);
        }
        let header = header.ok_or(VerifyError::MissingHeader)?;
        let header = SignatureHeader::parse(header).map_err(VerifyError::MalformedHeader)?;
        if !self.keys.iter().any(|key| header.matches(key, body)) {
            return Err(VerifyError::NoMatch);
        }
        // Only now: a forger learns nothing about our clock.
        let age_s = self.clock.now().unix_s().saturating_sub(header.timestamp());
        let tolerated = i64::try_from(self.tolerance.0.as_secs()).unwrap_or(i64::MAX);
        if age_s > tolerated {
            return Err(VerifyError::Expired { age_s });
        }
        if age_s < -tolerated {
            return Err(VerifyError::ClockSkew {
                ahead_s: age_s.saturating_neg(),
            });
        }
        Ok(())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Verifier({} secrets, {:?})",
            self.keys.len(),
            self.tolerance
        )
    }
}

/// A delivery as it came in: nobody knows yet who sent it.
pub struct Received {
    body: Bytes,
    header: Option<Bytes>,
}

impl Received {
    /// The raw body, byte for byte, and the value of the `Stripe-Signature` header.
    #[must_use]
    pub fn new(body: Bytes, header: Option<&[u8]>) -> Self {
        Self {
            body,
            header: header.map(Bytes::copy_from_slice),
        }
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// Whatever is wrong with header, signature, time or size.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use stripegym_core::{ManualClock, Timestamp, WebhookSecret};
    /// use stripegym_core::webhook::{Received, Verifier};
    ///
    /// let clock = ManualClock::at(Timestamp::from_unix_s(1_760_000_000));
    /// let verifier = Verifier::new(WebhookSecret::parse("whsec_test_secret")?)
    ///     .clock(Arc::new(clock));
    /// let body = r#"{"id":"evt_test_1","object":"event"}"#;
    /// let header = "t=1760000000,v1=ccfd5edd0f51e29cc3b9ad1511a963409a6bf0d12064f0f6fd686c32ff0ec721";
    /// let received = Received::new(body.into(), Some(header.as_bytes()));
    /// assert!(received.verify(&verifier).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(self, verifier: &Verifier) -> Result<Verified, VerifyError> {
        verifier.check(&self.body, self.header.as_deref())?;
        Ok(Verified { body: self.body })
    }
}

// The body holds personal data, the header a signature: neither is shown.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes)", self.body.len())
    }
}

/// A delivery whose signature was right. [`Received::verify`] is the only way
/// to one.
#[derive(Clone)]
pub struct Verified {
    body: Bytes,
}

impl Verified {
    /// The bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the event's envelope.
    ///
    /// # Errors
    /// When the bytes, though signed, are not a snapshot event.
    pub fn parse(&self) -> Result<Event, EventError> {
        Event::parse(&self.body)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({} bytes)", self.body.len())
    }
}

#[cfg(test)]
mod tests;
