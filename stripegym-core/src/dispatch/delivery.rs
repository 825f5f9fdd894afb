//! One try to deliver an effect.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::process::HandlerError;
use crate::store::{ClaimedEffect, Effect, EffectClaim};

/// Bytes of the hash that make a message id: enough that no two are the same.
const MESSAGE_ID_BYTES: usize = 16;

/// One try to deliver an effect.
#[derive(Clone)]
pub struct Delivery {
    claimed: ClaimedEffect,
    message_id: Box<str>,
}

impl Delivery {
    /// The first try of an effect, for testing a handler on its own.
    #[must_use]
    pub fn first(effect: &Effect) -> Self {
        let claim = EffectClaim {
            object_id: effect.object_id().to_owned(),
            name: effect.name().to_owned(),
            token: 0,
            attempt: 1,
        };
        Self::from(ClaimedEffect {
            claim,
            payload: effect.payload().clone(),
        })
    }

    /// What is to be done.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.claimed.claim.name
    }

    /// The object that it is about.
    #[must_use]
    pub fn object_id(&self) -> &str {
        &self.claimed.claim.object_id
    }

    /// Counts the tries from 1, since the effect was asked for or revived.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.claimed.claim.attempt
    }

    /// What the effect was enqueued with.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.claimed.payload
    }

    /// The payload, read as JSON.
    ///
    /// # Errors
    /// When it is not what is asked for: a permanent failure, to be passed on.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HandlerError> {
        serde_json::from_slice(self.payload()).map_err(HandlerError::permanent)
    }

    /// By what the other side can tell a repeat: 32 characters of `0-9a-f`,
    /// made from the object's id and the effect's name, and so the same on
    /// every try, in every process and after a replay. It fits the local part
    /// of a `Message-ID` and, with your own prefix, a Stripe idempotency key
    /// (<https://docs.stripe.com/api/idempotent_requests>), which Stripe
    /// remembers for at least 24 hours.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    pub(super) fn claim(&self) -> &EffectClaim {
        &self.claimed.claim
    }
}

impl From<ClaimedEffect> for Delivery {
    fn from(claimed: ClaimedEffect) -> Self {
        let message_id = message_id(&claimed.claim.object_id, &claimed.claim.name);
        Self {
            claimed,
            message_id: message_id.into(),
        }
    }
}

/// Neither part has a line break, so no two pairs make one text.
pub(super) fn message_id(object_id: &str, name: &str) -> String {
    let hash = Sha256::digest(format!("{object_id}\n{name}"));
    hex::encode(&hash[..MESSAGE_ID_BYTES])
}

// The payload holds personal data.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Delivery({} of {}, attempt {})",
            self.name(),
            self.object_id(),
            self.attempt()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_id_is_what_it_was_and_belongs_to_one_effect() {
        // `printf 'in_1\nmail.receipt' | sha256sum | cut -c1-32`: it must never change,
        // or a repeat across an update would look new.
        assert_eq!(
            message_id("in_1", "mail.receipt"),
            "158de440044d388968e75beed0e1cda7"
        );
        assert_ne!(message_id("in_1", "mail.a"), message_id("in_1", "mail.b"));
        assert_ne!(message_id("in_1", "mail.a"), message_id("in_2", "mail.a"));
    }

    #[test]
    fn a_payload_of_another_shape_is_a_permanent_failure() {
        let effect = Effect::new("in_1", "mail.receipt", "[1]").unwrap();
        let delivery = Delivery::first(&effect);
        assert_eq!(delivery.json::<Vec<u8>>().unwrap(), [1]);
        let refused = delivery.json::<String>().unwrap_err();
        assert_eq!(refused.kind(), crate::process::HandlerErrorKind::Permanent);
    }
}
