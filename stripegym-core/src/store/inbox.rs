//! The values that travel through the inbox.

use std::fmt;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::event::Event;

/// What makes an event unique: Stripe's event ids are unique per account and mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InboxKey {
    /// The connected account; empty for our own.
    pub account: String,
    /// True for real money.
    pub livemode: bool,
    /// The event's id.
    pub event_id: String,
}

impl InboxKey {
    /// The key of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            account: event.account().unwrap_or_default().to_owned(),
            livemode: event.livemode(),
            event_id: event.id().as_str().to_owned(),
        }
    }
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InboxState {
    /// Stored, not yet worked on.
    Received,
    /// Claimed by a worker.
    Processing,
    /// All its effects are committed.
    Done,
    /// Failed, to be tried again.
    Retry,
    /// Failed for good: a person must look.
    Dead,
}

impl InboxState {
    /// Every state, in the order of an event's life.
    pub const ALL: [Self; 5] = [
        Self::Received,
        Self::Processing,
        Self::Done,
        Self::Retry,
        Self::Dead,
    ];

    /// The name used in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
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

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The first delivery of this event.
    New,
    /// Known already, and this far.
    Known(InboxState),
}

/// Which event a worker wants.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// The one that has waited longest.
    Next,
    /// This one.
    Event(&'a InboxKey),
}

/// From when until when a claim holds.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Now, on the worker's clock.
    pub now: Timestamp,
    /// From then on others may take the event over.
    pub until: Timestamp,
}

/// A worker's right to an event, until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The event.
    pub key: InboxKey,
    /// A number that the database issued for this claim and never again.
    pub token: i64,
    /// How many claims the event has had, this one included.
    pub attempt: u32,
    /// The number under which the event came in; comparable with tokens.
    pub receipt: i64,
}

/// A claimed event, with its bytes as received.
#[derive(Clone)]
pub struct Claimed {
    /// The right to work on it.
    pub claim: Claim,
    /// The bytes as received.
    pub payload: Bytes,
}

// Payloads hold personal data.
impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({:?}, {} bytes)", self.claim, self.payload.len())
    }
}

/// What is to become of an event that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again, not before then.
    RetryAt(Timestamp),
    /// Leave it for a person.
    Dead,
}
