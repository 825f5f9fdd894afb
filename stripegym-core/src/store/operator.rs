//! What an operator sees of the inbox, and asks for.

use std::fmt;

use bytes::Bytes;

use crate::clock::Timestamp;
use crate::store::{InboxKey, InboxState};

/// Which events are meant. An empty selection means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSelection {
    /// Only the event with this id.
    pub event_id: Option<String>,
    /// Only events in this state.
    pub state: Option<InboxState>,
    /// Only events of this type.
    pub kind: Option<String>,
    /// Only events that Stripe made then or later, in seconds since the Unix epoch.
    pub created_from: Option<i64>,
    /// Only events that Stripe made before then, in seconds since the Unix epoch.
    pub created_before: Option<i64>,
}

impl EventSelection {
    /// Whether an event is meant.
    #[must_use]
    pub fn holds(&self, event: &StoredEvent) -> bool {
        self.event_id
            .as_ref()
            .is_none_or(|id| *id == event.key.event_id)
            && self.state.is_none_or(|state| state == event.state)
            && self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
            && self.created_from.is_none_or(|from| event.created >= from)
            && self
                .created_before
                .is_none_or(|before| event.created < before)
    }
}

/// An event as the inbox has it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// What makes it unique.
    pub key: InboxKey,
    /// Its type.
    pub kind: String,
    /// The object it is about.
    pub object_id: Option<String>,
    /// When Stripe made it, in seconds since the Unix epoch.
    pub created: i64,
    /// When it came in.
    pub received_at: Timestamp,
    /// The number under which it came in.
    pub receipt: i64,
    /// Where it stands.
    pub state: InboxState,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// The bytes as received. They hold personal data: keep them out of logs.
    pub payload: Bytes,
}

impl fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoredEvent({}, {}, {:?})",
            self.key.event_id, self.kind, self.state
        )
    }
}
