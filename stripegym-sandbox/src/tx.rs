//! One change to the state: everything a request does happens through this, whole or not at all.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::ids::{IdShape, IdSource};
use crate::kind::Kind;
use crate::object::{Object, object, previous_attributes, set};
use crate::params::Args;
use crate::resources;
use crate::settings::Settings;
use crate::state::{Delivery, DeliveryKey, Entry, Key, Record, Replay, State};
use crate::version::ApiVersion;

/// Who asked. Automatic changes have neither id nor key, as Stripe's events show them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) version: ApiVersion,
}

/// An open change. Dropped without [`keep`](Self::keep), it never happened.
#[derive(Debug)]
pub(crate) struct Tx<'a> {
    state: &'a mut State,
    ids: &'a mut IdSource,
    pub(crate) settings: &'a Settings,
    pub(crate) origin: Origin,
    now_ms: i64,
    undo: Vec<Record>,
    touched: Vec<Key>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(
        state: &'a mut State,
        ids: &'a mut IdSource,
        settings: &'a Settings,
        origin: Origin,
        now_ms: i64,
    ) -> Self {
        Self {
            state,
            ids,
            settings,
            origin,
            now_ms,
            undo: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// Seconds, as Stripe writes times.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(crate) fn ids(&mut self) -> &mut IdSource {
        self.ids
    }

    pub(crate) fn state(&self) -> &State {
        self.state
    }

    // --- reading ---

    /// An object that a request names in its path: 404 when it is not there.
    pub(crate) fn retrieve(&self, kind: Kind, id: &str) -> Result<&Entry, ApiError> {
        self.state
            .entries
            .of(kind, id)
            .filter(|entry| !entry.is_deleted())
            .ok_or_else(|| ApiError::not_found(kind.name(), id))
    }

    /// An object that a parameter refers to: 400 when it is not there.
    pub(crate) fn refer(&self, kind: Kind, id: &str, param: &str) -> Result<&Entry, ApiError> {
        self.state
            .entries
            .of(kind, id)
            .filter(|entry| !entry.is_deleted())
            .ok_or_else(|| ApiError::no_such(kind.name(), id, param))
    }

    /// An object that the sandbox itself knows to exist.
    pub(crate) fn known(&self, kind: Kind, id: &str) -> Result<Entry, ApiError> {
        let entry = self.state.entries.of(kind, id).cloned();
        entry.ok_or_else(|| ApiError::internal(format!("The {} {id} is lost.", kind.name())))
    }

    pub(crate) fn replay(&self, key: &str) -> Option<&Replay> {
        self.state.replay(key)
    }

    // --- writing ---

    pub(crate) fn write(&mut self, record: Record) {
        self.touched.push(record.key());
        self.undo.push(self.state.apply(record));
    }

    /// A fresh entry with the fields every object has.
    pub(crate) fn entry(&self, kind: Kind, id: String, mut object: Object) -> Entry {
        set(&mut object, "id", id.as_str());
        set(&mut object, "object", kind.name());
        set(&mut object, "livemode", false);
        set(&mut object, "created", self.now());
        let seq = self.state.entries.next_seq();
        Entry {
            id,
            kind,
            seq,
            object,
            hidden: Object::new(),
            wake_at: None,
        }
    }

    pub(crate) fn put(&mut self, entry: Entry) {
        self.write(Record::Object(entry));
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.write(Record::NoObject(id.to_owned()));
    }

    /// A fresh id in the shape of its kind.
    pub(crate) fn new_id(&mut self, shape: IdShape) -> String {
        loop {
            let id = self.ids.id(shape);
            // Only a state file seeded alike, whose counter was lost, can make this repeat.
            if self.state.entries.get(&id).is_none() {
                return id;
            }
        }
    }

    /// Stores a new object and tells the world.
    pub(crate) fn create(&mut self, entry: Entry, event: &str) {
        let object = entry.object.clone();
        self.put(entry);
        self.emit(event, &object, None);
    }

    /// Stores a changed object; tells the world only if something really changed.
    pub(crate) fn update(&mut self, before: &Object, after: Entry, event: &str) {
        let previous = previous_attributes(before, &after.object);
        let object = after.object.clone();
        self.put(after);
        if !previous.is_empty() {
            self.emit(event, &object, Some(previous));
        }
    }

    /// Makes an event and a delivery for every endpoint that selects it; answers its id.
    pub(crate) fn emit(
        &mut self,
        kind: &str,
        subject: &Object,
        previous: Option<Object>,
    ) -> String {
        let head = subject
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let id = self.ids.member_id("evt_", head);
        let endpoints = resources::webhook_endpoint::listening(self.state, kind);
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
        let entry = self.entry(Kind::Event, id.clone(), event);
        let seq = entry.seq;
        self.put(entry);
        for endpoint in endpoints {
            self.write(Record::Delivery(Delivery {
                key: DeliveryKey {
                    event: id.clone(),
                    endpoint,
                },
                seq,
                next_at_ms: Some(self.now_ms),
                tries: 0,
                manual: 0,
                acknowledged: false,
                attempts: Vec::new(),
            }));
        }
        id
    }

    // --- ending ---

    /// What changed, each thing once, as it is now.
    pub(crate) fn records(&self) -> Vec<Record> {
        let mut seen = HashSet::new();
        let firsts = self.touched.iter().filter(|key| seen.insert(*key));
        firsts.map(|key| self.state.record(key)).collect()
    }

    /// Takes everything back, but stays open.
    pub(crate) fn roll_back(&mut self) {
        while let Some(record) = self.undo.pop() {
            self.state.apply(record);
        }
        self.touched.clear();
    }

    /// Makes the change stand.
    pub(crate) fn keep(mut self) {
        self.undo.clear();
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        self.roll_back();
    }
}

/// Copies the named parameters that were given; an unset one becomes `null`.
pub(crate) fn assign(target: &mut Object, args: &Args, names: &[&str]) {
    for name in names {
        if let Some(value) = args.value(name) {
            target.insert((*name).to_owned(), value.clone());
        }
    }
}
