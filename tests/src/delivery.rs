//! Deliveries as Stripe would make them, signed with a few lines of our own:
//! a second writing of the signature, which core's verification must agree with.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use stripegym_core::webhook::{Received, Verified, Verifier};
use stripegym_core::{Clock, SystemClock, WebhookSecret};

/// Signs deliveries with one endpoint's secret.
#[derive(Debug, Clone)]
pub struct Sender {
    secret: String,
}

impl Sender {
    /// A sender that knows this secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self {
            secret: secret.to_owned(),
        }
    }

    /// The header's value for this body, signed now.
    #[must_use]
    pub fn sign(&self, body: impl AsRef<[u8]>) -> String {
        self.sign_at(SystemClock.now().unix_s(), body)
    }

    /// The header's value for this body, signed at a time in Unix seconds.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn sign_at(&self, unix_s: i64, body: impl AsRef<[u8]>) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any length");
        mac.update(format!("{unix_s}.").as_bytes());
        mac.update(body.as_ref());
        format!("t={unix_s},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    /// A verified delivery, by way of a real verification.
    ///
    /// # Panics
    /// When the secret is none or core disagrees with our signature.
    #[must_use]
    pub fn verified(&self, event: &Value) -> Verified {
        let verifier = Verifier::new(WebhookSecret::parse(&self.secret).expect("a secret"));
        let body = event.to_string();
        let header = self.sign(&body);
        Received::new(body.into(), Some(header.as_bytes()))
            .verify(&verifier)
            .expect("verified")
    }
}

/// `checkout.session.completed` for a paid session. `number` tells sessions
/// and events apart; the owner is `41`.
#[must_use]
pub fn paid_session(number: u32) -> Value {
    json!({
        "id": format!("evt_{number}"), "object": "event", "api_version": "2026-10-28.endive",
        "created": 1_760_000_000 + i64::from(number), "livemode": false,
        "pending_webhooks": 1, "type": "checkout.session.completed",
        "request": { "id": null, "idempotency_key": null },
        "data": { "object": {
            "id": format!("cs_test_{number}"), "object": "checkout.session", "mode": "payment",
            "status": "complete", "payment_status": "paid", "currency": "jpy",
            "amount_total": 4980, "amount_subtotal": 4980, "url": null,
            "payment_intent": format!("pi_{number}"), "customer": "cus_41",
            "client_reference_id": "41", "metadata": { "product_name": "オリジナルプロテイン" },
            "total_details": { "amount_tax": 0, "amount_discount": 0, "amount_shipping": 0 },
            "created": 1_759_999_000 + i64::from(number),
        }},
    })
}
