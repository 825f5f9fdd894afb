//! Where the run and its faults meet: everything that a process does to the
//! outside passes here first, is counted, and may go wrong.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use stripegym_core::store::{StoreError, StoreErrorKind};

use super::clock::{SimClock, Time};
use crate::faults::{ApiFault, Breakage, Fault};
use crate::rng::Rng;

/// The place of a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before a transaction.
    Begin,
    /// Before a statement.
    Statement,
    /// Before a commit.
    Commit,
    /// After a commit.
    Committed,
    /// Before or after a request to the API.
    Request,
}

/// What one run shares.
#[derive(Clone)]
pub struct Site(Arc<Mutex<Inner>>);

struct Inner {
    time: Time,
    rng: Rng,
    boundaries: u32,
    calls: u32,
    fetches: u32,
    broken: Vec<(u32, Breakage)>,
    api: Vec<(u32, ApiFault)>,
    /// Faults that took effect.
    hits: u32,
    /// Transactions that ended.
    ends: u64,
    crashes: Vec<(usize, i64)>,
    freezes: Vec<(usize, i64)>,
    trace: Option<Vec<String>>,
}

/// What a run counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Boundaries crossed.
    pub boundaries: u32,
    /// Calls of the API.
    pub calls: u32,
    /// Those of one object, because its events did not tell how it stands.
    pub fetches: u32,
    /// Faults that took effect.
    pub faults: u32,
}

