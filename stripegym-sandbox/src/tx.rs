//! One change to the state: everything a request does happens through this, whole or not at all.

mod events;

use std::collections::HashSet;

use serde_json::Value;

use crate::error::ApiError;
use crate::faults::Faults;
use crate::ids::{IdShape, IdSource};
use crate::kind::Kind;
use crate::object::{Object, previous_attributes, set};
use crate::params::Args;
use crate::settings::Settings;
use crate::state::{Entry, Key, Record, Replay, State};
use crate::version::ApiVersion;
use events::Held;

pub(crate) use events::Order;

/// Who asked. Automatic changes have neither id nor key, as Stripe's events show them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) version: ApiVersion,
}

/// What a change draws from: both go on with each draw, even if the change is taken back.
#[derive(Debug)]
pub(crate) struct Draws<'a> {
    pub(crate) ids: &'a mut IdSource,
    pub(crate) faults: &'a mut Faults,
}

/// An open change. Dropped without [`keep`](Self::keep), it never happened.
#[derive(Debug)]
pub(crate) struct Tx<'a> {
    state: &'a mut State,
    ids: &'a mut IdSource,
    faults: &'a mut Faults,
    pub(crate) settings: &'a Settings,
    pub(crate) origin: Origin,
    now_ms: i64,
    /// The test clock in whose time this happens.
    clock: Option<String>,
    /// The time there, or the time when something was due.
    time: Option<i64>,
    undo: Vec<Record>,
    touched: Vec<Key>,
    /// Events kept back until their order is known.
    held: Option<Vec<Held>>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(
        state: &'a mut State,
        Draws { ids, faults }: Draws<'a>,
        settings: &'a Settings,
        origin: Origin,
        now_ms: i64,
    ) -> Self {
        Self {
            state,
            ids,
            faults,
            settings,
            origin,
            now_ms,
            clock: None,
            time: None,
            undo: Vec::new(),
            touched: Vec::new(),
            held: None,
        }
    }

    /// Seconds, as Stripe writes times: of the test clock, if one was entered.
    pub(crate) fn now(&self) -> i64 {
        self.time.unwrap_or_else(|| self.machine_now())
    }

    /// Seconds of the machine, whatever clock was entered.
    pub(crate) fn machine_now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// From here on it is `time`, and what is made belongs to `clock`.
    pub(crate) fn set_time(&mut self, clock: Option<String>, time: i64) {
        self.clock = clock;
        self.time = Some(time);
    }

    /// Enters the time of a test clock; without one, nothing changes.
    pub(crate) fn enter_clock(&mut self, clock: Option<&str>) {
        if let Some(id) = clock.filter(|id| self.clock.as_deref() != Some(*id))
            && let Some(entry) = self.state.entries.of(Kind::TestClock, id)
            && let Some(time) = entry.object.get("frozen_time").and_then(Value::as_i64)
        {
            self.clock = Some(id.to_owned());
            self.time = Some(time);
        }
    }

    pub(crate) fn clock(&self) -> Option<&str> {
        self.clock.as_deref()
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

    /// An object that a request names in its path, to be changed: its time is entered.
    pub(crate) fn open(&mut self, kind: Kind, id: &str) -> Result<Entry, ApiError> {
        let entry = self.retrieve(kind, id)?.clone();
        self.enter_clock(entry.clock.as_deref());
        Ok(entry)
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
            clock: self.clock.clone(),
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

    /// Does `work`, looks at its result, and takes everything back: how previews are made.
    pub(crate) fn try_out<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let (undo, touched) = (self.undo.len(), self.touched.len());
        let held = self.held.replace(Vec::new());
        let result = work(self);
        while self.undo.len() > undo {
            if let Some(record) = self.undo.pop() {
                self.state.apply(record);
            }
        }
        self.touched.truncate(touched);
        self.held = held;
        result
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
        self.held = None;
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
