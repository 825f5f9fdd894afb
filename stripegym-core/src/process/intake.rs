//! Group commit: receipts that come in together share one commit.
//!
//! A commit costs a write to disk however much is in it. So whoever comes while
//! one is under way waits in a queue, and the next commit takes the whole queue.
//! There is no task and no timer: the first in the queue does it for all.

use std::collections::VecDeque;
use std::sync::{Mutex as StdMutex, PoisonError};

use tokio::sync::{Mutex, oneshot};

use crate::clock::Timestamp;
use crate::event::Event;
use crate::store::{InboxKey, Receipt, Store, StoreError, StoreErrorKind};

/// Receipts that wait for a commit; whoever comes on top is told to come back.
const QUEUE_MAX: usize = 1024;
/// Receipts in one commit.
const BATCH_MAX: usize = 128;

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
}

impl Intake {
    /// Stores an event, durably once this returns, in a commit with others.
    pub(super) async fn receive(&self, store: &dyn Store, event: Event, now: Timestamp) -> Answer {
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
            let _turn = self.turn.lock().await;
            match stored.try_recv() {
                Ok(answer) => return answer,
                // Ours is still in the queue, so the next batch brings it nearer.
                Err(oneshot::error::TryRecvError::Empty) => self.commit_batch(store, now).await,
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(StoreError::new(StoreErrorKind::Failed));
                }
            }
        }
    }

    async fn commit_batch(&self, store: &dyn Store, now: Timestamp) {
        let mut batch: Vec<Waiting> = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let size = queue.len().min(BATCH_MAX);
            queue.drain(..size).collect()
        };
        // In one order everywhere, so that two processes cannot lock crosswise.
        batch.sort_by_cached_key(|waiting| InboxKey::of(&waiting.event));
        let (events, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.event, waiting.answer))
            .unzip();
        match store_all(store, &events, now).await {
            Ok(receipts) => {
                for (receipt, answer) in receipts.into_iter().zip(answers) {
                    // Nobody listens if the task that asked is gone.
                    let _heard = answer.send(Ok(receipt));
                }
            }
            // One bad row must not cost the others their receipt.
            Err(error) if events.len() > 1 && !error.is_retryable() => {
                for (event, answer) in events.iter().zip(answers) {
                    let alone = store_all(store, std::slice::from_ref(event), now).await;
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
}

fn only(receipts: Vec<Receipt>) -> Answer {
    receipts
        .into_iter()
        .next()
        .ok_or(StoreError::new(StoreErrorKind::Failed))
}

async fn store_all(
    store: &dyn Store,
    events: &[Event],
    now: Timestamp,
) -> Result<Vec<Receipt>, StoreError> {
    let mut tx = store.begin().await?;
    let receipts = tx.receive_all(events, now).await?;
    tx.commit().await?;
    Ok(receipts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::{InboxState, MemoryStore};

    fn event(number: usize) -> Event {
        let body = format!(r#"{{"id":"evt_{number}","type":"x","created":1}}"#);
        Event::parse(&body.into()).unwrap()
    }

    #[tokio::test]
    async fn a_thousand_at_once_share_a_few_commits_and_each_hears_its_own() {
        let (intake, store) = (Arc::new(Intake::default()), Arc::new(MemoryStore::new()));
        let now = Timestamp::from_unix_s(1);
        // While somebody commits, all others come in.
        let turn = intake.turn.lock().await;
        let mut deliveries = tokio::task::JoinSet::new();
        for number in 0..1000 {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            // Every event comes twice.
            let event = event(number / 2);
            deliveries.spawn(async move { intake.receive(store.as_ref(), event, now).await });
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
        let now = Timestamp::from_unix_s(1);
        let turn = intake.turn.lock().await;
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..QUEUE_MAX {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            waiting.spawn(async move { intake.receive(store.as_ref(), event(number), now).await });
        }
        while intake.queue.lock().unwrap().len() < QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        let refused = intake
            .receive(store.as_ref(), event(QUEUE_MAX), now)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
        drop(turn);
        assert!(waiting.join_all().await.iter().all(Result::is_ok));
    }
}