impl Site {
    /// A site with these faults ahead.
    #[must_use]
    pub fn new(time: Time, seed: u64, faults: &[Fault], traced: bool) -> Self {
        let broken = faults.iter().filter_map(|fault| match fault {
            Fault::Broken { from, how } => Some((*from, *how)),
            _ => None,
        });
        let api = faults.iter().filter_map(|fault| match fault {
            Fault::Api { from, how } => Some((*from, *how)),
            _ => None,
        });
        Self(Arc::new(Mutex::new(Inner {
            time,
            rng: Rng::split(seed, 3),
            boundaries: 0,
            calls: 0,
            fetches: 0,
            broken: broken.collect(),
            api: api.collect(),
            hits: 0,
            ends: 0,
            crashes: Vec::new(),
            freezes: Vec::new(),
            trace: traced.then(Vec::new),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line into the trace, if there is one.
    pub fn note(&self, line: impl FnOnce() -> String) {
        let mut inner = self.inner();
        let now = inner.time.now_ms() - crate::world::START_MS;
        if let Some(trace) = &mut inner.trace {
            let (s, ms) = (now.div_euclid(1000), now.rem_euclid(1000));
            trace.push(format!("{s:>9}.{ms:03} {}", line()));
        }
    }

    /// A fault outside of here took effect.
    pub fn hit(&self) {
        self.inner().hits += 1;
    }

    /// So many faults are sure to take effect.
    pub fn hits(&self, count: usize) {
        self.inner().hits += u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// From now on nothing goes wrong any more.
    pub fn heal(&self) {
        let mut inner = self.inner();
        inner.broken.clear();
        inner.api.clear();
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let inner = self.inner();
        Counts {
            boundaries: inner.boundaries,
            calls: inner.calls,
            fetches: inner.fetches,
            faults: inner.hits,
        }
    }

    /// The trace so far.
    #[must_use]
    pub fn take_trace(&self) -> Vec<String> {
        self.inner().trace.take().unwrap_or_default()
    }

    /// How many transactions have ended.
    #[must_use]
    pub fn ends(&self) -> u64 {
        self.inner().ends
    }

    pub(super) fn transaction_ended(&self) {
        self.inner().ends += 1;
    }

    pub(super) fn take_crashes(&self) -> Vec<(usize, i64)> {
        std::mem::take(&mut self.inner().crashes)
    }

    pub(super) fn take_freezes(&self) -> Vec<(usize, i64)> {
        std::mem::take(&mut self.inner().freezes)
    }

    /// A draw for what is not a fault: how long a call takes, who gets a delivery.
    #[must_use]
    pub fn chance(&self, end: u64) -> u64 {
        self.inner().rng.below(end)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site({:?})", self.counts())
    }
}

/// One life of a process at the site.
#[derive(Debug, Clone)]
pub struct Life {
    /// The site.
    pub site: Site,
    /// Its clock.
    pub clock: SimClock,
    process: usize,
    is_dead: Arc<AtomicBool>,
}

impl Life {
    /// A process that has just started.
    #[must_use]
    pub fn new(site: Site, clock: SimClock, process: usize) -> Self {
        let is_dead = Arc::new(AtomicBool::new(false));
        Self {
            site,
            clock,
            process,
            is_dead,
        }
    }

    /// Whether it has died; what it still does then, nobody sees.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    /// Passes a boundary, unless something breaks there.
    ///
    /// # Errors
    /// Whatever breaks.
    pub async fn cross(&self, place: Place, name: &'static str) -> Result<(), StoreError> {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
        let Some(how) = self.next_breakage(place, name) else {
            if place == Place::Begin {
                self.linger().await;
            }
            return Ok(());
        };
        match how {
            Breakage::Crash(_) => {
                self.is_dead.store(true, Ordering::Relaxed);
                std::future::pending().await
            }
            Breakage::Unavailable | Breakage::CommitUnheard => {
                Err(StoreError::new(StoreErrorKind::Unavailable))
            }
            Breakage::Contended => Err(StoreError::new(StoreErrorKind::Contended)),
            Breakage::Held(ms) => {
                self.clock.nap(ms).await;
                Ok(())
            }
            Breakage::Frozen(_) => Ok(()),
        }
    }

    fn next_breakage(&self, place: Place, name: &'static str) -> Option<Breakage> {
        let mut inner = self.site.inner();
        inner.boundaries += 1;
        let count = inner.boundaries;
        let at = inner
            .broken
            .iter()
            .position(|(from, how)| *from <= count && fits(*how, place))?;
        let (_, how) = inner.broken.swap_remove(at);
        inner.hits += 1;
        match how {
            Breakage::Crash(ms) => inner.crashes.push((self.process, ms)),
            Breakage::Frozen(ms) => inner.freezes.push((self.process, ms)),
            _ => {}
        }
        drop(inner);
        let process = self.process;
        self.site
            .note(|| format!("p{process} at {name} ({place:?}, boundary {count}): {how:?}"));
        Some(how)
    }

    /// Others may come first, or a few milliseconds pass.
    async fn linger(&self) {
        match self.site.chance(10) {
            0..5 => {}
            5..8 => {
                let mut passed = false;
                std::future::poll_fn(move |context| {
                    if std::mem::replace(&mut passed, true) {
                        return Poll::Ready(());
                    }
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
            }
            _ => {
                let ms = 1 + self.site.chance(30);
                self.clock.nap(i64::try_from(ms).unwrap_or(1)).await;
            }
        }
    }

    /// The next call of the API, and what becomes of it.
    pub(crate) fn next_call(&self, is_fetch: bool) -> (u32, Option<ApiFault>) {
        let mut inner = self.site.inner();
        inner.calls += 1;
        inner.fetches += u32::from(is_fetch);
        let count = inner.calls;
        let at = inner.api.iter().position(|(from, _)| *from <= count);
        let fault = at.map(|at| inner.api.swap_remove(at).1);
        inner.hits += u32::from(fault.is_some());
        (count, fault)
    }

    /// Which process it is.
    #[must_use]
    pub fn process(&self) -> usize {
        self.process
    }
}

/// Where a breakage can happen.
fn fits(how: Breakage, place: Place) -> bool {
    match how {
        Breakage::Crash(_) => true,
        Breakage::Unavailable | Breakage::Contended => {
            matches!(place, Place::Begin | Place::Statement | Place::Commit)
        }
        Breakage::CommitUnheard => place == Place::Committed,
        Breakage::Held(_) | Breakage::Frozen(_) => matches!(place, Place::Begin | Place::Request),
    }
}
