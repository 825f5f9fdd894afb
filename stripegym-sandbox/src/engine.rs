//! The synchronous core: one state behind one lock, every change a transaction, no I/O but the
//! journal. The edges (HTTP, delivery, timers) are thin and call in here.

mod api;
mod auth;
mod faults;
mod queue;

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::clock::{Clock, Sleep};
use crate::error::ApiError;
use crate::faults::{FaultPlan, Faults};
use crate::ids::IdSource;
use crate::journal::{Counters, Journal, JournalError};
use crate::kind::Kind;
use crate::resources;
use crate::settings::Settings;
use crate::state::State;
use crate::tx::{Draws, Origin, Tx};

pub(crate) use queue::{Claim, Job, Outcome};

/// Timers fired in one go; more wait for the next call, so that nothing can spin for ever.
const WAKES_MAX: usize = 10_000;

/// The Stripe account, so to speak.
#[derive(Debug)]
pub(crate) struct Engine {
    inner: Mutex<Inner>,
    /// Counts committed changes; whoever waits for something watches it.
    commits: watch::Sender<u64>,
    /// How far the sandbox is ahead of its clock.
    ahead_ms: AtomicI64,
    /// What hangs on purpose hangs no longer.
    stopping: watch::Sender<bool>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
}

#[derive(Debug)]
struct Inner {
    state: State,
    ids: IdSource,
    request_ids: IdSource,
    faults: Faults,
    journal: Option<Journal>,
    closed: bool,
}

/// What nobody can foresee, unless there is a seed.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) ids: IdSource,
    pub(crate) request_ids: IdSource,
    pub(crate) faults: FaultPlan,
    pub(crate) fault_seed: u64,
}

impl Engine {
    pub(crate) fn open(
        clock: Arc<dyn Clock>,
        settings: Settings,
        sources: Sources,
        state_file: Option<&Path>,
    ) -> Result<Self, JournalError> {
        let mut inner = Inner {
            state: State::default(),
            ids: sources.ids,
            request_ids: sources.request_ids,
            faults: Faults::new(
                sources.faults,
                sources.fault_seed,
                clock.now_ms().div_euclid(1000),
            ),
            journal: None,
            closed: false,
        };
        if let Some(path) = state_file {
            let (journal, counters) = Journal::open(path, &mut inner.state)?;
            inner.ids.resume(counters.ids);
            inner.request_ids.resume(counters.requests);
            inner.journal = Some(journal);
        }
        let engine = Self {
            inner: Mutex::new(inner),
            commits: watch::Sender::new(0),
            ahead_ms: AtomicI64::new(0),
            stopping: watch::Sender::new(false),
            clock,
            settings,
        };
        engine.forget_old_replays();
        Ok(engine)
    }

