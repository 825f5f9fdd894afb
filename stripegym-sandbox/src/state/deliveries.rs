//! Which event still has to reach which endpoint, and what became of every attempt.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct DeliveryKey {
    pub(crate) event: String,
    pub(crate) endpoint: String,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    /// Seconds.
    pub(crate) at: i64,
    /// The HTTP status, if any answer came.
    pub(crate) status: Option<u16>,
    /// Why none came, or why it does not count.
    pub(crate) error: Option<String>,
    /// Asked for by hand.
    pub(crate) manual: bool,
}

/// The state of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) key: DeliveryKey,
    /// The event's place in the order of creation: equal times keep it.
    pub(crate) seq: u64,
    /// When the next automatic try is due, in milliseconds.
    pub(crate) next_at_ms: Option<i64>,
    /// Automatic tries so far; decides the wait before the next.
    pub(crate) tries: u32,
    /// Tries asked for by hand that are still to be made.
    pub(crate) manual: u32,
    pub(crate) acknowledged: bool,
    pub(crate) attempts: Vec<Attempt>,
    /// Times it is still to be sent again after it arrived: a fault.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) copies: u32,
    /// It waits for the next one to overtake it: a fault.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) behind: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(truth: &bool) -> bool {
    !truth
}

impl Delivery {
    /// One that was never tried and that nothing makes due yet.
    pub(crate) fn new(event: &str, endpoint: &str, seq: u64) -> Self {
        Self {
            key: DeliveryKey {
                event: event.to_owned(),
                endpoint: endpoint.to_owned(),
            },
            seq,
            next_at_ms: None,
            tries: 0,
            manual: 0,
            acknowledged: false,
            attempts: Vec::new(),
            copies: 0,
            behind: false,
        }
    }

    fn due_ms(&self) -> Option<i64> {
        if self.manual > 0 {
            Some(i64::MIN)
        } else {
            self.next_at_ms
        }
    }
}

/// All deliveries, with those still due ordered per endpoint.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    by_key: BTreeMap<DeliveryKey, Delivery>,
    due: BTreeMap<String, BTreeSet<(i64, u64, String)>>,
}

impl Deliveries {
    pub(crate) fn get(&self, key: &DeliveryKey) -> Option<&Delivery> {
        self.by_key.get(key)
    }

    pub(crate) fn put(&mut self, delivery: Delivery) {
        self.remove(&delivery.key);
        if let Some(due_ms) = delivery.due_ms() {
            let place = (due_ms, delivery.seq, delivery.key.event.clone());
            self.due
                .entry(delivery.key.endpoint.clone())
                .or_default()
                .insert(place);
        }
        self.by_key.insert(delivery.key.clone(), delivery);
    }

    pub(crate) fn remove(&mut self, key: &DeliveryKey) {
        let Some(delivery) = self.by_key.remove(key) else {
            return;
        };
        if let (Some(due_ms), Some(due)) =
            (delivery.due_ms(), self.due.get_mut(&delivery.key.endpoint))
        {
            due.remove(&(due_ms, delivery.seq, delivery.key.event));
            if due.is_empty() {
                self.due.remove(&delivery.key.endpoint);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        self.by_key.values()
    }

    /// All endpoints of one event.
    pub(crate) fn of_event(&self, event: &str) -> impl Iterator<Item = &Delivery> {
        let from = DeliveryKey {
            event: event.to_owned(),
            endpoint: String::new(),
        };
        let event = from.event.clone();
        self.by_key
            .range(from..)
            .take_while(move |(key, _)| key.event == event)
            .map(|(_, delivery)| delivery)
    }

    /// Those of an endpoint that wait to be overtaken, in their order.
    pub(crate) fn behind(&self, endpoint: &str) -> Vec<Delivery> {
        let due = self.due.get(endpoint).into_iter().flatten();
        let mut behind: Vec<Delivery> = due
            .filter_map(|(_, _, event)| {
                self.get(&DeliveryKey {
                    event: event.clone(),
                    endpoint: endpoint.to_owned(),
                })
            })
            .filter(|delivery| delivery.behind)
            .cloned()
            .collect();
        behind.sort_by_key(|delivery| delivery.seq);
        behind
    }

    /// The keys of one endpoint, due or not.
    pub(crate) fn of_endpoint(&self, endpoint: &str) -> Vec<DeliveryKey> {
        self.by_key
            .keys()
            .filter(|key| key.endpoint == endpoint)
            .cloned()
            .collect()
    }

    /// Endpoints that have something due, now or later.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.due.keys().map(String::as_str)
    }

    /// The first delivery of an endpoint, by due time and order, that is not under way.
    pub(crate) fn next(
        &self,
        endpoint: &str,
        under_way: &HashSet<String>,
    ) -> Option<(i64, &Delivery)> {
        let (due_ms, _, event) = self
            .due
            .get(endpoint)?
            .iter()
            .find(|(_, _, event)| !under_way.contains(event))?;
        let key = DeliveryKey {
            event: event.clone(),
            endpoint: endpoint.to_owned(),
        };
        self.by_key.get(&key).map(|delivery| (*due_ms, delivery))
    }
}
