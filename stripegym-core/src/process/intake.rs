//! Group commit: receipts that come in together share one commit.
//!
//! A commit costs a write to disk however much is in it. So whoever comes while
//! commits are under way waits in a queue, and the next one takes the whole
//! queue. There is no task and no timer: the first in the queue does it for all.
//!
//! Two commits may be under way: while the disk works for one, the database
//! takes in the rows of the other. A batch is taken from the queue only once its
//! transaction is open, so where there is one writer, as on SQLite, the second
//! waits for it with the queue still growing.

use std::collections::VecDeque;
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tracing::warn;

use super::Chain;
use crate::clock::Clock;
use crate::event::Event;
use crate::store::{InboxKey, Receipt, Store, StoreError, StoreErrorKind, Tx};

/// Receipts that wait for a commit; whoever comes on top is told to come back.
const QUEUE_MAX: usize = 1024;
/// Receipts in one commit.
const BATCH_MAX: usize = 128;
/// Commits under way at once.
const COMMITS_MAX: usize = 2;
/// How long a commit may take before its deliveries are told to come back.
/// Without an end, one connection that fell silent would hold up all others.
const COMMIT_TIME_MAX: Duration = Duration::from_secs(10);

type Answer = Result<Receipt, StoreError>;

/// One delivery that waits to be stored.
struct Waiting {
    ticket: u64,
    event: Event,
    answer: oneshot::Sender<Answer>,
}

/// First come, first served: tickets count up from front to back.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    tickets: u64,
}

