//! The simulated Stripe: plain structs, its own JSON, its own books. It shares
//! no code with the library, so that the two have to agree.
//!
//! A world is played from a [`Script`](script::Script) before the run: what it
//! leaves is every event in order and every object at every moment.

pub mod act;
pub mod id;
pub mod json;
pub mod money;
pub mod objects;
pub mod script;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::rng::Rng;
use id::{Id, Kind};
use json::Json;
use objects::{
    Charge, Customer, Dispute, Intent, Invoice, InvoicePayment, Payout, Refund, Schedule, Session,
    Subscription, Txn,
};

/// When every world begins, in milliseconds since the Unix epoch.
pub const START_MS: i64 = 1_760_000_000_000;

/// One event, as it is delivered.
#[derive(Debug, Clone)]
pub struct Event {
    /// `evt_…`
    pub id: Id,
    /// When it happened, in milliseconds; Stripe tells whole seconds.
    pub at_ms: i64,
    /// Its type.
    pub kind: &'static str,
    /// The object it is about.
    pub object: Id,
    /// The body.
    pub body: Bytes,
}

/// What happens by itself some seconds after something else.
#[derive(Debug, Clone, Copy)]
enum Later {
    /// The balance hears of a charge.
    Settle(Id),
    /// The invoice's payment is told.
    PaymentTold(Id),
}

/// Everything Stripe knows.
#[derive(Debug)]
pub struct World {
    now_ms: i64,
    operation: u32,
    rng: Rng,
    /// Objects that each operation has made so far.
    counts: Vec<u32>,
    /// Dollars are settled in yen.
    converts: bool,
    agenda: BTreeMap<(i64, usize), (u32, Later)>,
    told: usize,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Checkout sessions.
    pub sessions: Vec<Session>,
    /// Payment intents.
    pub intents: Vec<Intent>,
    /// Charges.
    pub charges: Vec<Charge>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
    /// Invoice payments.
    pub payments: Vec<InvoicePayment>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Subscription schedules.
    pub schedules: Vec<Schedule>,
    /// Refunds.
    pub refunds: Vec<Refund>,
    /// Disputes.
    pub disputes: Vec<Dispute>,
    /// Balance transactions.
    pub txns: Vec<Txn>,
    /// Payouts.
    pub payouts: Vec<Payout>,
    /// All events, in the order in which they happened.
    pub events: Vec<Event>,
    /// Every object as it was from some moment on, oldest first.
    pub past: BTreeMap<Id, Vec<(i64, Bytes)>>,
}

/// Has an id.
pub(crate) trait Object {
    fn id(&self) -> Id;
}

macro_rules! objects {
    ($($name:ident),*) => {$(
        impl Object for $name {
            fn id(&self) -> Id {
                self.id
            }
        }
    )*};
}

objects!(
    Customer,
    Session,
    Intent,
    Charge,
    Invoice,
    InvoicePayment,
    Subscription,
    Schedule,
    Refund,
    Dispute,
    Txn,
    Payout
);

/// The object of this id.
pub(crate) fn find<T: Object>(shelf: &[T], id: Id) -> Option<&T> {
    shelf.iter().find(|object| object.id() == id)
}

pub(crate) fn find_mut<T: Object>(shelf: &mut [T], id: Id) -> Option<&mut T> {
    shelf.iter_mut().find(|object| object.id() == id)
}

impl World {
    /// A world in which nothing has happened.
    #[must_use]
    pub fn new(converts: bool) -> Self {
        Self {
            now_ms: START_MS,
            operation: 0,
            rng: Rng::new(0),
            counts: Vec::new(),
            converts,
            agenda: BTreeMap::new(),
            told: 0,
            customers: Vec::new(),
            sessions: Vec::new(),
            intents: Vec::new(),
            charges: Vec::new(),
            invoices: Vec::new(),
            payments: Vec::new(),
            subscriptions: Vec::new(),
            schedules: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            txns: Vec::new(),
            payouts: Vec::new(),
            events: Vec::with_capacity(64),
            past: BTreeMap::new(),
        }
    }

