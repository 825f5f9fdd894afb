//! The database server itself goes down, and comes back.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stripegym_core::Processor;
use stripegym_core::ledger::Account;
use stripegym_core::process::{Mode, ProcessorConfig};
use stripegym_core::store::{EventSelection, InboxState, Store};
use stripegym_sqlx::Database;
use stripegym_tests::{PostgresServer, Sender, paid_session, until};
use tokio::task::JoinSet;

use super::SECRET;

const EVENTS: u32 = 240;
const SENDERS: u32 = 8;

async fn stored(store: &dyn Store) -> BTreeSet<String> {
    let events = until("PostgreSQL answers", async || {
        let mut read = store.read().await.ok()?;
        read.events(&EventSelection::default(), 10_000).await.ok()
    });
    let ids = events.await.into_iter().map(|event| event.key.event_id);
    ids.collect()
}

async fn stopped_and_started_again(mode: Mode) {
    let Some(server) = tokio::task::block_in_place(PostgresServer::start) else {
        return;
    };
    let database = Database::connect(&server.url()).await.unwrap();
    database.migrate().await.unwrap();
    let mut config = ProcessorConfig::default();
    config.mode = mode;
    // What was claimed when it went down waits for that long.
    config.lease = Duration::from_secs(2);
    let processor = Processor::builder(database.store()).config(config).build();
    let worker = processor.start_worker();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (processor, acknowledged) = (processor.clone(), Arc::clone(&acknowledged));
        senders.spawn(async move {
            for number in (1 + sender..=EVENTS).step_by(SENDERS as usize) {
                until("an event is acknowledged", async || {
                    let delivery = Sender::new(SECRET).verified(&paid_session(number));
                    processor.receive(delivery).await.ok().map(drop)
                })
                .await;
                acknowledged.lock().unwrap().insert(format!("evt_{number}"));
            }
        });
    }
    until("a third is acknowledged", async || {
        (acknowledged.lock().unwrap().len() > EVENTS as usize / 3).then_some(())
    })
    .await;

    tokio::task::block_in_place(|| server.stop_at_once());
    let before = acknowledged.lock().unwrap().clone();
    assert!(before.len() < EVENTS as usize, "it went down in the middle");
    tokio::task::block_in_place(|| server.start_again());
    let store = database.store();
    let found = stored(&*store).await;
    let lost: Vec<_> = before.difference(&found).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    senders.join_all().await;
    let done = u64::from(EVENTS);
    until("everything is done", async || {
        let mut read = store.read().await.ok()?;
        let inbox = read.inbox_summary().await.ok()?;
        (inbox.count(InboxState::Done) == done).then_some(())
    })
    .await;
    let mut read = store.read().await.unwrap();
    let lines = read.trial_balance().await.unwrap();
    let clearing = lines
        .iter()
        .find(|line| line.account == Account::StripeClearing);
    assert_eq!(clearing.unwrap().balance.minor(), 4980 * i64::from(EVENTS));
    assert_eq!(read.unbalanced().await.unwrap(), Vec::new());
    drop(read);
    worker.shutdown().await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_crashes_while_requests_process_has_all_that_was_acknowledged() {
    stopped_and_started_again(Mode::Inline).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_crashes_while_workers_process_has_all_that_was_acknowledged() {
    stopped_and_started_again(Mode::Queued).await;
}
