//! Events: made, put in order, and handed to the endpoints that want them.

use serde_json::{Value, json};

use super::Tx;
use crate::error::ApiError;
use crate::faults::OnDelivery;
use crate::kind::Kind;
use crate::object::{Object, integer, object, set};
use crate::resources::webhook_endpoint;
use crate::state::{Attempt, Delivery, Entry, Record};
use crate::version::ApiVersion;

/// In which order the events of one happening are sent.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) well: &'static [&'static str],
    /// When a payment failed or waits for the bank.
    pub(crate) otherwise: &'static [&'static str],
}

const FAILURES: [&str; 3] = [
    "charge.failed",
    "invoice.payment_failed",
    "payment_intent.requires_action",
];

/// An event not yet sent.
#[derive(Debug)]
pub(super) struct Held {
    kind: String,
    subject: Object,
    previous: Option<Object>,
}

impl Tx<'_> {
    /// Makes an event and a delivery for every endpoint that selects it; answers its id.
    pub(crate) fn emit(
        &mut self,
        kind: &str,
        subject: &Object,
        previous: Option<Object>,
    ) -> String {
        if let Some(held) = &mut self.held {
            held.push(Held {
                kind: kind.to_owned(),
                subject: subject.clone(),
                previous,
            });
            return String::new();
        }
        let head = subject
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let id = self.ids.member_id("evt_", head);
        let endpoints = webhook_endpoint::listening(self.state, kind);
        let mut data = object(json!({ "object": subject }));
        if let Some(previous) = previous {
            set(&mut data, "previous_attributes", previous);
        }
        let event = object(json!({
            "api_version": ApiVersion::DEFAULT,
            "data": data,
            "pending_webhooks": endpoints.len(),
            "request": {
                "id": self.origin.request_id,
                "idempotency_key": self.origin.idempotency_key,
            },
            "type": kind,
        }));
        let mut entry = self.entry(Kind::Event, id.clone(), event);
        self.tie(kind, &mut entry);
        self.put(entry.clone());
        for endpoint in endpoints {
            self.send(kind, &entry, &endpoint);
        }
        id
    }

    /// A fault: the event gets the time of the one before.
    fn tie(&mut self, kind: &str, entry: &mut Entry) {
        let Some(seconds) = self.faults.on_event(kind) else {
            return;
        };
        let created = |entry: &Entry| integer(&entry.object, "created").unwrap_or_default();
        let before = self.state.entries.newest_first(Kind::Event).next();
        let before = before.map_or(0, created);
        if (0..=seconds).contains(&created(entry).saturating_sub(before)) {
            set(&mut entry.object, "created", before);
        }
    }

    /// Owes the event to one endpoint, by way of the faults.
    fn send(&mut self, kind: &str, event: &Entry, endpoint: &str) {
        let mut delivery = Delivery::new(&event.id, endpoint, event.seq);
        delivery.next_at_ms = Some(self.now_ms);
        if !self.faults.is_quiet() {
            let target = webhook_endpoint::target(self.state, endpoint);
            let url = target.map(|target| target.url).unwrap_or_default();
            let fault = self.faults.on_delivery(kind, endpoint, &url);
            self.misplace(&mut delivery, &fault);
        }
        self.write(Record::Delivery(delivery));
    }

    fn misplace(&mut self, delivery: &mut Delivery, fault: &OnDelivery) {
        if fault.dropped {
            delivery.next_at_ms = None;
            delivery.attempts.push(Attempt {
                number: 1,
                at: self.now(),
                status: None,
                error: Some("a fault dropped it: it was never sent".to_owned()),
                manual: false,
            });
            return;
        }
        delivery.copies = fault.copies;
        let wait_ms = fault
            .delay_ms
            .saturating_add(fault.behind_ms.unwrap_or_default());
        delivery.next_at_ms = Some(self.now_ms.saturating_add(wait_ms));
        delivery.behind = fault.behind_ms.is_some() && fault.delay_ms == 0;
        if wait_ms == 0 {
            self.overtake(delivery);
        }
    }

    /// Lets this delivery change places with those that wait for it.
    fn overtake(&mut self, delivery: &mut Delivery) {
        let mut place = delivery.seq;
        for mut behind in self
            .state
            .deliveries
            .behind(&delivery.key.endpoint)
            .into_iter()
            .rev()
        {
            std::mem::swap(&mut behind.seq, &mut place);
            behind.behind = false;
            behind.next_at_ms = delivery.next_at_ms;
            self.write(Record::Delivery(behind));
        }
        delivery.seq = place;
    }

    /// Does `work`, then sends its events in this order of types; others come after them, as
    /// they arose. Inside another such block, the outer order counts.
    pub(crate) fn in_order<T>(
        &mut self,
        order: &Order,
        work: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        if self.held.is_some() {
            return work(self);
        }
        self.held = Some(Vec::new());
        let done = work(self);
        let mut held = self.held.take().unwrap_or_default();
        let value = done?;
        let failed = |held: &Held| FAILURES.contains(&held.kind.as_str());
        let order = if held.iter().any(failed) {
            order.otherwise
        } else {
            order.well
        };
        let place = |held: &Held| order.iter().position(|kind| *kind == held.kind);
        held.sort_by_key(|held| place(held).unwrap_or(usize::MAX));
        for Held {
            kind,
            subject,
            previous,
        } in held
        {
            self.emit(&kind, &subject, previous);
        }
        Ok(value)
    }
}