/// The queue before the inbox.
pub(super) struct Intake {
    queue: StdMutex<Queue>,
    /// One is held by whoever commits; first come, first served.
    turns: Semaphore,
    /// Whether workers elsewhere are told. Where the request itself processes
    /// the event, they would only run into each other.
    pub(super) announces: bool,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            queue: StdMutex::default(),
            turns: Semaphore::new(COMMITS_MAX),
            announces: false,
        }
    }
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
        let ticket = self.enqueue(event, answer)?;
        loop {
            let turn = async {
                // It is never closed.
                let turn = self.turns.acquire().await.ok();
                if !self.is_waiting(ticket) {
                    return None;
                }
                Some((turn, in_time(store.begin(), clock).await))
            };
            let turn = tokio::select! {
                biased;
                answer = &mut stored => return heard(answer),
                turn = turn => turn,
            };
            let Some((turn, tx)) = turn else {
                // Ours is in a commit that is under way.
                return heard(stored.await);
            };
            // Ours may be gone by now, or too far behind.
            let batch = self.take_batch();
            if !batch.is_empty() && self.commit_batch(store, tx, batch, clock).await {
                drop(turn);
                self.announce(store, clock).await;
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, event: Event, answer: oneshot::Sender<Answer>) -> Result<u64, StoreError> {
        let mut queue = self.queue();
        if queue.waiting.len() >= QUEUE_MAX {
            return Err(StoreError::with_source(
                StoreErrorKind::Unavailable,
                "too many deliveries wait to be stored",
            ));
        }
        let ticket = queue.tickets;
        queue.tickets += 1;
        queue.waiting.push_back(Waiting {
            ticket,
            event,
            answer,
        });
        Ok(ticket)
    }

    /// False once somebody has taken it along.
    fn is_waiting(&self, ticket: u64) -> bool {
        let queue = self.queue();
        queue
            .waiting
            .front()
            .is_some_and(|first| first.ticket <= ticket)
    }

    fn take_batch(&self) -> Vec<Waiting> {
        let waiting = &mut self.queue().waiting;
        let size = waiting.len().min(BATCH_MAX);
        waiting.drain(..size).collect()
    }

    /// Answers whether it stored anything new.
    async fn commit_batch(
        &self,
        store: &dyn Store,
        tx: Result<Box<dyn Tx>, StoreError>,
        mut batch: Vec<Waiting>,
        clock: &dyn Clock,
    ) -> bool {
        let mut any_new = false;
        // In one order everywhere, so that two commits cannot lock crosswise.
        batch.sort_by_cached_key(|waiting| InboxKey::of(&waiting.event));
        let (events, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.event, waiting.answer))
            .unzip();
        let stored = match tx {
            Ok(tx) => store_all(tx, &events, clock).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(receipts) => {
                for (receipt, answer) in receipts.into_iter().zip(answers) {
                    any_new |= receipt == Receipt::New;
                    // Nobody listens if the task that asked is gone.
                    let _heard = answer.send(Ok(receipt));
                }
            }
            // One bad row must not cost the others their receipt.
            Err(error) if events.len() > 1 && !error.is_retryable() => {
                for (event, answer) in events.iter().zip(answers) {
                    let alone = match in_time(store.begin(), clock).await {
                        Ok(tx) => store_all(tx, std::slice::from_ref(event), clock).await,
                        Err(error) => Err(error),
                    };
                    let alone = alone.and_then(only);
                    any_new |= matches!(alone, Ok(Receipt::New));
                    let _heard = answer.send(alone);
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
        any_new
    }

    async fn announce(&self, store: &dyn Store, clock: &dyn Clock) {
        if !self.announces {
            return;
        }
        if let Err(problem) = in_time(store.announce(), clock).await {
            warn!(error = %Chain(&problem), "workers elsewhere were not told of new events");
        }
    }
}

async fn store_all(
    mut tx: Box<dyn Tx>,
    events: &[Event],
    clock: &dyn Clock,
) -> Result<Vec<Receipt>, StoreError> {
    let work = async {
        let receipts = tx.receive_all(events, clock.now()).await?;
        tx.commit().await?;
        Ok(receipts)
    };
    in_time(work, clock).await
}

async fn in_time<T>(
    work: impl Future<Output = Result<T, StoreError>>,
    clock: &dyn Clock,
) -> Result<T, StoreError> {
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

/// Lost if whoever had it in hand panicked.
fn heard(answer: Result<Answer, oneshot::error::RecvError>) -> Answer {
    answer.unwrap_or_else(|lost| Err(StoreError::with_source(StoreErrorKind::Failed, lost)))
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use tokio::sync::SemaphorePermit;

    use super::*;
    use crate::clock::{ManualClock, Timestamp};
    use crate::store::{InboxState, MemoryStore, Read, Tx};

    fn clock() -> ManualClock {
        ManualClock::at(Timestamp::from_unix_s(1))
    }

    /// A store whose first connections fall silent.
    #[derive(Debug)]
    struct Silent {
        inner: MemoryStore,
        silent: AtomicUsize,
    }

    #[async_trait]
    impl Store for Silent {
        async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
            let one_less = |left: usize| left.checked_sub(1);
            let order = Ordering::SeqCst;
            if self.silent.fetch_update(order, order, one_less).is_ok() {
                std::future::pending::<()>().await;
            }
            self.inner.begin().await
        }

        async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
            self.inner.read().await
        }
    }

    fn silent(connections: usize) -> Arc<Silent> {
        Arc::new(Silent {
            inner: MemoryStore::new(),
            silent: AtomicUsize::new(connections),
        })
    }

    #[tokio::test]
    async fn one_connection_that_falls_silent_holds_nobody_up() {
        let (intake, clock, store) = (Intake::default(), clock(), silent(1));
        let deliver = |number| intake.receive(store.as_ref(), event(number), &clock);
        // The second takes the first one's event along.
        let (first, second) = tokio::join!(deliver(1), deliver(2));
        assert_eq!(first.unwrap(), Receipt::New);
        assert_eq!(second.unwrap(), Receipt::New);
    }

    #[tokio::test]
    async fn connections_that_all_fall_silent_hold_the_others_up_for_a_while_only() {
        let (intake, clock) = (Intake::default(), clock());
        let store = silent(COMMITS_MAX);
        let deliver = |number| intake.receive(store.as_ref(), event(number), &clock);
        let ends = async {
            while store.silent.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
            clock.advance(COMMIT_TIME_MAX);
        };
        let (first, second, ()) = tokio::join!(deliver(1), deliver(2), ends);
        assert_eq!(first.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(second.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(deliver(3).await.unwrap(), Receipt::New);
    }

    /// As long as this is held, nobody commits.
    async fn all_turns(intake: &Intake) -> SemaphorePermit<'_> {
        let all = u32::try_from(COMMITS_MAX).unwrap();
        intake.turns.acquire_many(all).await.unwrap()
    }

    fn event(number: usize) -> Event {
        let body = format!(r#"{{"id":"evt_{number}","type":"x","created":1}}"#);
        Event::parse(&body.into()).unwrap()
    }

    #[tokio::test]
    async fn a_thousand_at_once_share_a_few_commits_and_each_hears_its_own() {
        let (intake, store) = (Arc::new(Intake::default()), Arc::new(MemoryStore::new()));
        // While somebody commits, all others come in.
        let turns = all_turns(&intake).await;
        let mut deliveries = tokio::task::JoinSet::new();
        for number in 0..1000 {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            // Every event comes twice.
            let event = event(number / 2);
            deliveries.spawn(async move { intake.receive(store.as_ref(), event, &clock()).await });
        }
        while intake.queue().waiting.len() < 1000 {
            tokio::task::yield_now().await;
        }
        drop(turns);
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
        let turns = all_turns(&intake).await;
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..QUEUE_MAX {
            let (intake, store) = (Arc::clone(&intake), Arc::clone(&store));
            waiting.spawn(async move {
                intake
                    .receive(store.as_ref(), event(number), &clock())
                    .await
            });
        }
        while intake.queue().waiting.len() < QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        let refused = intake
            .receive(store.as_ref(), event(QUEUE_MAX), &clock())
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
        drop(turns);
        assert!(waiting.join_all().await.iter().all(Result::is_ok));
    }
}
