//! Session tokens: 256 random bits for the member, their hash for the database.

use std::fmt;

use sha2::{Digest, Sha256};

const RANDOM_BYTES: usize = 32;

/// What a member proves who they are with. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionToken(Box<str>);

impl SessionToken {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes).into()))
    }

    /// What a client sent. `None` unless it has the shape of a token: then
    /// there is no need to ask the database.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 2 * RANDOM_BYTES
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(text.into()))
    }

    /// The token itself, for the member only.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What the database knows of it.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(redacted)")
    }
}
