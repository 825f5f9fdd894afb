//! What the network does with each event: sends it once or more, early or
//! late, or not at all; and what Stripe does when it hears no 2xx.
//! <https://docs.stripe.com/webhooks#retries>

use crate::faults::Fault;
use crate::rng::Rng;
use crate::world::World;
use crate::world::id::Id;

/// One attempt to deliver an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Which event of the world.
    pub event: usize,
    /// Counts from 1.
    pub attempt: u32,
    /// A copy that nobody asked for: never tried again.
    pub is_copy: bool,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// What was drawn for each event.
#[derive(Debug, Clone)]
pub struct Plan {
    late: Vec<(Id, i64)>,
    twice: Vec<(Id, i64)>,
    lost: Vec<Id>,
    unheard: Vec<Id>,
    ids: Vec<Id>,
}

const MINUTE_MS: i64 = 60_000;
/// Stripe's waits between attempts grow; it tries for three days in all.
const WAITS_MS: [i64; 10] = [
    MINUTE_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * 60 * MINUTE_MS,
    5 * 60 * MINUTE_MS,
    10 * 60 * MINUTE_MS,
    12 * 60 * MINUTE_MS,
    12 * 60 * MINUTE_MS,
    14 * 60 * MINUTE_MS,
    14 * 60 * MINUTE_MS,
];

impl Plan {
    /// The plan of these faults.
    #[must_use]
    pub fn new(world: &World, faults: &[Fault]) -> Self {
        let mut plan = Self {
            late: Vec::new(),
            twice: Vec::new(),
            lost: Vec::new(),
            unheard: Vec::new(),
            ids: world.events.iter().map(|event| event.id).collect(),
        };
        for fault in faults {
            match *fault {
                Fault::Late { event, by_ms } => plan.late.push((event, by_ms)),
                Fault::Twice { event, after_ms } => plan.twice.push((event, after_ms)),
                Fault::Lost { event } => plan.lost.push(event),
                Fault::Unheard { event } => plan.unheard.push(event),
                Fault::Broken { .. } | Fault::Api { .. } => {}
            }
        }
        plan
    }

    /// Faults of the network that are sure to take effect.
    #[must_use]
    pub fn certain(&self) -> usize {
        let known = |id: &Id| self.ids.contains(id);
        self.late.iter().filter(|(id, _)| known(id)).count()
            + self.twice.iter().filter(|(id, _)| known(id)).count()
            + self.lost.iter().filter(|id| known(id)).count()
    }

    /// Whether an event never comes.
    #[must_use]
    pub fn loses(&self, event: Id) -> bool {
        self.lost.contains(&event)
    }

    /// Everything that is sent without being asked for again.
    pub fn first(&self, rng: &mut Rng, world: &World) -> Vec<Delivery> {
        let mut all = Vec::with_capacity(world.events.len() * 2);
        for (event, told) in world.events.iter().enumerate() {
            let travel = rng.between(20, 900);
            if self.lost.contains(&told.id) {
                continue;
            }
            let late = self.late.iter().find(|(id, _)| *id == told.id);
            let sent = |at_ms, is_copy| Delivery {
                event,
                attempt: 1,
                is_copy,
                at_ms,
            };
            let by_ms = late.map_or(0, |(_, by_ms)| *by_ms);
            all.push(sent(told.at_ms + travel + by_ms, false));
            if let Some((_, after)) = self.twice.iter().find(|(id, _)| *id == told.id) {
                all.push(sent(told.at_ms + travel + after, true));
            }
        }
        all
    }

    /// What follows an attempt that was heard, or was not; and whether an
    /// answer was lost on its way.
    pub fn after(
        &mut self,
        ended: Delivery,
        heard: bool,
        now_ms: i64,
        rng: &mut Rng,
    ) -> (Option<Delivery>, bool) {
        if ended.is_copy {
            return (None, false);
        }
        let id = self.ids.get(ended.event).copied();
        let unheard = self.unheard.iter().position(|of| Some(*of) == id);
        let mut lost = false;
        if heard {
            let Some(at) = unheard else {
                return (None, false);
            };
            self.unheard.swap_remove(at);
            lost = true;
        }
        let tried = usize::try_from(ended.attempt).unwrap_or(usize::MAX);
        let Some(wait) = WAITS_MS.get(tried - 1) else {
            return (None, lost); // three days are over
        };
        let again = Delivery {
            attempt: ended.attempt + 1,
            at_ms: now_ms + rng.between(wait / 2, *wait),
            ..ended
        };
        (Some(again), lost)
    }
}
