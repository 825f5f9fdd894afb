//! The object store: every kind in one table, with the order of creation per kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::object::Object;

/// One object with what the sandbox knows beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// Order of creation, over all kinds.
    pub(crate) seq: u64,
    /// What the API shows.
    pub(crate) object: Object,
    /// What it never shows: secrets, and what a session needs to be paid.
    #[serde(default, skip_serializing_if = "Object::is_empty")]
    pub(crate) hidden: Object,
    /// When its kind wants to be woken (seconds): the expiry of a session, the day when funds
    /// become available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wake_at: Option<i64>,
    /// The test clock whose time this object lives in; none for the time of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clock: Option<String>,
}

impl Entry {
    /// Customers leave `{"deleted": true}` behind; lists and references pass over them.
    pub(crate) fn is_deleted(&self) -> bool {
        self.object
            .get("deleted")
            .is_some_and(|deleted| deleted == true)
    }
}

/// All entries, with two orders: by creation within a kind, and by time to wake.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    by_id: HashMap<String, Entry>,
    by_kind: BTreeMap<Kind, BTreeMap<u64, String>>,
    wakes: BTreeMap<Option<String>, BTreeSet<(i64, u64, String)>>,
    next_seq: u64,
}

impl Entries {
    pub(crate) fn get(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id)
    }

    /// The entry of this kind, deleted ones included.
    pub(crate) fn of(&self, kind: Kind, id: &str) -> Option<&Entry> {
        self.get(id).filter(|entry| entry.kind == kind)
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    pub(crate) fn put(&mut self, entry: Entry) {
        self.remove(&entry.id);
        self.next_seq = self.next_seq.max(entry.seq.saturating_add(1));
        self.by_kind
            .entry(entry.kind)
            .or_default()
            .insert(entry.seq, entry.id.clone());
        if let Some(at) = entry.wake_at {
            let place = (at, entry.seq, entry.id.clone());
            self.wakes
                .entry(entry.clock.clone())
                .or_default()
                .insert(place);
        }
        self.by_id.insert(entry.id.clone(), entry);
    }

    pub(crate) fn remove(&mut self, id: &str) {
        let Some(entry) = self.by_id.remove(id) else {
            return;
        };
        if let Some(order) = self.by_kind.get_mut(&entry.kind) {
            order.remove(&entry.seq);
        }
        if let (Some(at), Some(wakes)) = (entry.wake_at, self.wakes.get_mut(&entry.clock)) {
            wakes.remove(&(at, entry.seq, entry.id));
            if wakes.is_empty() {
                self.wakes.remove(&entry.clock);
            }
        }
    }

    /// Newest first, as every list of Stripe's.
    pub(crate) fn newest_first(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.by_kind
            .get(&kind)
            .into_iter()
            .flat_map(|order| order.values().rev())
            .filter_map(|id| self.by_id.get(id))
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.by_kind.get(&kind).map_or(0, BTreeMap::len)
    }

    /// Over all kinds.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = &Entry> {
        let mut entries: Vec<&Entry> = self.by_id.values().collect();
        entries.sort_by_key(|entry| entry.seq);
        entries.into_iter()
    }

    /// The entry to be woken next in the time of the machine, and when.
    pub(crate) fn next_wake(&self) -> Option<(i64, &str)> {
        self.next_wake_of(&None)
    }

    /// The same in the time of a test clock.
    pub(crate) fn next_wake_of(&self, clock: &Option<String>) -> Option<(i64, &str)> {
        let wakes = self.wakes.get(clock)?;
        wakes.first().map(|(at, _, id)| (*at, id.as_str()))
    }
}
