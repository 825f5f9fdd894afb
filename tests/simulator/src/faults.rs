//! What goes wrong, drawn from a seed before the run: a list, so that any part
//! of it can be left out.

use std::fmt;

use crate::rng::Rng;
use crate::world::World;
use crate::world::id::Id;

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An event comes so much later than it should.
    Late {
        /// Which.
        event: Id,
        /// Milliseconds.
        by_ms: i64,
    },
    /// An event comes once more.
    Twice {
        /// Which.
        event: Id,
        /// Milliseconds after it happened.
        after_ms: i64,
    },
    /// An event never comes.
    Lost {
        /// Which.
        event: Id,
    },
    /// The first answer to an event does not get back, so it comes again.
    Unheard {
        /// Which.
        event: Id,
    },
    /// At the first statement or request from the `from`th on where it can happen.
    Broken {
        /// Counts from 1.
        from: u32,
        /// What breaks there.
        how: Breakage,
    },
    /// At the `from`th call of the API, counted from 1.
    Api {
        /// Counts from 1.
        from: u32,
        /// What becomes of it.
        how: ApiFault,
    },
}

/// What breaks at a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// The process dies, and comes back after so many milliseconds.
    Crash(i64),
    /// The database cannot be reached.
    Unavailable,
    /// Another transaction is in the way.
    Contended,
    /// A commit happens, and its answer is lost.
    CommitUnheard,
    /// The task stands still for so many milliseconds, outside a transaction.
    Held(i64),
    /// The whole process stands still for so many milliseconds.
    Frozen(i64),
}

/// What becomes of a call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiFault {
    /// 429, from the limiter.
    Limited,
    /// This status, a fault of Stripe's.
    Status(u16),
    /// The connection breaks.
    Lost,
    /// The answer comes after so many milliseconds.
    Slow(i64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late { event, by_ms } => write!(f, "{event} comes {by_ms} ms late"),
            Self::Twice { event, after_ms } => write!(f, "{event} comes again after {after_ms} ms"),
            Self::Lost { event } => write!(f, "{event} never comes"),
            Self::Unheard { event } => write!(f, "the answer to {event} is lost"),
            Self::Broken { from, how } => write!(f, "from boundary {from} on: {how:?}"),
            Self::Api { from, how } => write!(f, "from API call {from} on: {how:?}"),
        }
    }
}

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Faults for a world: at least three, often a dozen.
#[must_use]
pub fn draw(seed: u64, world: &World) -> Vec<Fault> {
    let mut rng = Rng::split(seed, 2);
    let mut faults = Vec::with_capacity(24);
    let lossy = rng.percent(50);
    for event in &world.events {
        let event = event.id;
        match rng.below(100) {
            0..12 => faults.push(Fault::Late {
                event,
                by_ms: rng.between(100, 5_000),
            }),
            12..16 => faults.push(Fault::Late {
                event,
                by_ms: rng.between(MINUTE_MS, 60 * MINUTE_MS),
            }),
            16..18 => faults.push(Fault::Late {
                event,
                by_ms: rng.between(DAY_MS / 12, 3 * DAY_MS),
            }),
            18..26 => faults.push(Fault::Twice {
                event,
                after_ms: rng.between(0, 3_000),
            }),
            26..30 => faults.push(Fault::Unheard { event }),
            30..34 if lossy => faults.push(Fault::Lost { event }),
            _ => {}
        }
    }
    let reach = u64::try_from(world.events.len()).unwrap_or(0) * 12;
    for _ in 0..3 + rng.below(4) {
        let from = u32::try_from(1 + rng.below(reach)).unwrap_or(1);
        let how = match rng.weighted(&[30, 15, 15, 15, 15, 10]) {
            0 => Breakage::Crash(rng.between(200, 20_000)),
            1 => Breakage::Unavailable,
            2 => Breakage::Contended,
            3 => Breakage::CommitUnheard,
            4 => Breakage::Held(rng.between(50_000, 200_000)),
            _ => Breakage::Frozen(rng.between(1_000, 200_000)),
        };
        faults.push(Fault::Broken { from, how });
    }
    for _ in 0..1 + rng.below(4) {
        let from = u32::try_from(1 + rng.below(24)).unwrap_or(1);
        let how = match rng.weighted(&[20, 20, 20, 40]) {
            0 => ApiFault::Limited,
            1 => ApiFault::Status(if rng.percent(50) { 500 } else { 503 }),
            2 => ApiFault::Lost,
            _ => ApiFault::Slow(rng.between(1_000, 300_000)),
        };
        faults.push(Fault::Api { from, how });
    }
    faults
}
