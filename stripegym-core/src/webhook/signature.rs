//! The `Stripe-Signature` header: `t=<unix seconds>,v1=<hex>[,v1=<hex>…][,v0=…]`.

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::WebhookSecret;

/// A signing secret with the work done that is the same for every body: HMAC's
/// two blocks of the key. Wiped when dropped, as the secret itself.
#[derive(Clone)]
pub(super) struct SigningKey(Option<Hmac<Sha256>>);

impl SigningKey {
    #[allow(clippy::needless_pass_by_value)] // from here on the key stands for the secret
    pub(super) fn new(secret: WebhookSecret) -> Self {
        // HMAC takes keys of any length, so there always is one; without, nothing matches.
        Self(Hmac::new_from_slice(secret.expose().as_bytes()).ok())
    }
}

/// A real header has one signature per active secret, so two at most.
const SIGNATURES_MAX: usize = 16;
const HEADER_BYTES_MAX: usize = 4096;
const SIGNATURE_BYTES: usize = 32;

pub(super) struct SignatureHeader<'a> {
    /// As written: these digits are what was signed.
    timestamp_text: &'a str,
    timestamp: i64,
    signatures: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'a> SignatureHeader<'a> {
    pub(super) fn parse(header: &'a [u8]) -> Result<Self, &'static str> {
        if header.len() > HEADER_BYTES_MAX {
            return Err("it is too long");
        }
        let header = std::str::from_utf8(header).map_err(|_| "it is not text")?;
        let mut stamp = None;
        let mut signatures = Vec::with_capacity(2);
        for item in header.split(',') {
            let (scheme, value) = item.trim().split_once('=').ok_or("an item has no `=`")?;
            match scheme {
                "t" if stamp.is_some() => return Err("it has two timestamps"),
                "t" => stamp = Some((value, parse_timestamp(value)?)),
                // A v1 that is no SHA-256 in hex can match nothing.
                "v1" => signatures.extend(decode(value)),
                // Other schemes, v0 among them, prove nothing.
                _ => {}
            }
            if signatures.len() > SIGNATURES_MAX {
                return Err("it has too many signatures");
            }
        }
        let (timestamp_text, timestamp) = stamp.ok_or("it has no timestamp")?;
        if signatures.is_empty() {
            return Err("it has no v1 signature");
        }
        Ok(Self {
            timestamp_text,
            timestamp,
            signatures,
        })
    }

    pub(super) fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// Compares in constant time.
    pub(super) fn matches(&self, key: &SigningKey, body: &[u8]) -> bool {
        let Some(mut mac) = key.0.clone() else {
            return false;
        };
        mac.update(self.timestamp_text.as_bytes());
        mac.update(b".");
        mac.update(body);
        let expected = mac.finalize();
        self.signatures
            .iter()
            .any(|given| expected == CtOutput::new((*given).into()))
    }
}

fn parse_timestamp(value: &str) -> Result<i64, &'static str> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err("its timestamp is not a number of seconds");
    }
    value.parse().map_err(|_| "its timestamp is out of range")
}

fn decode(value: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    hex::decode_to_slice(value, &mut bytes).ok().map(|()| bytes)
}
