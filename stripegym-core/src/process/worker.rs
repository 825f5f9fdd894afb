//! The worker of a process: it takes over what was left, from start to shutdown.

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use super::{Chain, Processor};
use crate::store::{StoreError, Wakeups, Wanted};

/// A running worker. Dropping it stops it after the event in hand; to wait for
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
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(self.clone().work(stopped));
        Worker { stop, task }
    }

    /// Processes what is due until nothing is; returns how many events it took on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(&self) -> Result<u64, StoreError> {
        let mut taken = 0;
        while self
            .process_one(Wanted::Next, self.0.config.lease)
            .await?
            .is_some()
        {
            taken += 1;
        }
        Ok(taken)
    }

    async fn work(self, mut stopped: watch::Receiver<bool>) {
        let mut news = None;
        loop {
            if news.is_none() {
                // Before looking, or what comes in between would be missed.
                news = self.0.store.listen().await.ok();
            }
            if let Err(problem) = self.drain_until(&stopped).await {
                warn!(error = %Chain(&problem), "the worker waits for the database");
            }
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = self.0.clock.sleep(self.0.config.poll) => {}
                heard = hear(&mut news) => if heard.is_err() { news = None },
                // Also when the handle is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn drain_until(&self, stopped: &watch::Receiver<bool>) -> Result<(), StoreError> {
        while !is_over(stopped)
            && self
                .process_one(Wanted::Next, self.0.config.lease)
                .await?
                .is_some()
        {}
        Ok(())
    }
}

async fn hear(news: &mut Option<Box<dyn Wakeups>>) -> Result<(), StoreError> {
    match news {
        Some(news) => news.next().await,
        None => std::future::pending().await,
    }
}

/// Told to stop, or nobody left to tell.
fn is_over(stopped: &watch::Receiver<bool>) -> bool {
    *stopped.borrow() || stopped.has_changed().is_err()
}

impl Worker {
    /// Finishes the event in hand and ends.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        if let Err(problem) = self.task.await {
            warn!(error = %problem, "the worker had already ended");
        }
    }
}
