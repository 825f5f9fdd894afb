//! The values that travel through the outbox: what is to leave the house once
//! a transaction has committed.

mod traits;

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use crate::clock::Timestamp;

pub use traits::{OutboxRead, OutboxTx};

/// Something to be done outside the database because of what happened to an
/// object: a mail, a message, a call. It has a name of yours, such as
/// `mail.receipt`, and an object, such as the invoice. The two make it unique:
/// two events of one cause ask for one mail.
///
/// ```
/// use stripegym_core::store::Effect;
/// # fn main() -> Result<(), stripegym_core::store::EffectError> {
/// let receipt = Effect::new("in_1", "mail.receipt", r#"{"to":"user 41"}"#)?;
/// assert_eq!(receipt.name(), "mail.receipt");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Effect {
    object_id: Box<str>,
    name: Box<str>,
    payload: Bytes,
    not_before: Option<Timestamp>,
}

/// Why something is not an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EffectError {
    /// The object's id does not fit.
    #[error("an effect's object is named by 1 to 255 printable ASCII characters")]
    ObjectId,
    /// The name does not fit.
    #[error("an effect's name has 1 to 100 of a-z, 0-9, `_`, `-` and `.`")]
    Name,
    /// The payload is too large for a note of what to do.
    #[error("an effect's payload has at most 256 KiB")]
    Payload,
    /// The value does not become JSON.
    #[error("the payload cannot be written as JSON")]
    Json,
}

impl Effect {
    /// Longest id of an object, in bytes.
    pub const OBJECT_ID_BYTES_MAX: usize = 255;
    /// Longest name, in bytes.
    pub const NAME_BYTES_MAX: usize = 100;
    /// Largest payload, in bytes.
    pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;

    /// An effect with a payload of your own, usually JSON: what its handler
    /// needs to know.
    ///
    /// # Errors
    /// When the object's id is empty, longer than 255 bytes or not printable
    /// ASCII; when the name is empty, longer than 100 bytes or has other
    /// characters than `a-z`, `0-9`, `_`, `-` and `.`; when the payload has
    /// more than 256 KiB.
    pub fn new(
        object_id: impl Into<String>,
        name: impl Into<String>,
        payload: impl Into<Bytes>,
    ) -> Result<Self, EffectError> {
        let (object_id, name, payload) = (object_id.into(), name.into(), payload.into());
        let id_fits = (1..=Self::OBJECT_ID_BYTES_MAX).contains(&object_id.len());
        if !id_fits || !object_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(EffectError::ObjectId);
        }
        let name_fits = (1..=Self::NAME_BYTES_MAX).contains(&name.len());
        if !name_fits || !name.bytes().all(is_name_byte) {
            return Err(EffectError::Name);
        }
        if payload.len() > Self::PAYLOAD_BYTES_MAX {
            return Err(EffectError::Payload);
        }
        Ok(Self {
            object_id: object_id.into(),
            name: name.into(),
            payload,
            not_before: None,
        })
    }

    /// An effect whose payload is this value as JSON.
    ///
    /// # Errors
    /// As [`Effect::new`], and when the value does not become JSON.
    pub fn json(
        object_id: impl Into<String>,
        name: impl Into<String>,
        value: &(impl Serialize + ?Sized),
    ) -> Result<Self, EffectError> {
        let payload = serde_json::to_vec(value).map_err(|_| EffectError::Json)?;
        Self::new(object_id, name, payload)
    }

    /// Lets it wait until then; without this it is due at once.
    #[must_use]
    pub fn not_before(self, at: Timestamp) -> Self {
        Self {
            not_before: Some(at),
            ..self
        }
    }

    /// The object that it is about.
    #[must_use]
    pub fn object_id(&self) -> &str {
        &self.object_id
    }

    /// What is to be done.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its handler needs to know.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// When it is due, if it is enqueued at `now`. For stores.
    #[must_use]
    pub fn due_at(&self, now: Timestamp) -> Timestamp {
        self.not_before.unwrap_or(now)
    }
}

// The payload holds personal data.
impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Effect({} of {})", self.name, self.object_id)
    }
}

fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.')
}

/// Whether `pattern` means this name: it is the name itself, a family
/// (`mail.*`) or everything (`*`).
pub(crate) fn means(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == pattern,
    }
}

