//! The processor: attempts, retries, dead letters, and users' own handlers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Executor, Row};
use stripegym_core::process::{Backoff, HandlerError, ProcessorConfig};
use stripegym_core::store::{EventSelection, InboxState, Owner, Receipt};
use stripegym_core::{Clock, Event, Handler, ManualClock, Processor, Store, SystemClock, Tx};
use stripegym_sqlx::{Database, SqlTx};
use stripegym_tests::{Sender, TestStore, databases, paid_session, stores, until};

const SECRET: &str = "whsec_processing";

async fn count(store: &dyn Store, state: InboxState) -> u64 {
    store
        .read()
        .await
        .unwrap()
        .inbox_summary()
        .await
        .unwrap()
        .count(state)
}

async fn purchases(store: &dyn Store) -> usize {
    let mut read = store.read().await.unwrap();
    read.purchases(&Owner::new("41").unwrap(), None, 100)
        .await
        .unwrap()
        .len()
}

fn verified(number: u32) -> stripegym_core::webhook::Verified {
    Sender::new(SECRET).verified(&paid_session(number))
}

/// Fails so many times in its way, then succeeds.
struct Stubborn {
    failures: AtomicU32,
    how: fn() -> Result<(), HandlerError>,
}

impl Stubborn {
    fn new(failures: u32, how: fn() -> Result<(), HandlerError>) -> Self {
        Self {
            failures: AtomicU32::new(failures),
            how,
        }
    }
}

#[async_trait]
impl Handler for Stubborn {
    async fn handle(&self, _event: &Event, _tx: &mut dyn Tx) -> Result<(), HandlerError> {
        let left = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() { (self.how)() } else { Ok(()) }
    }
}

