//! The values that travel through the journal of outgoing calls.

use std::fmt;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::store::StoreError;

/// What is to happen once, in your own words: `customer:41`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKey(Box<str>);

/// Why a text is not a call key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call key has 1 to 255 printable ASCII characters")]
pub struct CallKeyError;

impl CallKey {
    /// Names what is to happen.
    ///
    /// # Errors
    /// When the name is empty, longer than 255 characters or not printable ASCII.
    pub fn new(name: impl Into<String>) -> Result<Self, CallKeyError> {
        let name = name.into();
        let fits = (1..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(name.into()))
        } else {
            Err(CallKeyError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallKey({})", self.0)
    }
}

/// A call as it is sent, on every try the same.
#[derive(Clone, PartialEq, Eq)]
pub struct FrozenCall {
    /// What is to happen.
    pub key: CallKey,
    /// Counts from 1 the idempotency keys that were used for it.
    pub generation: u32,
    /// Under which Stripe does it once.
    pub idempotency_key: String,
    /// `POST` or `DELETE`.
    pub method: String,
    /// The path, from `/v1/`.
    pub path: String,
    /// The encoded parameters.
    pub body: String,
    /// The API version it is pinned to.
    pub api_version: String,
    /// The connected account it acts on.
    pub account: Option<String>,
}

// The body may hold personal data.
impl fmt::Debug for FrozenCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            generation,
            method,
            path,
            ..
        } = self;
        write!(
            f,
            "FrozenCall({key}, generation {generation}, {method} {path})"
        )
    }
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallState {
    /// Written down, not yet sent.
    Planned,
    /// Perhaps sent; no answer was noted.
    Sent,
    /// Done.
    Ok,
    /// Refused: nothing happened.
    Failed,
    /// Sent; whether it happened is not known.
    Unknown,
}

impl CallState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Planned,
        Self::Sent,
        Self::Ok,
        Self::Failed,
        Self::Unknown,
    ];

    /// The name used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What stands in the journal under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The call as it is sent.
    pub call: FrozenCall,
    /// How far it has come.
    pub state: CallState,
    /// When this generation was written down.
    pub planned_at: Timestamp,
    /// When this generation was first sent, or was about to be.
    pub first_sent_at: Option<Timestamp>,
    /// The id of what it made, once it is done.
    pub object_id: Option<String>,
}

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is done, and this is what it made.
    Ok {
        /// The object's id.
        object_id: String,
    },
    /// Stripe refused: nothing happened.
    Failed {
        /// Why, without personal data.
        reason: String,
    },
    /// Nobody knows.
    Unknown {
        /// Why not, without personal data.
        reason: String,
    },
}

impl Settlement {
    /// The state that it leads to.
    #[must_use]
    pub const fn state(&self) -> CallState {
        match self {
            Self::Ok { .. } => CallState::Ok,
            Self::Failed { .. } => CallState::Failed,
            Self::Unknown { .. } => CallState::Unknown,
        }
    }

    /// The object's id, if it is done.
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        match self {
            Self::Ok { object_id } => Some(object_id),
            Self::Failed { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The reason, if it is not.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed { reason } | Self::Unknown { reason } => Some(reason),
            Self::Ok { .. } => None,
        }
    }
}

/// The journal of outgoing calls.
#[async_trait]
pub trait JournalTx {
    /// Writes a call down unless its key is known, and answers with what stands
    /// under the key now, locked until the transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    async fn plan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError>;

    /// Replaces the call of the generation before, unless somebody else has
    /// done so or it has succeeded; answers with what stands now.
    ///
    /// # Errors
    /// When the database fails.
    async fn replan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError>;

    /// Notes, before each try, that the call may now have reached Stripe.
    ///
    /// # Errors
    /// When the database fails.
    async fn note_call_sent(&mut self, call: &FrozenCall, now: Timestamp)
    -> Result<(), StoreError>;

    /// Notes how a try ended. A success stays, whatever is noted after it, and
    /// a generation that was replaced changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    async fn settle_call(
        &mut self,
        call: &FrozenCall,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
