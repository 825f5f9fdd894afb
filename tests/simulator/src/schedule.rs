//! One schedule: a script, its faults, and what comes of running them.

use std::collections::BTreeSet;
use std::sync::Arc;

use stripegym_core::{MemoryStore, Store};

use crate::faults::{self, Fault};
use crate::run::{self, Counts};
use crate::world::script::{self, Script};
use crate::world::{START_MS, World};
use crate::{ask, oracle};

/// Everything that a seed decides before the run.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Where it came from; the run draws from it, too.
    pub seed: u64,
    /// What happens at Stripe.
    pub script: Script,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What is not as it should be.
    pub findings: Vec<String>,
    /// What was counted.
    pub counts: Counts,
    /// Events of the world.
    pub events: usize,
    /// Objects that they are about.
    pub objects: usize,
    /// One line per step, if asked for.
    pub trace: Vec<String>,
}

impl Report {
    /// Whether it has what a schedule needs to count.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.events >= 30 && self.objects >= 3 && self.counts.faults >= 3
    }
}

/// The schedule of a seed, and its world.
#[must_use]
pub fn draw(seed: u64) -> (Schedule, Arc<World>) {
    let (script, world) = script::draw(seed);
    let faults = faults::draw(seed, &world);
    let schedule = Schedule {
        seed,
        script,
        faults,
    };
    (schedule, Arc::new(world))
}

/// Draws and runs a seed over a store in memory.
#[must_use]
pub fn run_seed(seed: u64, traced: bool) -> Report {
    let (schedule, world) = draw(seed);
    schedule.run_in(&world, traced)
}

impl Schedule {
    /// Plays the script and runs it over a store in memory.
    #[must_use]
    pub fn run(&self, traced: bool) -> Report {
        self.run_in(&Arc::new(self.script.play()), traced)
    }

    fn run_in(&self, world: &Arc<World>, traced: bool) -> Report {
        self.run_over(
            world,
            &(Arc::new(MemoryStore::new()) as Arc<dyn Store>),
            traced,
        )
    }

    /// Runs a world that has been played over any empty store.
    #[must_use]
    pub fn run_over(&self, world: &Arc<World>, store: &Arc<dyn Store>, traced: bool) -> Report {
        let outcome = run::run(self.seed, world, &self.faults, Arc::clone(store), traced);
        let mut findings: Vec<String> = outcome.stuck.into_iter().collect();
        match ask(oracle::compare(
            world,
            store.as_ref(),
            outcome.ended_ms.div_euclid(1000),
            outcome.swept,
        )) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(format!("the store failed: {error}")),
        }
        let objects: BTreeSet<_> = world.events.iter().map(|event| event.object).collect();
        Report {
            findings,
            counts: outcome.counts,
            events: world.events.len(),
            objects: objects.len(),
            trace: outcome.trace,
        }
    }

    /// One line for everything in it, in the order of time.
    #[must_use]
    pub fn timeline(&self) -> Vec<String> {
        let world = self.script.play();
        let mut lines = vec![format!("seed {}", self.seed)];
        for operation in &self.script.operations {
            let at = operation.at_ms;
            let (s, ms) = (at.div_euclid(1000), at.rem_euclid(1000));
            lines.push(format!("{s:>9}.{ms:03} Stripe: {operation}"));
            let from = START_MS + at;
            let made = |id: crate::world::id::Id| id.operation() == operation.number;
            for event in world.events.iter().filter(|event| made(event.id)) {
                let after = event.at_ms - from;
                lines.push(format!(
                    "{:>13} +{after} ms {} {}",
                    "", event.id, event.kind
                ));
            }
        }
        lines.extend(
            self.faults
                .iter()
                .map(|fault| format!("{:>13} fault: {fault}", "")),
        );
        lines
    }
}
