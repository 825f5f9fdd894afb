//! When a failed event is tried again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// Exponential backoff with full jitter and a bounded number of attempts. The
/// jitter comes from event and attempt, so a simulation repeats itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The most that is waited after the first failure.
    pub base: Duration,
    /// The most that is ever waited.
    pub cap: Duration,
    /// After this many attempts the event is dead.
    pub attempts_max: u32,
}

impl Default for Backoff {
    /// One second doubling to an hour, 60 times: about a day of trying, as the
    /// jitter halves the waits on average.
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(3600),
            attempts_max: 60,
        }
    }
}

impl Backoff {
    /// How long to wait after this attempt (counted from 1) has failed; `None`
    /// when it was the last.
    #[must_use]
    pub fn wait(&self, event_id: &str, attempt: u32) -> Option<Duration> {
        if attempt >= self.attempts_max {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let most = self.base.saturating_mul(1 << doublings).min(self.cap);
        let most_ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        let mut hasher = DefaultHasher::new();
        (event_id, attempt).hash(&mut hasher);
        Some(Duration::from_millis(
            hasher.finish() % most_ms.saturating_add(1),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_below_a_doubling_bound_and_differ_between_events() {
        let backoff = Backoff::default();
        for attempt in 1..30 {
            let bound = Duration::from_secs(1 << (attempt - 1).min(20)).min(backoff.cap);
            let waits: Vec<_> = (0..50)
                .map(|n| backoff.wait(&format!("evt_{n}"), attempt).unwrap())
                .collect();
            assert!(waits.iter().all(|wait| *wait <= bound), "attempt {attempt}");
            assert!(
                waits.iter().any(|wait| *wait != waits[0]),
                "attempt {attempt}"
            );
        }
    }

    #[test]
    fn the_last_attempt_has_no_successor_and_comes_after_about_a_day() {
        let backoff = Backoff::default();
        assert_eq!(backoff.wait("evt_1", backoff.attempts_max), None);
        for number in 0..50 {
            let id = format!("evt_{number}");
            let tried_for: Duration = (1..).map_while(|attempt| backoff.wait(&id, attempt)).sum();
            let hours = tried_for.as_secs() / 3600;
            assert!((16..=32).contains(&hours), "{hours} h");
        }
    }
}
