//! The dispatcher: deliveries, retries, dead letters, workers.

mod crash;
mod file;
mod trouble;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use stripegym_core::dispatch::{Delivery, DispatcherBuilder, DispatcherConfig};
use stripegym_core::process::Backoff;
use stripegym_core::store::{Effect, EffectSelection, EffectState, Lease, StoredEffect};
use stripegym_core::{
    Clock, Dispatcher, EffectHandler, Event, Handler, HandlerError, ManualClock, Processor, Store,
    SystemClock, Timestamp, Tx,
};
use stripegym_sqlx::Database;
use stripegym_tests::{Boundaries, Sender, TestDb, TestStore, paid_session, stores, until};
use tokio::sync::Notify;
use trouble::{AfterTheFirstCommit, FailsAt, HangsOnce, Rival, Waits};

async fn enqueue(store: &dyn Store, object_id: &str, name: &str) {
    let effect = Effect::new(object_id, name, "{}").unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&effect, Timestamp::from_unix_s(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn count(store: &dyn Store, state: EffectState) -> u64 {
    let mut read = store.read().await.unwrap();
    read.outbox_summary().await.unwrap().count(state)
}

async fn the_one(store: &dyn Store) -> StoredEffect {
    let mut read = store.read().await.unwrap();
    let mut all = read.effects(&EffectSelection::default(), 2).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// What arrived on the other side: message id and attempt of each delivery.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<Vec<(String, u32)>>>);

impl Mailbox {
    fn arrived(&self) -> Vec<(String, u32)> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl EffectHandler for Mailbox {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        let message = (effect.message_id().to_owned(), effect.attempt());
        self.0.lock().unwrap().push(message);
        Ok(())
    }
}

/// Fails so many times in its way, then delivers.
struct Stubborn {
    failures: AtomicU32,
    how: fn() -> Result<(), HandlerError>,
    then: Mailbox,
}

impl Stubborn {
    fn new(failures: u32, how: fn() -> Result<(), HandlerError>, then: &Mailbox) -> Self {
        Self {
            failures: AtomicU32::new(failures),
            how,
            then: then.clone(),
        }
    }
}

#[async_trait]
impl EffectHandler for Stubborn {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        let left = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() {
            return (self.how)();
        }
        self.then.deliver(effect).await
    }
}

/// Asks for a mail in the event's transaction, then goes on as it is told.
struct AsksForMail(fn() -> Result<(), HandlerError>);

#[async_trait]
impl Handler for AsksForMail {
    async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
        let object = event.object_id().unwrap_or_default();
        let mail = Effect::json(object, "mail.receipt", &"thank you")?;
        tx.enqueue(&mail, SystemClock.now()).await?;
        (self.0)()
    }
}

/// A clock that stands still, and a dispatcher on it.
fn on_a_still_clock(store: &TestStore) -> (ManualClock, DispatcherBuilder) {
    let clock = ManualClock::at(SystemClock.now());
    let builder = Dispatcher::builder(store.shared()).clock(Arc::new(clock.clone()));
    (clock, builder)
}

stores! {
    async fn two_events_of_one_cause_send_one_mail_and_a_replay_none(store: TestStore) {
        let mailbox = Mailbox::default();
        let processor = Processor::builder(store.shared()).on("*", AsksForMail(|| Ok(()))).build();
        let dispatcher = Dispatcher::builder(store.shared()).on("mail.*", mailbox.clone()).build();
        let mut second = paid_session(1);
        second["id"] = "evt_second".into();
        for event in [paid_session(1), second] {
            let delivery = Sender::new("whsec_dispatch").verified(&event);
            assert!(processor.receive(delivery).await.unwrap().done);
        }
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(processor.replay(&Default::default()).await.unwrap(), 2);
        processor.drain().await.unwrap();
        assert_eq!(dispatcher.drain().await.unwrap(), 0);
        assert_eq!(mailbox.arrived().len(), 1);
    }

    async fn an_event_that_fails_sends_nothing(store: TestStore) {
        let mailbox = Mailbox::default();
        let fails = AsksForMail(|| Err(HandlerError::permanent("after the mail")));
        let processor = Processor::builder(store.shared()).on("*", fails).build();
        let delivery = Sender::new("whsec_dispatch").verified(&paid_session(1));
        assert!(!processor.receive(delivery).await.unwrap().done);
        let dispatcher = Dispatcher::builder(store.shared()).on("*", mailbox.clone()).build();
        assert_eq!(dispatcher.drain().await.unwrap(), 0);
        assert!(mailbox.arrived().is_empty());
    }

    async fn a_passing_failure_is_retried_under_the_same_message_id(store: TestStore) {
        let mailbox = Mailbox::default();
        let (clock, builder) = on_a_still_clock(&store);
        let fails = Stubborn::new(2, || Err(HandlerError::transient("greylisted\0")), &mailbox);
        let dispatcher = builder.on("mail.*", fails).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(the_one(&*store).await.last_error.as_deref(), Some("greylisted"));
        assert_eq!(dispatcher.drain().await.unwrap(), 0, "its time has not come");
        for _ in 0..2 {
            clock.advance(Duration::from_secs(60));
            assert_eq!(dispatcher.drain().await.unwrap(), 1);
        }
        let same = Delivery::first(&Effect::new("in_1", "mail.receipt", "").unwrap());
        assert_eq!(mailbox.arrived(), [(same.message_id().to_owned(), 3)]);
        assert_eq!(the_one(&*store).await.state, EffectState::Done);
    }

    async fn a_panic_in_a_handler_is_a_failed_try(store: TestStore) {
        let mailbox = Mailbox::default();
        let (clock, builder) = on_a_still_clock(&store);
        let fails = Stubborn::new(1, || panic!("a bug in somebody's handler"), &mailbox);
        let dispatcher = builder.on("*", fails).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(the_one(&*store).await.state, EffectState::Retry);
        clock.advance(Duration::from_secs(60));
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(mailbox.arrived().len(), 1);
    }

    async fn what_will_never_work_rests_until_somebody_replays_it(store: TestStore) {
        let mailbox = Mailbox::default();
        let (_, builder) = on_a_still_clock(&store);
        let refuses = Stubborn::new(1, || Err(HandlerError::permanent("no such mailbox")), &mailbox);
        let dispatcher = builder.on("*", refuses).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        let dead = the_one(&*store).await;
        assert_eq!((dead.state, dead.last_error.as_deref()), (EffectState::Dead, Some("no such mailbox")));
        assert_eq!(dispatcher.drain().await.unwrap(), 0);

        assert_eq!(dispatcher.replay(&EffectSelection::default()).await.unwrap(), 1);
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(mailbox.arrived().len(), 1);
        assert_eq!(dispatcher.replay(&EffectSelection::default()).await.unwrap(), 0, "not the done");
    }

    async fn the_last_of_many_failures_makes_a_dead_letter(store: TestStore) {
        let (clock, builder) = on_a_still_clock(&store);
        let fails = Stubborn::new(1000, || Err(HandlerError::transient("no")), &Mailbox::default());
        let dispatcher = builder.on("*", fails).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        let mut tries = 0;
        while count(&*store, EffectState::Dead).await == 0 {
            tries += dispatcher.drain().await.unwrap();
            clock.advance(Duration::from_secs(3600));
        }
        assert_eq!(tries, u64::from(Backoff::default().attempts_max));
    }

    async fn an_effect_that_kills_every_process_is_a_dead_letter_in_the_end(store: TestStore) {
        let mailbox = Mailbox::default();
        let (clock, builder) = on_a_still_clock(&store);
        enqueue(&*store, "in_1", "mail.receipt").await;
        for _ in 0..Backoff::default().attempts_max {
            let lease = Lease { now: clock.now(), until: clock.now() };
            let mut tx = store.begin().await.unwrap();
            tx.claim_effect(lease, &["*".to_owned()]).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            // Here the process dies.
        }
        assert_eq!(builder.on("*", mailbox.clone()).build().drain().await.unwrap(), 1);
        assert_eq!(the_one(&*store).await.state, EffectState::Dead);
        assert!(mailbox.arrived().is_empty(), "this process lives on");
    }

    async fn what_takes_too_long_is_cut_off_and_tried_again(store: TestStore) {
        let mailbox = Mailbox::default();
        let (clock, builder) = on_a_still_clock(&store);
        let begun = Arc::new(Notify::new());
        let hangs = HangsOnce { begun: Arc::clone(&begun), hung: AtomicU32::new(0), then: mailbox.clone() };
        // Tried again much later than the clock is moved below.
        let mut config = DispatcherConfig::default();
        config.backoff.base = config.backoff.cap;
        let dispatcher = builder.on("*", hangs).config(config).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        let draining = tokio::spawn({
            let dispatcher = dispatcher.clone();
            async move { dispatcher.drain().await.unwrap() }
        });
        begun.notified().await;
        // The limit began to count a moment ago or begins in a moment.
        let past = until("the delivery is cut off", async || {
            clock.advance(config.limit / 10);
            draining.is_finished().then_some(())
        });
        past.await;
        assert_eq!(draining.await.unwrap(), 1);
        let cut = the_one(&*store).await;
        assert_eq!((cut.state, cut.last_error.as_deref()), (EffectState::Retry, Some("it took too long")));
        clock.advance(config.backoff.cap);
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(mailbox.arrived().len(), 1);
    }

    async fn effects_without_a_handler_here_wait_for_one_elsewhere(store: TestStore) {
        let (mails, alarms) = (Mailbox::default(), Mailbox::default());
        enqueue(&*store, "in_1", "mail.receipt").await;
        enqueue(&*store, "in_1", "slack.sale").await;
        let here = Dispatcher::builder(store.shared())
            .on("mail.*", mails.clone())
            .on("*.receipt", alarms.clone())
            .build();
        assert_eq!(here.drain().await.unwrap(), 1);
        assert_eq!(count(&*store, EffectState::Waiting).await, 1);
        let elsewhere = Dispatcher::builder(store.shared())
            .on("slack.sale", alarms.clone())
            .on("*", mails.clone())
            .build();
        assert_eq!(elsewhere.drain().await.unwrap(), 1);
        assert_eq!((mails.arrived().len(), alarms.arrived().len()), (1, 1));
    }

    async fn a_woken_worker_looks_and_a_stopped_one_finishes_what_it_has_in_hand(store: TestStore) {
        let mailbox = Mailbox::default();
        // A clock that stands still never polls, so only a wake can wake this worker.
        let (_, builder) = on_a_still_clock(&store);
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let waits = Waits { begun: Arc::clone(&begun), go_on: Arc::clone(&go_on), then: mailbox.clone() };
        let dispatcher = builder.on("*", waits).build();
        let worker = dispatcher.start_worker();
        enqueue(&*store, "in_1", "mail.receipt").await;
        dispatcher.wake();
        begun.notified().await;
        enqueue(&*store, "in_2", "mail.receipt").await;
        let mut stopping = std::pin::pin!(worker.shutdown());
        tokio::select! {
            biased;
            () = &mut stopping => panic!("it was still delivering"),
            () = std::future::ready(()) => go_on.notify_one(),
        }
        stopping.await;
        assert_eq!(count(&*store, EffectState::Done).await, 1);
        assert_eq!(mailbox.arrived().len(), 1);
    }

    async fn a_failure_to_write_down_that_passes_repeats_nothing(store: TestStore) {
        let mailbox = Mailbox::default();
        let fault = Arc::new(FailsAt { statement: "complete_effect", left: AtomicU32::new(1) });
        let failing = Boundaries::around(store.shared(), fault.clone());
        let dispatcher = Dispatcher::builder(Arc::new(failing)).on("*", mailbox.clone()).build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(fault.left.load(Ordering::SeqCst), 0);
        assert_eq!(the_one(&*store).await.state, EffectState::Done);
        assert_eq!(mailbox.arrived().len(), 1);
    }

    async fn a_claim_that_took_long_to_come_is_renewed_before_anything_goes_out(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let late = clock.clone();
        // The first claim comes 31 of its 60 seconds late: a delivery may take 30.
        let stalls = AfterTheFirstCommit::then(move || late.advance(Duration::from_secs(31)));
        let stalled = Boundaries::around(store.shared(), Arc::new(stalls));
        let rival = Rival { store: store.shared(), at: clock.now().after(Duration::from_secs(90)) };
        let dispatcher = Dispatcher::builder(Arc::new(stalled))
            .clock(Arc::new(clock.clone()))
            .on("*", rival)
            .build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!(the_one(&*store).await.last_error, None);
    }

    async fn a_claim_that_came_too_late_is_left_to_who_took_it_over(store: TestStore) {
        let (here, there) = (Mailbox::default(), Mailbox::default());
        let (clock, builder) = on_a_still_clock(&store);
        let other = builder.on("*", there.clone()).build();
        let stalls = AfterTheFirstCommit::then({
            let clock = clock.clone();
            move || {
                clock.advance(Duration::from_secs(60));
                let drain = tokio::runtime::Handle::current();
                let taken = tokio::task::block_in_place(|| drain.block_on(other.drain()));
                assert_eq!(taken.unwrap(), 1);
            }
        });
        let stalled = Boundaries::around(store.shared(), Arc::new(stalls));
        let dispatcher = Dispatcher::builder(Arc::new(stalled))
            .clock(Arc::new(clock))
            .on("*", here.clone())
            .build();
        enqueue(&*store, "in_1", "mail.receipt").await;
        assert_eq!(dispatcher.drain().await.unwrap(), 1);
        assert_eq!((here.arrived().len(), there.arrived().len()), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_the_workers_of_several_processes_share_the_effects() {
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let url = db.url().to_owned();
    let store = TestStore::on(db).await;
    for number in 0..100 {
        enqueue(&*store, &format!("in_{number}"), "mail.receipt").await;
    }
    let mailbox = Mailbox::default();
    let mut processes = Vec::new();
    for _ in 0..3 {
        // A pool of its own each, as processes have.
        let database = Database::connect(&url).await.unwrap();
        let dispatcher = Dispatcher::builder(database.store())
            .on("mail.*", mailbox.clone())
            .build();
        let workers = [dispatcher.start_worker(), dispatcher.start_worker()];
        processes.push((database, workers));
    }
    until("everything is delivered", async || {
        (count(&*store, EffectState::Done).await == 100).then_some(())
    })
    .await;
    for (database, workers) in processes {
        for worker in workers {
            worker.shutdown().await;
        }
        database.close().await;
    }
    let mut ids: Vec<_> = mailbox.arrived().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 100);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100, "none twice");
}
