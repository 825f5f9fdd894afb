//! Draws a script by playing it: at each step one of the things that may
//! happen to what there is, the lively ones more often.

mod offer;

use super::{Operation, Script, What};
use crate::rng::Rng;
use crate::world::{START_MS, World};
use offer::{draw_themes, offer};

/// A counted schedule has at least so many events.
const EVENTS_MIN: usize = 30;
const OPERATIONS_MAX: u32 = 90;

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A script of a seed, and the world that it leaves.
#[must_use]
pub fn draw(seed: u64) -> (Script, World) {
    let mut rng = Rng::split(seed, 1);
    let converts = rng.percent(50);
    let themes = draw_themes(&mut rng);
    let mut world = World::new(converts);
    let mut operations = Vec::with_capacity(32);
    let enough = EVENTS_MIN + rng.index(16);
    let mut number = 0;
    let mut choices = Vec::with_capacity(64);
    while world.events.len() < enough && number < OPERATIONS_MAX {
        number += 1;
        choices.clear();
        offer(&world, &themes, &mut choices);
        let total: u64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = rng.below(total);
        let chosen = choices.iter().find(|(weight, _)| {
            let hit = left < *weight;
            left = left.saturating_sub(*weight);
            hit
        });
        let Some((_, what)) = chosen else { continue };
        let at_ms = (world.now_ms() - START_MS + gap(&mut rng)).max(due(&world, *what));
        let operation = Operation {
            number,
            at_ms,
            salt: rng.draw(),
            what: *what,
        };
        if world.perform(&operation).is_some() {
            operations.push(operation);
        }
    }
    world.finish();
    let script = Script {
        converts,
        operations,
    };
    (script, world)
}

/// Most things happen within the same second as others, few after days.
fn gap(rng: &mut Rng) -> i64 {
    match rng.weighted(&[40, 30, 15, 10, 4, 1]) {
        0 => rng.between(0, 700),
        1 => rng.between(SECOND_MS, 10 * SECOND_MS),
        2 => rng.between(10 * SECOND_MS, 600 * SECOND_MS),
        3 => rng.between(HOUR_MS, 20 * HOUR_MS),
        4 => rng.between(DAY_MS, 5 * DAY_MS),
        _ => rng.between(10 * DAY_MS, 40 * DAY_MS),
    }
}

/// Renewals and phases come when they are due.
fn due(world: &World, what: What) -> i64 {
    let at_s = match what {
        What::Renew(id) => {
            let sub = world.subscriptions.iter().find(|sub| sub.id == id);
            sub.map(|sub| sub.period_end())
        }
        What::NextPhase(id) => {
            let plan = world.schedules.iter().find(|plan| plan.id == id);
            plan.and_then(|plan| plan.phases.get(plan.current).map(|phase| phase.end))
        }
        _ => None,
    };
    at_s.map_or(0, |at| at * 1000 - START_MS)
}
