//! Group commit: receipts that come in together share one commit.
//!
//! A commit costs a write to disk however much is in it. So whoever comes while
//! one is under way waits in a queue, and the next commit takes the whole queue.
//! There is no task and no timer: the first in the queue does it for all.

use std::collections::VecDeque;
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};

use crate::clock::Clock;
use crate::event::Event;
use crate::store::{InboxKey, Receipt, Store, StoreError, StoreErrorKind};

/// Receipts that wait for a commit; whoever comes on top is told to come back.
const QUEUE_MAX: usize = 1024;
/// Receipts in one commit.
const BATCH_MAX: usize = 128;
/// How long a commit may take before its deliveries are told to come back.
/// Without an end, one connection that fell silent would hold up all others.
const COMMIT_TIME_MAX: Duration = Duration::from_secs(10);

type Answer = Result<Receipt, StoreError>;

/// One delivery that waits to be stored.
struct Waiting {
    event: Event,
    answer: oneshot::Sender<Answer>,
}

/// The queue before the inbox.
#[derive(Default)]
pub(super) struct Intake {
    queue: StdMutex<VecDeque<Waiting>>,
    /// Held by whoever commits; first come, first served.
    turn: Mutex<()>,
    /// Whether workers elsewhere are told. Where the request itself processes
    /// the event, they would only run into each other.
    pub(super) announces: bool,
}

impl Intake {
    /// Stores an event, durably once this returns, in a commit with others.
    pub(super) async fn receive(
        &self,
        store: &dyn Store,
        event: Event,
        clock: &dyn Clock,
    ) -> Answer {
        let (answer, mut stored) = oneshot::channel();
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.len() >= QUEUE_MAX {
                return Err(StoreError::with_source(
                    StoreErrorKind::Unavailable,
                    "too many deliveries wait to be stored",
                ));
            }
            queue.push_back(Waiting { event, answer });
        }
        loop {
            let _turn = tokio::select! {
                biased;
                // Lost if whoever had it in hand panicked.
                answer = &mut stored => {
                    return answer.unwrap_or_else(|lost| {
                        Err(StoreError::with_source(StoreErrorKind::Failed, lost))
                    });
                }
                turn = self.turn.lock() => turn,
            };
            // Ours is still in the queue, so the next batch brings it nearer.
            self.commit_batch(store, clock).await;
        }
    }

    async fn commit_batch(&self, store: &dyn Store, clock: &dyn Clock) {
        let mut batch: Vec<Waiting> = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let size = queue.len().min(BATCH_MAX);
            queue.drain(..size).collect()
        };
        if batch.is_empty() {
            return;
        }
        // In one order everywhere, so that two processes cannot lock crosswise.
        batch.sort_by_cached_key(|waiting| InboxKey::of(&waiting.event));
        let (events, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.event, waiting.answer))
            .unzip();
        match self.store_all(store, &events, clock).await {
            Ok(receipts) => {
                for (receipt, answer) in receipts.into_iter().zip(answers) {
                    // Nobody listens if the task that asked is gone.
                    let _heard = answer.send(Ok(receipt));
                }
            }
            // One bad row must not cost the others their receipt.
            Err(error) if events.len() > 1 && !error.is_retryable() => {
                for (event, answer) in events.iter().zip(answers) {
                    let alone = self
                        .store_all(store, std::slice::from_ref(event), clock)
                        .await;
                    let _heard = answer.send(alone.and_then(only));
                }
            }
            Err(error) => {
                let kind = error.kind();
                let causes =
                    std::iter::once(error).chain(std::iter::repeat_with(|| StoreError::new(kind)));
                for (answer, error) in answers.into_iter().zip(causes) {
                    let _heard = answer.send(Err(error));
                }
            }
        }
    }

    async fn store_all(
        &self,
        store: &dyn Store,
        events: &[Event],
        clock: &dyn Clock,
    ) -> Result<Vec<Receipt>, StoreError> {
        let work = async {
            let mut tx = store.begin().await?;
            let receipts = tx.receive_all(events, clock.now()).await?;
            if self.announces && receipts.contains(&Receipt::New) {
                tx.announce().await?;
            }
            tx.commit().await?;
            Ok(receipts)
        };
        tokio::select! {
            biased;
            done = work => done,
            // It may be stored all the same; then it is known when it comes again.
            () = clock.sleep(COMMIT_TIME_MAX) => Err(StoreError::with_source(
                StoreErrorKind::Unavailable,
                "the commit took too long",
            )),
        }
    }
}