stores! {
    async fn a_passing_failure_is_retried_and_nothing_of_the_failed_try_stays(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let fails = Stubborn::new(2, || Err(HandlerError::transient("the weather")));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("checkout.session.completed", fails)
            .build();

        let taken = processor.receive(verified(1)).await.unwrap();
        assert_eq!((taken.receipt, taken.done), (Receipt::New, false), "acknowledged all the same");
        assert_eq!(purchases(&*store).await, 0);
        assert_eq!(count(&*store, InboxState::Retry).await, 1);

        clock.advance(Duration::from_secs(60));
        processor.drain().await.unwrap();
        assert_eq!(count(&*store, InboxState::Retry).await, 1, "the second try fails, too");
        clock.advance(Duration::from_secs(60));
        processor.drain().await.unwrap();
        assert_eq!(count(&*store, InboxState::Done).await, 1);
        assert_eq!(purchases(&*store).await, 1);
    }

    async fn a_redelivery_of_what_is_not_done_is_processed(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let fails = Stubborn::new(1, || Err(HandlerError::transient("the weather")));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("*", fails)
            .build();
        assert!(!processor.receive(verified(1)).await.unwrap().done);
        clock.advance(Duration::from_secs(60));
        let again = processor.receive(verified(1)).await.unwrap();
        assert_eq!((again.receipt, again.done), (Receipt::Known(InboxState::Retry), true));
        let third = processor.receive(verified(1)).await.unwrap();
        assert_eq!((third.receipt, third.done), (Receipt::Known(InboxState::Done), true));
        assert_eq!(purchases(&*store).await, 1);
    }

    async fn a_panic_in_a_handler_is_a_failed_try_and_the_worker_lives(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("*", Stubborn::new(1, || panic!("a bug in somebody's handler")))
            .build();
        assert!(!processor.receive(verified(1)).await.unwrap().done);
        assert_eq!(purchases(&*store).await, 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(processor.drain().await.unwrap(), 1);
        assert_eq!(purchases(&*store).await, 1);
    }

    async fn what_will_never_work_is_a_dead_letter_at_once_and_stays_acknowledged(store: TestStore) {
        let mut event = paid_session(1);
        event["data"]["object"]["amount_total"] = (-1).into();
        let processor = Processor::new(store.shared());
        for _ in 0..2 {
            let delivery = Sender::new(SECRET).verified(&event);
            assert!(!processor.receive(delivery).await.unwrap().done);
        }
        assert_eq!(count(&*store, InboxState::Dead).await, 1);
        assert_eq!(purchases(&*store).await, 0, "nothing of it was written");
    }

    async fn replaying_what_is_done_changes_nothing(store: TestStore) {
        let processor = Processor::new(store.shared());
        processor.receive(verified(1)).await.unwrap();
        let before = store.read().await.unwrap().trial_balance().await.unwrap();
        assert_eq!(processor.replay(&EventSelection::default()).await.unwrap(), 1);
        processor.drain().await.unwrap();
        assert_eq!(count(&*store, InboxState::Done).await, 1);
        assert_eq!(purchases(&*store).await, 1);
        assert_eq!(store.read().await.unwrap().trial_balance().await.unwrap(), before);
    }

    async fn a_payment_link_gives_nobody_a_purchase_or_a_customer(store: TestStore) {
        let mut event = paid_session(1);
        event["data"]["object"]["payment_link"] = "plink_1".into();
        let delivery = Sender::new(SECRET).verified(&event);
        assert!(Processor::new(store.shared()).receive(delivery).await.unwrap().done);
        // The reference in a link's address is whatever its opener wrote there.
        let mut read = store.read().await.unwrap();
        let victim = Owner::new("41").unwrap();
        assert_eq!(read.customer_of(&victim).await.unwrap(), None);
        assert!(read.purchases(&victim, None, 10).await.unwrap().is_empty());
        assert_eq!(read.trial_balance().await.unwrap().len(), 2, "the money is booked");
    }

    async fn a_reason_of_any_characters_can_be_kept(store: TestStore) {
        let refuses = Stubborn::new(1, || Err(HandlerError::permanent("unknown colour `\0`")));
        let processor = Processor::builder(store.shared()).on("*", refuses).build();
        assert!(!processor.receive(verified(1)).await.unwrap().done);
        assert_eq!(count(&*store, InboxState::Dead).await, 1);
    }

    async fn a_product_name_of_any_characters_does_not_cost_the_sale(store: TestStore) {
        let mut event = paid_session(1);
        event["data"]["object"]["metadata"]["product_name"] = "茶\0".into();
        let delivery = Sender::new(SECRET).verified(&event);
        assert!(Processor::new(store.shared()).receive(delivery).await.unwrap().done);
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap();
        assert_eq!(found[0].product_name.as_deref(), Some("茶"));
    }

    async fn an_event_that_kills_every_worker_is_a_dead_letter_in_the_end(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let tries = Arc::new(AtomicU32::new(0));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("*", Counting(Arc::clone(&tries)))
            .build();
        let mut tx = store.begin().await.unwrap();
        tx.receive(&verified(1).parse().unwrap(), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..Backoff::default().attempts_max {
            let lease = stripegym_core::store::Lease { now: clock.now(), until: clock.now() };
            let mut tx = store.begin().await.unwrap();
            tx.claim(stripegym_core::store::Wanted::Next, lease).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            // Here the process dies.
        }
        assert_eq!(processor.drain().await.unwrap(), 1);
        assert_eq!(count(&*store, InboxState::Dead).await, 1);
        assert_eq!(tries.load(Ordering::SeqCst), 0, "this process lives on");
    }

    async fn what_is_not_ours_is_stored_and_changes_nothing(store: TestStore) {
        let mut config = ProcessorConfig::default();
        config.livemode = Some(true);
        let processor = Processor::builder(store.shared()).config(config).build();
        let mut connected = paid_session(2);
        connected["livemode"] = true.into();
        connected["account"] = "acct_1".into();
        for event in [paid_session(1), connected] {
            let delivery = Sender::new(SECRET).verified(&event);
            assert!(processor.receive(delivery).await.unwrap().done);
        }
        assert_eq!(purchases(&*store).await, 0);
        assert!(store.read().await.unwrap().trial_balance().await.unwrap().is_empty());
        assert_eq!(count(&*store, InboxState::Done).await, 2);
    }

    async fn the_last_of_many_failures_makes_a_dead_letter(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let fails = Stubborn::new(1000, || Err(HandlerError::transient("the weather")));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("*", fails)
            .build();
        processor.receive(verified(1)).await.unwrap();
        let mut tries = 1;
        while count(&*store, InboxState::Dead).await == 0 {
            clock.advance(Duration::from_secs(3600));
            tries += processor.drain().await.unwrap();
        }
        assert_eq!(tries, u64::from(Backoff::default().attempts_max));
    }

    async fn a_crashed_workers_event_is_taken_over_after_its_lease(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let event = verified(1).parse().unwrap();
        let lease = stripegym_core::store::Lease {
            now: clock.now(), until: clock.now().after(Duration::from_secs(60)),
        };
        let mut tx = store.begin().await.unwrap();
        tx.receive(&event, clock.now()).await.unwrap();
        tx.claim(stripegym_core::store::Wanted::Next, lease).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        // Here the worker dies.
        let processor = Processor::builder(store.shared()).clock(Arc::new(clock.clone())).build();
        assert_eq!(processor.drain().await.unwrap(), 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(processor.drain().await.unwrap(), 1);
        assert_eq!(purchases(&*store).await, 1);
    }

    async fn the_worker_finds_what_was_left_and_stops_when_told(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        tx.receive(&verified(1).parse().unwrap(), SystemClock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let worker = Processor::new(store.shared()).start_worker();
        until("the worker has done it", async || {
            (count(&*store, InboxState::Done).await == 1).then_some(())
        })
        .await;
        worker.shutdown().await;
    }

    async fn what_takes_too_long_goes_to_the_worker_and_happens_once(store: TestStore) {
        let mut config = ProcessorConfig::default();
        config.inline_wait = Duration::from_millis(1);
        let processor = Processor::builder(store.shared()).config(config).on("*", Slow).build();
        let taken = processor.receive(verified(1)).await.unwrap();
        assert_eq!((taken.receipt, taken.done), (Receipt::New, false));
        let worker = processor.start_worker();
        until("the worker has done it", async || {
            (count(&*store, InboxState::Done).await == 1).then_some(())
        })
        .await;
        worker.shutdown().await;
        assert_eq!(purchases(&*store).await, 1);
    }

    async fn events_of_one_session_in_the_wrong_order_end_in_the_right_state(store: TestStore) {
        let processor = Processor::new(store.shared());
        let mut late = paid_session(1);
        late["id"] = "evt_late".into();
        late["data"]["object"]["payment_status"] = "unpaid".into();
        processor.receive(verified(1)).await.unwrap();
        processor.receive(Sender::new(SECRET).verified(&late)).await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap();
        assert_eq!(found[0].status.as_str(), "paid");
    }

    async fn a_delayed_payment_is_booked_when_the_money_comes(store: TestStore) {
        let processor = Processor::new(store.shared());
        let mut ordered = paid_session(1);
        ordered["data"]["object"]["payment_status"] = "unpaid".into();
        processor.receive(Sender::new(SECRET).verified(&ordered)).await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap();
        assert_eq!(found[0].status.as_str(), "processing");
        assert!(read.trial_balance().await.unwrap().is_empty());
        drop(read);

        let mut paid = paid_session(1);
        paid["id"] = "evt_paid".into();
        paid["type"] = "checkout.session.async_payment_succeeded".into();
        processor.receive(Sender::new(SECRET).verified(&paid)).await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap();
        assert_eq!(found[0].status.as_str(), "paid");
    }
}

/// Counts how often it is asked.
struct Counting(Arc<AtomicU32>);

#[async_trait]
impl Handler for Counting {
    async fn handle(&self, _event: &Event, _tx: &mut dyn Tx) -> Result<(), HandlerError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

struct Slow;

#[async_trait]
impl Handler for Slow {
    async fn handle(&self, _event: &Event, _tx: &mut dyn Tx) -> Result<(), HandlerError> {
        // Longer than the request waits, shorter than a lease.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    }
}

/// A user's own table, written in the library's transaction.
struct Points;

const POINTS: &str = "INSERT INTO points (event) VALUES ('one')";

#[async_trait]
impl Handler for Points {
    async fn handle(&self, _event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
        let on_postgres = match tx.postgres() {
            Some(connection) => Some(connection.execute(POINTS).await.map(|_| ())),
            None => None,
        };
        let ran = match (on_postgres, tx.sqlite()) {
            (Some(ran), _) => ran,
            (None, Some(connection)) => connection.execute(POINTS).await.map(|_| ()),
            (None, None) => return Err(HandlerError::permanent("no SQL here")),
        };
        ran.map_err(HandlerError::transient)
    }
}

async fn points(database: &Database) -> i64 {
    let sql = "SELECT COUNT(*) FROM points";
    match database {
        Database::Postgres(store) => store.pool().fetch_one(sql).await.unwrap().get(0),
        Database::Sqlite(store) => store.readers().fetch_one(sql).await.unwrap().get(0),
        other => panic!("an unknown database: {other:?}"),
    }
}

databases! {
    async fn a_users_own_sql_commits_with_the_librarys_or_not_at_all(db: TestDb) {
        let store = TestStore::on(db).await;
        let database = store.database().unwrap();
        let create = "CREATE TABLE points (event TEXT NOT NULL)";
        match database {
            Database::Postgres(store) => store.pool().execute(create).await.map(|_| ()).unwrap(),
            Database::Sqlite(store) => store.writer().execute(create).await.map(|_| ()).unwrap(),
            other => panic!("an unknown database: {other:?}"),
        }
        let clock = ManualClock::at(SystemClock.now());
        let fails = Stubborn::new(1, || Err(HandlerError::transient("after the points")));
        let processor = Processor::builder(store.shared())
            .clock(Arc::new(clock.clone()))
            .on("checkout.session.completed", Points)
            .on("checkout.session.completed", fails)
            .build();
        processor.receive(verified(1)).await.unwrap();
        assert_eq!(points(database).await, 0, "rolled back with the rest");
        clock.advance(Duration::from_secs(60));
        processor.drain().await.unwrap();
        processor.receive(verified(1)).await.unwrap();
        assert_eq!(points(database).await, 1);
    }
}