    /// The time, in milliseconds.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The time, in whole seconds.
    #[must_use]
    pub const fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// Lets time pass, and what was on the agenda happen.
    pub fn advance_to(&mut self, to_ms: i64) {
        while let Some(entry) = self.agenda.first_entry() {
            let at = entry.key().0;
            if at > to_ms {
                break;
            }
            let (operation, later) = entry.remove();
            self.now_ms = self.now_ms.max(at);
            self.operation = operation;
            match later {
                Later::Settle(charge) => self.settle(charge),
                Later::PaymentTold(payment) => self.tell("invoice_payment.paid", payment),
            }
        }
        self.now_ms = self.now_ms.max(to_ms);
    }

    /// Lets everything happen that was begun.
    pub fn finish(&mut self) {
        while let Some((&(at, _), _)) = self.agenda.first_key_value() {
            self.advance_to(at);
        }
    }

    fn begin(&mut self, operation: u32, salt: u64) {
        self.operation = operation;
        self.rng = Rng::new(salt);
    }

    fn new_id(&mut self, kind: Kind) -> Id {
        let at = usize::try_from(self.operation).unwrap_or(usize::MAX);
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        let count = self.counts[at];
        self.counts[at] += 1;
        Id::new(kind, self.operation, count)
    }

    fn later(&mut self, wait_ms: i64, what: Later) {
        self.told += 1;
        let key = (self.now_ms + wait_ms, self.told);
        self.agenda.insert(key, (self.operation, what));
    }

    /// The object as the API writes it now.
    #[must_use]
    pub fn json(&self, id: Id) -> Option<String> {
        let json = match id.kind {
            Kind::Customer => find(&self.customers, id)?.json(),
            Kind::Session => find(&self.sessions, id)?.json(),
            Kind::Intent => find(&self.intents, id)?.json(),
            Kind::Charge => find(&self.charges, id)?.json(),
            Kind::Invoice => find(&self.invoices, id)?.json(),
            Kind::InvoicePayment => find(&self.payments, id)?.json(),
            Kind::Subscription => find(&self.subscriptions, id)?.json(),
            Kind::Schedule => find(&self.schedules, id)?.json(),
            Kind::Refund => find(&self.refunds, id)?.json(),
            Kind::Dispute => find(&self.disputes, id)?.json(),
            Kind::Txn => find(&self.txns, id)?.json(),
            Kind::Payout => find(&self.payouts, id)?.json(),
            Kind::Method | Kind::Item | Kind::Line | Kind::Event => return None,
        };
        Some(json)
    }

    /// Keeps the object as it is now; from now on the API answers with it.
    fn save(&mut self, id: Id) -> Bytes {
        let json = Bytes::from(self.json(id).unwrap_or_default());
        self.past
            .entry(id)
            .or_default()
            .push((self.now_ms, json.clone()));
        json
    }

    /// Tells of an object as it is now.
    fn tell(&mut self, kind: &'static str, id: Id) {
        let json = self.save(id);
        self.tell_of(kind, id, &json, None);
    }

    /// Tells of a change, and of what was different before.
    fn tell_update(&mut self, kind: &'static str, id: Id, before: &str) {
        let json = self.save(id);
        self.tell_of(kind, id, &json, Some(before));
    }

    /// Tells of an object as it was a step ago.
    fn tell_early(&mut self, kind: &'static str, id: Id, json: &str) {
        self.tell_of(kind, id, json.as_bytes(), None);
    }

    fn tell_of(&mut self, kind: &'static str, object: Id, json: &[u8], before: Option<&str>) {
        let id = self.new_id(Kind::Event);
        let mut body = Json::object();
        body.text("id", id)
            .raw("object", "\"event\"")
            .raw("api_version", "\"2026-10-28.endive\"")
            .number("created", self.now())
            .within("data", |data| {
                data.raw("object", std::str::from_utf8(json).unwrap_or("null"));
                if let Some(before) = before {
                    data.raw("previous_attributes", before);
                }
            })
            .flag("livemode", false)
            .number("pending_webhooks", 1)
            .raw("request", "{\"id\":null,\"idempotency_key\":null}")
            .text("type", kind);
        self.events.push(Event {
            id,
            at_ms: self.now_ms,
            kind,
            object,
            body: Bytes::from(body.end()),
        });
    }
}