    /// Runs `work` on the state. What it returns `Ok` for is committed: journalled, then visible.
    pub(crate) fn transact<T, E: From<ApiError>>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(ApiError::unavailable().into());
        }
        self.wake_due(&mut inner)?;
        self.run(&mut inner, origin, work)
    }

    /// The time of the sandbox: its clock's, and what it was moved ahead.
    pub(crate) fn now_ms(&self) -> i64 {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        self.clock.now_ms().saturating_add(ahead)
    }

    /// Ends once [`now_ms`](Self::now_ms) has reached `at_ms`, unless it is moved meanwhile.
    pub(crate) fn sleep_until(&self, at_ms: i64) -> Sleep {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        self.clock.sleep_until(at_ms.saturating_sub(ahead))
    }

    /// Moves the sandbox ahead; everything on the way happens at its own time.
    pub(crate) fn move_ahead(&self, by_ms: i64) -> Result<(), ApiError> {
        self.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
        let woken = self.wake();
        self.commits
            .send_modify(|count| *count = count.wrapping_add(1));
        woken
    }

    /// Looks without touching.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes whenever something was committed.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// A fresh id for a request.
    pub(crate) fn request_id(&self) -> String {
        format!("req_{}", self.lock().request_ids.alphanumerics(14))
    }

    /// Fires every timer whose time has come.
    pub(crate) fn wake(&self) -> Result<(), ApiError> {
        let mut inner = self.lock();
        if inner.closed {
            Ok(())
        } else {
            self.wake_due(&mut inner)
        }
    }

    /// When the next timer is due, in milliseconds.
    pub(crate) fn next_wake_ms(&self) -> Option<i64> {
        self.read(|state| {
            state
                .entries
                .next_wake()
                .map(|(at, _)| at.saturating_mul(1000))
        })
    }

    /// The object as the API shows it.
    pub(crate) fn object(&self, id: &str) -> Option<Value> {
        self.read(|state| {
            state
                .entries
                .get(id)
                .map(|entry| Value::Object(entry.object.clone()))
        })
    }

    /// All events, oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.read(|state| {
            let newest_first = state.entries.newest_first(Kind::Event);
            let mut events: Vec<Value> = newest_first
                .map(|entry| Value::Object(entry.object.clone()))
                .collect();
            events.reverse();
            events
        })
    }

    /// Ends the payment that a session waits for.
    pub(crate) fn settle(&self, session: &str, paid: bool) -> Result<(), ApiError> {
        let origin = Origin::default();
        self.transact(origin, |tx| {
            let intent = resources::checkout_session::promised(tx, session)?;
            resources::payment_intent::settle(tx, &intent, paid)
        })
    }

    /// Open sessions point to where the pages are now: the port may differ since the last run.
    pub(crate) fn refresh_urls(&self) -> Result<(), ApiError> {
        self.transact(Origin::default(), |tx| {
            resources::checkout_session::refresh_urls(tx);
            Ok(())
        })
    }

    /// Ends it: nothing changes any more, the file is on the disk and free for another process.
    pub(crate) fn close(&self) {
        self.stop_waiting();
        let mut inner = self.lock();
        inner.closed = true;
        if let Some(journal) = inner.journal.take()
            && let Err(error) = journal.sync()
        {
            tracing::error!(%error, "the state file could not be synced");
        }
        drop(inner);
        self.commits
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic inside a transaction rolls it back on the way out, so the state is sound.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T, E: From<ApiError>>(
        &self,
        inner: &mut Inner,
        origin: Origin,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Inner {
            state,
            ids,
            request_ids,
            faults,
            journal,
            ..
        } = inner;
        let draws = Draws { ids, faults };
        let mut tx = Tx::new(state, draws, &self.settings, origin, self.now_ms());
        let value = work(&mut tx)?;
        let records = tx.records();
        if records.is_empty() {
            tx.keep();
            return Ok(value);
        }
        if let Some(journal) = journal {
            let counters = Counters {
                ids: tx.ids().drawn(),
                requests: request_ids.drawn(),
            };
            journal.append(counters, &records).map_err(|error| {
                tracing::error!(%error, "the state file cannot be written; the change was undone");
                ApiError::internal("The sandbox could not write its state file.")
            })?;
        }
        tx.keep();
        self.commits
            .send_modify(|count| *count = count.wrapping_add(1));
        Ok(value)
    }

    fn wake_due(&self, inner: &mut Inner) -> Result<(), ApiError> {
        let now = self.now_ms().div_euclid(1000);
        for _ in 0..WAKES_MAX {
            let Some((at, id)) = inner.state.entries.next_wake().filter(|(at, _)| *at <= now)
            else {
                break;
            };
            let id = id.to_owned();
            self.run(inner, Origin::default(), |tx| {
                // What comes late still happens at its own time.
                tx.set_time(None, at);
                resources::wake(tx, &id);
                Ok::<(), ApiError>(())
            })?;
        }
        Ok(())
    }

    fn forget_old_replays(&self) {
        let now = self.now_ms().div_euclid(1000);
        self.lock()
            .state
            .prune_replays(now.saturating_sub(api::REPLAY_SECONDS));
    }

    /// What an endpoint should be sent next.
    pub(crate) fn claim(&self, endpoint: &str, under_way: &HashSet<String>) -> Claim {
        let now_ms = self.now_ms();
        let inner = self.lock();
        if inner.closed {
            Claim::Idle
        } else {
            queue::claim(&inner.state, endpoint, under_way, now_ms)
        }
    }
}
