//! The queue of deliveries: what is due, and what an attempt changes.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Engine;
use super::api::pretty;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{integer, set};
use crate::render::render_event;
use crate::resources::webhook_endpoint;
use crate::state::{Attempt, Delivery, DeliveryKey, Record, State};
use crate::tx::{Origin, Tx};

/// Waits between tries, in seconds: soon at first because people watch, then about three days.
const RETRY_SECONDS: [i64; 12] = [
    1, 5, 15, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 64_800, 86_400,
];

/// Attempts kept per delivery; older ones go.
const ATTEMPTS_MAX: usize = 50;

/// What an endpoint's lane does next.
#[derive(Debug)]
pub(crate) enum Claim {
    Ready(Box<Job>),
    /// Nothing before this time (milliseconds).
    Wait(i64),
    Idle,
}

/// One request to be made.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) key: DeliveryKey,
    pub(crate) url: String,
    pub(crate) secrets: Vec<String>,
    pub(crate) body: String,
    pub(crate) manual: bool,
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

pub(super) fn claim(
    state: &State,
    endpoint: &str,
    under_way: &HashSet<String>,
    now_ms: i64,
) -> Claim {
    let Some(target) = webhook_endpoint::target(state, endpoint) else {
        return Claim::Idle;
    };
    let Some((due_ms, delivery)) = state.deliveries.next(endpoint, under_way) else {
        return Claim::Idle;
    };
    if due_ms > now_ms {
        return Claim::Wait(due_ms);
    }
    let Some(event) = state.entries.of(Kind::Event, &delivery.key.event) else {
        return Claim::Idle;
    };
    let mut event = event.object.clone();
    if let Some(version) = &target.version {
        render_event(state, &mut event, version);
    }
    Claim::Ready(Box::new(Job {
        key: delivery.key.clone(),
        url: target.url,
        secrets: target.secrets,
        body: pretty(&Value::Object(event)),
        manual: delivery.manual > 0,
    }))
}

impl Engine {
    /// Remembers an attempt: an acknowledgement counts down the event's `pending_webhooks`, a
    /// failure plans the next try.
    pub(crate) fn attempted(
        &self,
        key: &DeliveryKey,
        manual: bool,
        outcome: Outcome,
    ) -> Result<(), ApiError> {
        self.transact(Origin::default(), |tx| {
            let Some(delivery) = tx.state().deliveries.get(key).cloned() else {
                return Ok(()); // The endpoint was deleted meanwhile.
            };
            let settled = settle(tx, delivery, manual, outcome);
            tx.write(Record::Delivery(settled));
            Ok(())
        })
    }

    /// Sends an event again: to where it went before, or to whoever listens for it now.
    pub(crate) fn resend(&self, event: &str) -> Result<usize, ApiError> {
        self.transact(Origin::default(), |tx| {
            let mut entry = tx.retrieve(Kind::Event, event)?.clone();
            let kind = entry
                .object
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let mut deliveries: Vec<Delivery> =
                tx.state().deliveries.of_event(event).cloned().collect();
            let before = deliveries.len();
            for endpoint in webhook_endpoint::listening(tx.state(), kind) {
                if deliveries
                    .iter()
                    .all(|delivery| delivery.key.endpoint != endpoint)
                {
                    deliveries.push(Delivery::new(event, &endpoint, entry.seq));
                }
            }
            let count = deliveries.len();
            if count > before {
                let pending = integer(&entry.object, "pending_webhooks").unwrap_or_default();
                let added = i64::try_from(count - before).unwrap_or_default();
                set(
                    &mut entry.object,
                    "pending_webhooks",
                    pending.saturating_add(added),
                );
                tx.put(entry);
            }
            for mut delivery in deliveries {
                delivery.manual = delivery.manual.saturating_add(1);
                tx.write(Record::Delivery(delivery));
            }
            Ok(count)
        })
    }

