//! One run: a world's events on their way to processes that share a store,
//! with everything that goes wrong, on one thread and in virtual time.

pub mod clock;
mod process;
mod reconcile;
mod site;
pub mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use stripegym_core::Store;
use stripegym_core::process::Mode;
use stripegym_core::reconcile::Sweep;

use crate::consumer::sign;
use crate::delivery::{Delivery, Plan};
use crate::faults::Fault;
use crate::rng::Rng;
use crate::world::id::Id;
use crate::world::{START_MS, World};
use clock::Time;
use process::Process;
use store::Shared;

pub use site::{Counts, Life, Place, Site};

/// How long Stripe waits for an answer.
const ANSWER_WAIT_MS: i64 = 20_000;
/// Moments after which a run that does not come to rest is given up.
const MOMENTS_MAX: u32 = 200_000;
const QUIET_MAX: u32 = 3_000;

/// What happens at some moment.
#[derive(Debug, Clone, Copy)]
enum Item {
    Deliver(Delivery),
    Deadline {
        number: u64,
    },
    Restart(usize),
    Thaw(usize),
    /// A process asks Stripe for what it may have missed.
    Reconcile(usize),
    /// Nothing more happens at Stripe.
    End,
}

/// A delivery that waits for its answer.
type Answers = Arc<Mutex<Vec<(u64, u16)>>>;

/// What a run leaves behind.
#[derive(Debug)]
pub struct Outcome {
    /// What was counted.
    pub counts: Counts,
    /// Why it did not come to rest, if it did not.
    pub stuck: Option<String>,
    /// When it ended, in milliseconds since the Unix epoch.
    pub ended_ms: i64,
    /// Whether the last reconciliation read every object.
    pub swept: bool,
    /// One line per step, if asked for.
    pub trace: Vec<String>,
}

struct Run {
    world: Arc<World>,
    time: Time,
    site: Site,
    shared: Shared,
    mode: Mode,
    plan: Plan,
    rng: Rng,
    agenda: BTreeMap<(i64, u64), Item>,
    sequence: u64,
    processes: Vec<Option<Process>>,
    ready: Vec<bool>,
    open: BTreeMap<u64, Delivery>,
    answers: Answers,
    ends_seen: u64,
    swept: bool,
    acknowledged: BTreeSet<Id>,
}

/// Runs a world with these faults over a store.
#[must_use]
pub fn run(
    seed: u64,
    world: &Arc<World>,
    faults: &[Fault],
    store: Arc<dyn Store>,
    traced: bool,
) -> Outcome {
    let time = Time::starting(START_MS);
    let site = Site::new(time.clone(), seed, faults, traced);
    let mut rng = Rng::split(seed, 4);
    let count = 1 + rng.index(2);
    let mode = if rng.percent(60) {
        Mode::Inline
    } else {
        Mode::Queued
    };
    let mut run = Run {
        world: Arc::clone(world),
        time,
        site,
        shared: Shared::new(store),
        mode,
        plan: Plan::new(world, faults),
        rng,
        agenda: BTreeMap::new(),
        sequence: 0,
        processes: Vec::new(),
        ready: Vec::new(),
        open: BTreeMap::new(),
        answers: Arc::default(),
        ends_seen: 0,
        swept: false,
        acknowledged: BTreeSet::new(),
    };
    for process in 0..count {
        run.processes.push(None);
        run.ready.push(false);
        run.start(process);
    }
    for delivery in run.plan.first(&mut run.rng, world) {
        run.at(delivery.at_ms, Item::Deliver(delivery));
    }
    // Some changes, such as an opened session, no event tells.
    let changes = world.past.values().filter_map(|past| past.last());
    let end = changes.map(|(ms, _)| *ms).max().unwrap_or(START_MS);
    run.at(end + 1000, Item::End);
    run.reconciles_now_and_then(end);
    run.site.hits(run.plan.certain());
    let stuck = run.reach_the_end().err();
    let trace = run.site.take_trace();
    Outcome {
        counts: run.site.counts(),
        stuck,
        ended_ms: run.time.now_ms(),
        swept: run.swept,
        trace,
    }
}

