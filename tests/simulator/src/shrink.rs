//! Makes a failing schedule small: leaves out operations and faults, in ever
//! smaller pieces, as long as it still fails.

use crate::schedule::Schedule;

/// Runs that shrinking may take.
const RUNS_MAX: u32 = 2_000;

/// The smallest schedule found that still fails.
#[must_use]
pub fn shrink(schedule: &Schedule) -> Schedule {
    shrink_while(schedule, |tried| !tried.run(false).findings.is_empty())
}

/// The smallest schedule found for which `fails` still holds.
pub fn shrink_while(schedule: &Schedule, mut fails: impl FnMut(&Schedule) -> bool) -> Schedule {
    let mut smallest = schedule.clone();
    let mut runs = 0;
    loop {
        let before = (smallest.faults.len(), smallest.script.operations.len());
        let faults = smallest.faults.clone();
        smallest.faults = reduce(faults, &mut runs, |faults| {
            let mut tried = smallest.clone();
            tried.faults = faults.to_vec();
            fails(&tried)
        });
        let operations = smallest.script.operations.clone();
        smallest.script.operations = reduce(operations, &mut runs, |operations| {
            let mut tried = smallest.clone();
            tried.script.operations = operations.to_vec();
            fails(&tried)
        });
        let after = (smallest.faults.len(), smallest.script.operations.len());
        if after == before || runs >= RUNS_MAX {
            return smallest;
        }
    }
}

/// Leaves out half, then a quarter, and so on down to one at a time.
fn reduce<T: Clone>(all: Vec<T>, runs: &mut u32, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = all;
    let mut piece = kept.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < kept.len() && *runs < RUNS_MAX {
            let mut tried = kept.clone();
            let end = (at + piece).min(tried.len());
            drop(tried.drain(at..end));
            *runs += 1;
            if fails(&tried) {
                kept = tried;
            } else {
                at = end;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;
    use crate::schedule::draw;
    use crate::world::script::What;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let (schedule, _) = draw(11);
        // "Fails" when a session was paid and anything was late.
        let smallest = shrink_while(&schedule, |tried| {
            let paid = tried
                .script
                .play()
                .sessions
                .iter()
                .any(|s| s.status == "complete");
            paid && tried.faults.iter().any(|f| matches!(f, Fault::Late { .. }))
        });
        assert_eq!(smallest.faults.len(), 1, "{smallest:#?}");
        let left = &smallest.script.operations;
        assert!(left.len() <= 3, "{left:#?}");
        assert!(matches!(left.last().unwrap().what, What::PaySession(_)));
    }
}
