//! The worker of a process: it takes over what was left, from start to shutdown.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use super::{Chain, Processor};
use crate::store::{EventSelection, StoreError, StoreErrorKind, Wakeups, Wanted};

/// Long enough for whoever was first to commit.
const CONTENDED_WAIT: Duration = Duration::from_millis(5);

/// A running worker. Dropping it stops it after what it has in hand; to wait for
/// that, call [`Worker::shutdown`].
#[derive(Debug)]
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Processor {
    /// Starts a worker that drains the inbox at once, whenever it is woken and
    /// at every poll interval.
    #[must_use = "a dropped worker stops"]
    pub fn start_worker(&self) -> Worker {
        Worker::start(|stopped| self.clone().work(stopped))
    }

    /// Processes what is due until nothing is; returns how many events it took on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(&self) -> Result<u64, StoreError> {
        self.drain_while(|| true).await
    }

    /// Has events that are done or dead processed anew, by the worker or the
    /// next [`Processor::drain`]; answers how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn replay(&self, selection: &EventSelection) -> Result<u64, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let revived = tx.revive(selection, self.0.clock.now()).await?;
        tx.commit().await?;
        self.0.wake.notify_one();
        Ok(revived)
    }

    async fn work(self, mut stopped: watch::Receiver<bool>) {
        let mut news = None;
        loop {
            if news.is_none() {
                // Before looking, or what comes in between would be missed.
                news = self.0.store.listen().await.ok();
            }
            if let Err(problem) = self.drain_while(|| !Worker::is_over(&stopped)).await {
                warn!(error = %Chain(&problem), "the worker waits for the database");
            }
            tokio::select! {
                biased;
                // Also when the handle is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
                () = self.0.wake.notified() => {}
                heard = hear(&mut news) => if heard.is_err() { news = None },
                () = self.0.clock.sleep(self.0.config.poll) => {}
            }
        }
    }

    async fn drain_while(&self, go_on: impl Fn() -> bool) -> Result<u64, StoreError> {
        let mut taken = 0;
        while go_on() {
            match self.process_one(Wanted::Next, self.0.config.lease).await {
                Ok(Some(_)) => taken += 1,
                Ok(None) => break,
                // Another worker took an event of the same object in this very
                // moment; there may be others.
                Err(error) if error.kind() == StoreErrorKind::Contended => {
                    self.0.clock.sleep(CONTENDED_WAIT).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }
}

async fn hear(news: &mut Option<Box<dyn Wakeups>>) -> Result<(), StoreError> {
    match news {
        Some(news) => news.next().await,
        None => std::future::pending().await,
    }
}

impl Worker {
    /// Starts `work`, which ends soon after it is told to stop.
    pub(crate) fn start<W>(work: impl FnOnce(watch::Receiver<bool>) -> W) -> Self
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(work(stopped));
        Self { stop, task }
    }

    /// Told to stop, or nobody left to tell.
    pub(crate) fn is_over(stopped: &watch::Receiver<bool>) -> bool {
        *stopped.borrow() || stopped.has_changed().is_err()
    }

    /// Finishes what it has in hand and ends.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        if let Err(problem) = self.task.await {
            warn!(error = %problem, "the worker had already ended");
        }
    }
}