impl Run {
    fn at(&mut self, ms: i64, item: Item) {
        self.sequence += 1;
        self.agenda.insert((ms, self.sequence), item);
    }

    fn start(&mut self, process: usize) {
        let life = Life::new(self.site.clone(), self.time.clock(process), process);
        let started = Process::start(&self.shared, life, &self.world, self.mode);
        self.processes[process] = Some(started);
        self.ready[process] = true;
        self.site.note(|| format!("p{process} starts"));
    }

    fn reach_the_end(&mut self) -> Result<(), String> {
        let mut moments = 0;
        while self.is_under_way() {
            self.step();
            moments += 1;
            if moments > MOMENTS_MAX {
                return Err("the deliveries never end".to_owned());
            }
        }
        self.site.heal();
        self.site.note(|| "nothing goes wrong any more".to_owned());
        self.come_to_rest("the inbox is never empty")?;
        self.nothing_acknowledged_is_lost()?;
        let sweep = if self.rng.percent(50) {
            Sweep::Always
        } else {
            Sweep::IfNeeded
        };
        let done = self.reconcile(0, sweep);
        for _ in 0..QUIET_MAX {
            self.step();
            let done = *done.lock().unwrap_or_else(PoisonError::into_inner);
            match done {
                None => {}
                Some(None) => return Err("something could not be reconciled".to_owned()),
                Some(Some(swept)) => {
                    self.swept = swept;
                    return self.come_to_rest("the inbox is not empty after reconciliation");
                }
            }
        }
        Err("reconciliation does not end".to_owned())
    }

    /// Whether something is still to be delivered, or somebody to come back.
    fn is_under_way(&self) -> bool {
        !self.agenda.is_empty() || !self.open.is_empty()
    }

    fn come_to_rest(&mut self, complaint: &str) -> Result<(), String> {
        for _ in 0..QUIET_MAX {
            self.settle();
            if self.is_quiet() {
                return Ok(());
            }
            self.step();
        }
        Err(complaint.to_owned())
    }

    /// Whether every event is done or dead.
    fn is_quiet(&self) -> bool {
        let store = Arc::clone(self.shared.store());
        let open = crate::ask(async move {
            let summary = store.read().await?.inbox_summary().await?;
            Ok::<_, stripegym_core::store::StoreError>(summary.oldest_open)
        });
        matches!(open, Ok(None))
    }