/// Where an effect stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectState {
    /// Enqueued, not yet tried.
    Waiting,
    /// Claimed by a dispatcher.
    Processing,
    /// Delivered.
    Done,
    /// Failed, to be tried again.
    Retry,
    /// Failed for good: a person must look.
    Dead,
}

impl EffectState {
    /// Every state, in the order of an effect's life.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Processing,
        Self::Done,
        Self::Retry,
        Self::Dead,
    ];

    /// The name used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Retry => "retry",
            Self::Dead => "dead",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A dispatcher's right to an effect, until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectClaim {
    /// The object that the effect is about.
    pub object_id: String,
    /// What is to be done.
    pub name: String,
    /// A number that the database issued for this claim and never again.
    pub token: i64,
    /// How many claims the effect has had, this one included.
    pub attempt: u32,
}

/// A claimed effect, with its payload.
#[derive(Clone)]
pub struct ClaimedEffect {
    /// The right to deliver it.
    pub claim: EffectClaim,
    /// What its handler needs to know.
    pub payload: Bytes,
}

// Payloads hold personal data.
impl fmt::Debug for ClaimedEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim, payload } = self;
        write!(f, "ClaimedEffect({claim:?}, {} bytes)", payload.len())
    }
}

/// Which effects are meant. An empty selection means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EffectSelection {
    /// Only effects of this object.
    pub object_id: Option<String>,
    /// Only effects of this name.
    pub name: Option<String>,
    /// Only effects in this state.
    pub state: Option<EffectState>,
}

impl EffectSelection {
    /// Whether an effect is meant.
    #[must_use]
    pub fn holds(&self, effect: &StoredEffect) -> bool {
        self.object_id
            .as_ref()
            .is_none_or(|id| *id == effect.object_id)
            && self.name.as_ref().is_none_or(|name| *name == effect.name)
            && self.state.is_none_or(|state| state == effect.state)
    }
}

/// An effect as the outbox has it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEffect {
    /// The object that it is about.
    pub object_id: String,
    /// What is to be done.
    pub name: String,
    /// Where it stands.
    pub state: EffectState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was asked for.
    pub enqueued_at: Timestamp,
    /// When it is, or last was, due.
    pub next_at: Timestamp,
    /// When it came to rest, done or dead.
    pub done_at: Option<Timestamp>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// What its handler needs to know. Keep it out of logs.
    pub payload: Bytes,
}

impl fmt::Debug for StoredEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoredEffect({} of {}, {:?})",
            self.name, self.object_id, self.state
        )
    }
}

/// How many effects stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxSummary {
    /// Effects per state; states without effects are left out.
    pub counts: Vec<(EffectState, u64)>,
    /// When the oldest effect that is neither done nor dead was asked for.
    pub oldest_open: Option<Timestamp>,
}

impl OutboxSummary {
    /// The number of effects in one state.
    #[must_use]
    pub fn count(&self, state: EffectState) -> u64 {
        self.counts
            .iter()
            .filter(|(s, _)| *s == state)
            .map(|(_, n)| n)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_by_its_part() {
        let id = "a".repeat(256);
        for object_id in ["", "in 1", "in_é", "in\n", id.as_str()] {
            let refused = Effect::new(object_id, "mail.receipt", "");
            assert_eq!(refused, Err(EffectError::ObjectId), "{object_id}");
        }
        let long = "a".repeat(101);
        for name in ["", "mail.*", "Mail", "mail receipt", long.as_str()] {
            let refused = Effect::new("in_1", name, "");
            assert_eq!(refused, Err(EffectError::Name), "{name}");
        }
        let most = vec![b' '; Effect::PAYLOAD_BYTES_MAX];
        assert!(Effect::new("in_1", "mail.receipt", most.clone()).is_ok());
        let more = [most, vec![b' ']].concat();
        let refused = Effect::new("in_1", "mail.receipt", more);
        assert_eq!(refused, Err(EffectError::Payload));
    }

    #[test]
    fn a_pattern_is_a_name_a_family_or_everything() {
        assert!(means("mail.receipt", "mail.receipt"));
        assert!(!means("mail.receipt", "mail.receipts"));
        assert!(means("mail.*", "mail.receipt"));
        assert!(!means("mail.*", "mailing.list"));
        assert!(means("*", "slack.alarm"));
    }

    #[test]
    fn debug_shows_no_payload() {
        let effect = Effect::new("in_1", "mail.receipt", "hide@example.com").unwrap();
        assert_eq!(format!("{effect:?}"), "Effect(mail.receipt of in_1)");
    }
}
