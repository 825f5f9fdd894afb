//! The dispatcher's worker.

use tokio::sync::watch;
use tracing::warn;

use super::Dispatcher;
use crate::process::{Chain, Worker};
use crate::store::StoreError;

impl Dispatcher {
    /// Starts a worker that delivers what is due at once, whenever it is woken
    /// and at every poll interval, one effect after the other. Start several
    /// to deliver several at a time.
    #[must_use = "a dropped worker stops"]
    pub fn start_worker(&self) -> Worker {
        Worker::start(|stopped| self.clone().work(stopped))
    }

    /// Delivers what is due until nothing is; returns how many effects it took
    /// on. For tests, simulations and programs that end.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(&self) -> Result<u64, StoreError> {
        self.drain_while(|| true).await
    }

    async fn work(self, mut stopped: watch::Receiver<bool>) {
        loop {
            if let Err(problem) = self.drain_while(|| !Worker::is_over(&stopped)).await {
                warn!(error = %Chain(&problem), "the dispatcher waits for the database");
            }
            tokio::select! {
                biased;
                // Also when the handle is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.0.wake.notified() => {}
                () = self.0.clock.sleep(self.0.config.poll) => {}
            }
        }
    }

    async fn drain_while(&self, go_on: impl Fn() -> bool) -> Result<u64, StoreError> {
        let mut taken = 0;
        while go_on() && self.dispatch_one().await? {
            taken += 1;
        }
        Ok(taken)
    }
}