    /// Runs everybody to a standstill, then lets the next moment come.
    fn step(&mut self) {
        self.settle();
        let planned = self.agenda.first_key_value().map(|((ms, _), _)| *ms);
        match (planned, self.time.next_due()) {
            (Some(planned), due) if due.is_none_or(|due| planned <= due) => {
                let Some((_, item)) = self.agenda.pop_first() else {
                    return;
                };
                self.time.advance_to(planned);
                self.happen(item);
            }
            (_, Some(_)) => {
                if let Some(process) = self.time.wake_next() {
                    self.ready[process] = true;
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self) {
        loop {
            let now = self.time.now_ms();
            let next = (0..self.processes.len()).find(|process| {
                let frozen = |p: &Process| p.frozen_until.is_some_and(|until| until > now);
                self.ready[*process]
                    && self.processes[*process]
                        .as_ref()
                        .is_some_and(|p| !frozen(p))
            });
            let Some(process) = next else { break };
            self.ready[process] = false;
            if let Some(running) = &self.processes[process] {
                running.run();
            }
            self.bury();
            self.freeze();
            let ends = self.site.ends();
            if ends != self.ends_seen {
                // Somebody else may have waited for its turn.
                self.ends_seen = ends;
                for other in (0..self.ready.len()).filter(|other| *other != process) {
                    self.ready[other] = true;
                }
            }
        }
        self.hear();
    }

    /// The dead go, with everything they had in hand.
    fn bury(&mut self) {
        for (process, after_ms) in self.site.take_crashes() {
            self.processes[process] = None;
            self.site.note(|| format!("p{process} is gone"));
            let back = self.time.now_ms() + after_ms;
            self.at(back, Item::Restart(process));
        }
    }

    fn freeze(&mut self) {
        for (process, ms) in self.site.take_freezes() {
            let until = self.time.now_ms() + ms;
            if let Some(frozen) = &mut self.processes[process] {
                frozen.frozen_until = Some(until);
                self.at(until, Item::Thaw(process));
            }
        }
    }

    fn happen(&mut self, item: Item) {
        match item {
            Item::Deliver(delivery) => self.deliver(delivery),
            Item::Deadline { number } => {
                if let Some(delivery) = self.open.remove(&number) {
                    self.ended(delivery, None);
                }
            }
            Item::Restart(process) => self.start(process),
            Item::End => {}
            Item::Reconcile(process) => {
                let sweep = if self.rng.percent(50) {
                    Sweep::Always
                } else {
                    Sweep::IfNeeded
                };
                // Whatever comes of it: another one follows at the end.
                let _unheard = self.reconcile(process, sweep);
            }
            Item::Thaw(process) => {
                self.ready[process] = true;
                self.site.note(|| format!("p{process} goes on"));
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let process = self.rng.index(self.processes.len());
        let Some(taker) = &self.processes[process] else {
            self.ended(delivery, None);
            return;
        };
        let event = &self.world.events[delivery.event];
        self.site.note(|| {
            let Delivery { attempt, .. } = delivery;
            format!(
                "-> p{process} {} {} {} #{attempt}",
                event.id, event.kind, event.object
            )
        });
        self.time.stir();
        self.sequence += 1;
        let number = self.sequence;
        let (consumer, life) = (taker.consumer.clone(), taker.life.clone());
        let (body, answers) = (event.body.clone(), Arc::clone(&self.answers));
        let signature = sign(self.time.now_ms().div_euclid(1000), &body);
        taker.spawn(async move {
            let status = consumer.deliver(body, &signature).await;
            if !life.is_dead() {
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.push((number, status));
            }
        });
        self.ready[process] = true;
        self.open.insert(number, delivery);
        let deadline = self.time.now_ms() + ANSWER_WAIT_MS;
        self.at(deadline, Item::Deadline { number });
    }

    /// What the processes answered meanwhile.
    fn hear(&mut self) {
        let heard =
            std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        for (number, status) in heard {
            // An answer after the deadline is none.
            if let Some(delivery) = self.open.remove(&number) {
                let deadline = delivery_deadline(&self.agenda, number);
                if let Some(deadline) = deadline {
                    self.agenda.remove(&deadline);
                }
                self.ended(delivery, Some(status));
            }
        }
    }

    fn ended(&mut self, delivery: Delivery, status: Option<u16>) {
        let event = self.world.events[delivery.event].id;
        self.site.note(|| match status {
            Some(status) => format!("<- {event} {status}"),
            None => format!("<- {event} no answer"),
        });
        let heard = status.is_some_and(|status| (200..300).contains(&status));
        if heard {
            self.acknowledged.insert(event);
        }
        let now = self.time.now_ms();
        let (again, lost) = self.plan.after(delivery, heard, now, &mut self.rng);
        if lost {
            self.site.hit();
        }
        if let Some(again) = again {
            self.at(again.at_ms, Item::Deliver(again));
        }
    }
}

fn delivery_deadline(agenda: &BTreeMap<(i64, u64), Item>, number: u64) -> Option<(i64, u64)> {
    agenda.iter().find_map(|(key, item)| match item {
        Item::Deadline { number: of } if *of == number => Some(*key),
        _ => None,
    })
}
