//! The bytes that are worked on. All names in them are made up.

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use stripegym_core::webhook::Verifier;
use stripegym_core::{ManualClock, Timestamp, WebhookSecret};

/// The secret that everything here is signed with.
pub const SECRET: &str = "whsec_benchmarks_only";

/// A `customer.subscription.updated` of API version 2026-10-28.endive, written
/// with white space and line ends as Stripe sends it.
pub const SUBSCRIPTION_UPDATED: &str = include_str!("inputs/subscription_updated.json");

/// When the event was signed; the verifier's clock stands there too.
pub const SIGNED_AT: i64 = 1_793_000_001;

/// A body and the header that came with it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The body.
    pub body: Bytes,
    /// The `Stripe-Signature` header.
    pub header: String,
}

impl Delivery {
    /// Signs these bytes as Stripe would, at [`SIGNED_AT`].
    #[must_use]
    pub fn signed(body: impl Into<Bytes>) -> Self {
        Self::signed_at(body, SIGNED_AT)
    }

    /// Signs these bytes as Stripe would at that second.
    #[must_use]
    pub fn signed_at(body: impl Into<Bytes>, unix_s: i64) -> Self {
        let body = body.into();
        let signature = hex::encode(bare_hmac(unix_s, &body));
        let header = format!("t={unix_s},v1={signature}");
        Self { body, header }
    }

    /// The same body under a signature that someone made up.
    #[must_use]
    pub fn forged(&self) -> Self {
        let header = format!("t={SIGNED_AT},v1={}", "ab".repeat(32));
        Self {
            header,
            ..self.clone()
        }
    }
}

/// What everything is compared with: the HMAC over what Stripe signs, key
/// set-up included, and nothing else.
#[must_use]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "HMAC takes keys of any length"
)]
pub fn bare_hmac(unix_s: i64, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(unix_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// A verifier for [`SECRET`] whose clock stands at [`SIGNED_AT`].
#[must_use]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the secret is a constant"
)]
pub fn verifier() -> Verifier {
    let secret = WebhookSecret::parse(SECRET).expect("the constant is a secret");
    let clock = ManualClock::at(Timestamp::from_unix_s(SIGNED_AT));
    Verifier::new(secret).clock(Arc::new(clock))
}

/// The event with its last byte, the closing brace, replaced.
#[must_use]
pub fn broken_in_last_byte(by: u8) -> Vec<u8> {
    let mut body = SUBSCRIPTION_UPDATED.as_bytes().to_vec();
    if let Some(last) = body.last_mut() {
        *last = by;
    }
    body
}

/// A page of so many invoices, as `GET /v1/invoices` answers it.
#[must_use]
pub fn invoice_page(invoices: usize) -> String {
    let template = include_str!("inputs/invoice.json");
    let data: Vec<_> = (0..invoices)
        .map(|nth| template.replace("00000001", &format!("{nth:08}")))
        .collect();
    format!(
        "{{\n  \"object\": \"list\",\n  \"data\": [\n{}\n  ],\n  \"has_more\": true,\n  \"url\": \"/v1/invoices\"\n}}",
        data.join(",\n")
    )
}

#[cfg(test)]
mod tests {
    use stripegym_core::webhook::Received;

    use super::*;

    fn is_taken(delivery: &Delivery) -> bool {
        let header = Some(delivery.header.as_bytes());
        let received = Received::new(delivery.body.clone(), header);
        let verified = received.verify(&verifier());
        verified.is_ok_and(|verified| verified.parse().is_ok())
    }

    #[test]
    fn the_event_has_the_size_that_the_figures_are_about() {
        assert!((5_800..=6_000).contains(&SUBSCRIPTION_UPDATED.len()));
        assert!(is_taken(&Delivery::signed(SUBSCRIPTION_UPDATED)));
    }

    #[test]
    fn what_is_forged_or_broken_is_refused() {
        assert!(!is_taken(&Delivery::signed(SUBSCRIPTION_UPDATED).forged()));
        for by in [b']', b' ', b'{', b'"', 0, 0x80, 0xff] {
            let broken = Delivery::signed(broken_in_last_byte(by));
            assert!(!is_taken(&broken), "{by}");
        }
    }
}