    /// Makes what waits due now; answers it with the attempts made so far.
    pub(crate) fn hurry(&self) -> Result<Vec<(DeliveryKey, usize)>, ApiError> {
        self.transact(Origin::default(), |tx| {
            let waiting = tx.state().deliveries.iter();
            let waiting = waiting.filter(|delivery| delivery.next_at_ms.is_some());
            let waiting: Vec<Delivery> = waiting
                .filter(|d| webhook_endpoint::target(tx.state(), &d.key.endpoint).is_some())
                .cloned()
                .collect();
            let mut due = Vec::new();
            for mut delivery in waiting {
                due.push((delivery.key.clone(), delivery.attempts.len()));
                delivery.next_at_ms = Some(tx.now_ms());
                delivery.behind = false;
                tx.write(Record::Delivery(delivery));
            }
            Ok(due)
        })
    }

    /// Whether each of these has been tried since, or is gone.
    pub(crate) fn were_tried(&self, due: &[(DeliveryKey, usize)]) -> bool {
        self.read(|state| {
            due.iter().all(|(key, before)| {
                let delivery = state.deliveries.get(key);
                delivery.is_none_or(|delivery| delivery.attempts.len() > *before)
            })
        })
    }

    /// Every attempt for an event, as the control API shows them.
    pub(crate) fn deliveries(&self, event: &str) -> Result<Vec<Value>, ApiError> {
        self.read(|state| {
            if state.entries.of(Kind::Event, event).is_none() {
                return Err(ApiError::not_found(Kind::Event.name(), event));
            }
            Ok(state.deliveries.of_event(event).map(show).collect())
        })
    }

    /// Whether every endpoint that was owed this event has answered it once, well or badly.
    pub(crate) fn is_answered(&self, event: &str) -> bool {
        self.read(|state| {
            state
                .deliveries
                .of_event(event)
                .all(|delivery| !delivery.attempts.is_empty())
        })
    }
}

fn settle(tx: &mut Tx<'_>, mut delivery: Delivery, manual: bool, outcome: Outcome) -> Delivery {
    let success = outcome
        .status
        .is_some_and(|status| (200..300).contains(&status));
    let number = delivery
        .attempts
        .last()
        .map_or(0, |last| last.number)
        .saturating_add(1);
    delivery.attempts.push(Attempt {
        number,
        at: tx.now(),
        status: outcome.status,
        error: outcome.error,
        manual,
    });
    let excess = delivery.attempts.len().saturating_sub(ATTEMPTS_MAX);
    delivery.attempts.drain(..excess);
    if manual {
        // As Stripe does: a success by hand leaves the automatic tries standing.
        delivery.manual = delivery.manual.saturating_sub(1);
    } else {
        let wait = usize::try_from(delivery.tries)
            .ok()
            .and_then(|at| RETRY_SECONDS.get(at));
        delivery.tries = delivery.tries.saturating_add(1);
        delivery.next_at_ms = wait
            .filter(|_| !success)
            .map(|seconds| tx.now_ms().saturating_add(seconds.saturating_mul(1000)));
        delivery.behind = false;
        if success && delivery.copies > 0 {
            delivery.copies -= 1;
            delivery.next_at_ms = Some(tx.now_ms());
        }
    }
    if success && !delivery.acknowledged {
        delivery.acknowledged = true;
        if let Some(mut event) = tx
            .state()
            .entries
            .of(Kind::Event, &delivery.key.event)
            .cloned()
        {
            let pending = integer(&event.object, "pending_webhooks").unwrap_or_default();
            set(
                &mut event.object,
                "pending_webhooks",
                pending.saturating_sub(1).max(0),
            );
            tx.put(event);
        }
    }
    delivery
}

fn show(delivery: &Delivery) -> Value {
    json!({
        "event": delivery.key.event,
        "webhook_endpoint": delivery.key.endpoint,
        "acknowledged": delivery.acknowledged,
        "next_attempt_at": delivery.next_at_ms.map(|ms| ms.div_euclid(1000)),
        "attempts": delivery.attempts,
    })
}
