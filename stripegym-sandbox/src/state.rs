//! Everything the sandbox knows, changed only by records that can be undone and journalled.

mod deliveries;
mod entries;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub(crate) use deliveries::{Attempt, Deliveries, Delivery, DeliveryKey};
pub(crate) use entries::{Entries, Entry};

/// The answer remembered for an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) key: String,
    /// Hash of method, path and parameters.
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) request_id: String,
    pub(crate) version: String,
    pub(crate) created: i64,
}

/// One change, as the journal writes it. Each record says what *is*, not what to do, so that
/// applying one twice is harmless and its inverse is the record of what was before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    Object(Entry),
    NoObject(String),
    Delivery(Delivery),
    NoDelivery(DeliveryKey),
    Replay(Replay),
    NoReplay(String),
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Object(String),
    Delivery(DeliveryKey),
    Replay(String),
}

impl Record {
    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Object(entry) => Key::Object(entry.id.clone()),
            Self::NoObject(id) => Key::Object(id.clone()),
            Self::Delivery(delivery) => Key::Delivery(delivery.key.clone()),
            Self::NoDelivery(key) => Key::Delivery(key.clone()),
            Self::Replay(replay) => Key::Replay(replay.key.clone()),
            Self::NoReplay(key) => Key::Replay(key.clone()),
        }
    }
}

/// The tables.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) entries: Entries,
    pub(crate) deliveries: Deliveries,
    replays: HashMap<String, Replay>,
}

impl State {
    /// Makes `record` true and answers with the record of what was true before.
    pub(crate) fn apply(&mut self, record: Record) -> Record {
        let key = record.key();
        let before = self.record(&key);
        match record {
            Record::Object(entry) => self.entries.put(entry),
            Record::NoObject(id) => self.entries.remove(&id),
            Record::Delivery(delivery) => self.deliveries.put(delivery),
            Record::NoDelivery(key) => self.deliveries.remove(&key),
            Record::Replay(replay) => {
                self.replays.insert(replay.key.clone(), replay);
            }
            Record::NoReplay(key) => {
                self.replays.remove(&key);
            }
        }
        before
    }

    /// What is true about `key` now.
    pub(crate) fn record(&self, key: &Key) -> Record {
        match key {
            Key::Object(id) => match self.entries.get(id) {
                Some(entry) => Record::Object(entry.clone()),
                None => Record::NoObject(id.clone()),
            },
            Key::Delivery(key) => match self.deliveries.get(key) {
                Some(delivery) => Record::Delivery(delivery.clone()),
                None => Record::NoDelivery(key.clone()),
            },
            Key::Replay(key) => match self.replays.get(key) {
                Some(replay) => Record::Replay(replay.clone()),
                None => Record::NoReplay(key.clone()),
            },
        }
    }

    pub(crate) fn replay(&self, key: &str) -> Option<&Replay> {
        self.replays.get(key)
    }

    /// The whole state as records, for compaction: objects in the order they were made.
    pub(crate) fn records(&self) -> Vec<Record> {
        let mut replays: Vec<&Replay> = self.replays.values().collect();
        replays.sort_by(|a, b| (a.created, &a.key).cmp(&(b.created, &b.key)));
        self.entries
            .oldest_first()
            .map(|entry| Record::Object(entry.clone()))
            .chain(self.deliveries.iter().cloned().map(Record::Delivery))
            .chain(replays.into_iter().cloned().map(Record::Replay))
            .collect()
    }

    /// Forgets answers that Stripe would have forgotten too.
    pub(crate) fn prune_replays(&mut self, created_before: i64) {
        self.replays
            .retain(|_, replay| replay.created >= created_before);
    }
}

#[cfg(test)]
mod tests;
