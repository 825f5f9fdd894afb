//! Forgetting what is long over.
//!
//! Events that are done, effects that are done or dead, and outgoing calls
//! whose outcome is known are kept for 90 days and then deleted, batch by
//! batch. Dead events stay: a person must look. The ledger is never pruned.
//!
//! What is forgotten is no longer known as a repeat, so it must not come again:
//!
//! - **Events.** Stripe redelivers for up to 3 days, lets a person resend for
//!   30, and its list of events reaches back 30 days: an event that was done
//!   35 days ago comes from nowhere any more. [`Keep`] takes no less.
//!   <https://docs.stripe.com/webhooks>, <https://docs.stripe.com/api/events>
//! - **Effects.** An event that an operator replays asks for its effects again.
//!   Replay nothing older than what is kept, or its mails go out once more.
//! - **Outgoing calls.** A [`CallKey`](crate::store::CallKey) whose call is
//!   forgotten stands for a new call. Use none again after that time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::process::{Chain, Worker};
use crate::store::{Pruned, Store, StoreError};

const DAY_S: u32 = 24 * 3600;

/// For how long what is over is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keep {
    days: u32,
}

/// Why a time to keep rows is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rows are kept for 35 days at least: Stripe's events come again for up to 30 days")]
pub struct KeepError;

impl Keep {
    /// The least: Stripe's 30 days and some for clocks and outages.
    pub const DAYS_MIN: u32 = 35;

    /// Keeps rows for so many days.
    ///
    /// # Errors
    /// When it is less than [`Keep::DAYS_MIN`].
    pub fn days(days: u32) -> Result<Self, KeepError> {
        if days < Self::DAYS_MIN {
            return Err(KeepError);
        }
        Ok(Self { days })
    }

    /// What came to rest before this may go.
    fn horizon(self, now: Timestamp) -> Timestamp {
        let kept_ms = i64::from(self.days) * i64::from(DAY_S) * 1000;
        Timestamp::from_unix_ms(now.unix_ms().saturating_sub(kept_ms))
    }
}

impl Default for Keep {
    /// 90 days.
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// How rows are forgotten.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RetentionConfig {
    /// For how long they are kept: 90 days.
    pub keep: Keep,
    /// How many of each kind one transaction deletes at most: 500. It holds up
    /// others for as long as that takes.
    pub batch: u32,
    /// How often the worker looks: every hour.
    pub interval: Duration,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            keep: Keep::default(),
            batch: 500,
            interval: Duration::from_secs(3600),
        }
    }
}

/// Deletes what is old enough. Cloning is cheap; several processes may do it
/// at the same time.
///
/// ```
/// # use std::sync::Arc;
/// # use stripegym_core::retention::Retention;
/// # use stripegym_core::Store;
/// # fn start(store: Arc<dyn Store>) {
/// let worker = Retention::new(store).start_worker();
/// # drop(worker); }
/// ```
#[derive(Clone)]
pub struct Retention {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: RetentionConfig,
}

impl Retention {
    /// With defaults and the machine's clock.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            config: RetentionConfig::default(),
        }
    }

    /// Takes time from another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Sets how rows are forgotten. A batch of none would never end and counts
    /// as one.
    #[must_use]
    pub fn config(self, mut config: RetentionConfig) -> Self {
        config.batch = config.batch.max(1);
        Self { config, ..self }
    }

    /// Deletes everything that is old enough, one short transaction after the
    /// other; returns how much that was.
    ///
    /// # Errors
    /// When the store fails. What was deleted by then stays deleted.
    pub async fn prune(&self) -> Result<Pruned, StoreError> {
        self.prune_while(|| true).await
    }

    /// Starts a worker that does so at once and then at every interval.
    #[must_use = "a dropped worker stops"]
    pub fn start_worker(&self) -> Worker {
        Worker::start(|stopped| self.clone().work(stopped))
    }

    async fn work(self, mut stopped: watch::Receiver<bool>) {
        loop {
            match self.prune_while(|| !Worker::is_over(&stopped)).await {
                Ok(pruned) if pruned.is_empty() => {}
                Ok(pruned) => info!(?pruned, "forgot what is long over"),
                Err(problem) => {
                    warn!(error = %Chain(&problem), "nothing is forgotten for now");
                }
            }
            tokio::select! {
                biased;
                // Also when the handle is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.clock.sleep(self.config.interval) => {}
            }
        }
    }

    async fn prune_while(&self, go_on: impl Fn() -> bool) -> Result<Pruned, StoreError> {
        // Fixed, so that the end does not move away while it works.
        let before = self.config.keep.horizon(self.clock.now());
        let mut total = Pruned::default();
        while go_on() {
            let mut tx = self.store.begin().await?;
            let pruned = tx.prune(before, self.config.batch).await?;
            if pruned.is_empty() {
                break;
            }
            tx.commit().await?;
            total.inbox += pruned.inbox;
            total.outbox += pruned.outbox;
            total.calls += pruned.calls;
        }
        Ok(total)
    }
}

impl fmt::Debug for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retention({:?}, {:?})", self.store, self.config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stripe_may_send_again_is_kept() {
        assert_eq!(Keep::days(34), Err(KeepError));
        let least = Keep::days(35).unwrap();
        assert!(least < Keep::default());
        let now = Timestamp::from_unix_s(1_760_000_000);
        assert_eq!(
            now.since(least.horizon(now)),
            Duration::from_secs(35 * 24 * 3600)
        );
    }
}