fn only(receipts: Vec<Receipt>) -> Answer {
    receipts
        .into_iter()
        .next()
        .ok_or(StoreError::new(StoreErrorKind::Failed))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::clock::{ManualClock, Timestamp};
    use crate::store::{InboxState, MemoryStore, Read, Tx};

    fn clock() -> ManualClock {
        ManualClock::at(Timestamp::from_unix_s(1))
    }

    /// A store whose first connection falls silent.
    #[derive(Debug)]
    struct Silent {
        inner: MemoryStore,
        is_silent: AtomicBool,
    }

    #[async_trait]
    impl Store for Silent {
        async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
            if self.is_silent.swap(false, Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            self.inner.begin().await
        }

        async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
            self.inner.read().await
        }
    }

    #[tokio::test]
    async fn a_connection_that_falls_silent_holds_the_others_up_for_a_while_only() {
        let (intake, clock) = (Arc::new(Intake::default()), clock());
        let store = Arc::new(Silent {
            inner: MemoryStore::new(),
            is_silent: AtomicBool::new(true),
        });
        let deliver = |number| {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            let clock = clock.clone();
            async move { intake.receive(store.as_ref(), event(number), &clock).await }
        };
        let first = tokio::spawn(deliver(1));
        while store.is_silent.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn(deliver(2));
        clock.advance(COMMIT_TIME_MAX);
        let told = first.await.unwrap().unwrap_err();
        assert_eq!(told.kind(), StoreErrorKind::Unavailable);
        assert_eq!(second.await.unwrap().unwrap(), Receipt::New);
    }

    fn event(number: usize) -> Event {
        let body = format!(r#"{{"id":"evt_{number}","type":"x","created":1}}"#);
        Event::parse(&body.into()).unwrap()
    }

    #[tokio::test]
    async fn a_thousand_at_once_share_a_few_commits_and_each_hears_its_own() {
        let (intake, store) = (Arc::new(Intake::default()), Arc::new(MemoryStore::new()));
        // While somebody commits, all others come in.
        let turn = intake.turn.lock().await;
        let mut deliveries = tokio::task::JoinSet::new();
        for number in 0..1000 {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            // Every event comes twice.
            let event = event(number / 2);
            deliveries.spawn(async move { intake.receive(store.as_ref(), event, &clock()).await });
        }
        while intake.queue.lock().unwrap().len() < 1000 {
            tokio::task::yield_now().await;
        }
        drop(turn);
        let receipts = deliveries.join_all().await;
        let new = receipts
            .iter()
            .filter(|receipt| matches!(receipt, Ok(Receipt::New)))
            .count();
        assert_eq!((receipts.len(), new), (1000, 500));
        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert_eq!(summary.count(InboxState::Received), 500);
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_to_come_back() {
        let (intake, store) = (Arc::new(Intake::default()), Arc::new(MemoryStore::new()));
        let turn = intake.turn.lock().await;
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..QUEUE_MAX {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            waiting.spawn(async move {
                intake
                    .receive(store.as_ref(), event(number), &clock())
                    .await
            });
        }
        while intake.queue.lock().unwrap().len() < QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        let refused = intake
            .receive(store.as_ref(), event(QUEUE_MAX), &clock())
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
        drop(turn);
        assert!(waiting.join_all().await.iter().all(Result::is_ok));
    }
}
