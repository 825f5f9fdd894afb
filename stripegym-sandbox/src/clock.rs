//! Time behind a trait, so that tests can move it: the only place that reads the system's clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A future without a result, boxed so that [`Clock`] can be a trait object.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the sandbox reads the time and waits for it. Open: bring your own if you need one.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Ends once [`now_ms`](Self::now_ms) has reached `at_ms`.
    fn sleep_until(&self, at_ms: i64) -> Sleep;
}

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now_ms(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            })
    }

    fn sleep_until(&self, at_ms: i64) -> Sleep {
        let clock = *self;
        Box::pin(async move {
            // In slices: a laptop that slept, or a clock set forward, must not delay a due
            // delivery by what was left of one long sleep.
            loop {
                let left = at_ms.saturating_sub(clock.now_ms());
                let Ok(left @ 1..) = u64::try_from(left) else {
                    return;
                };
                tokio::time::sleep(Duration::from_millis(left.min(SLEEP_SLICE_MS_MAX))).await;
            }
        })
    }
}

const SLEEP_SLICE_MS_MAX: u64 = 30_000;

/// A clock that stands still until a test moves it. Clones share the same time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now_ms: watch::Sender<i64>,
}

impl ManualClock {
    /// A clock that stands at `unix_seconds`.
    #[must_use]
    pub fn new(unix_seconds: i64) -> Self {
        Self {
            now_ms: watch::Sender::new(unix_seconds.saturating_mul(1000)),
        }
    }

    /// Moves the clock forward; whoever waits for a time that is now past wakes up.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.now_ms
            .send_modify(|now| *now = now.saturating_add(by_ms));
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        *self.now_ms.borrow()
    }

    fn sleep_until(&self, at_ms: i64) -> Sleep {
        let mut now_ms = self.now_ms.subscribe();
        Box::pin(async move {
            if now_ms.wait_for(|now| *now >= at_ms).await.is_err() {
                // Every handle that could move the clock is gone: the time never comes.
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Measures how long something took, for logs only; never part of any answer or state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed_ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_sleepers_only_when_moved_past_their_time() {
        let clock = ManualClock::new(100);
        let early = tokio::spawn(clock.sleep_until(101_000));
        clock.advance(Duration::from_millis(999));
        assert!(!early.is_finished());
        clock.advance(Duration::from_millis(1));
        early.await.unwrap();
        assert_eq!(clock.unix_seconds(), 101);
    }
}
