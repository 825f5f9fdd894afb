//! Receipts in one process, workers in another.

use std::sync::Arc;

use stripegym_core::process::{Mode, ProcessorConfig};
use stripegym_core::store::InboxState;
use stripegym_core::{Clock, ManualClock, Processor, SystemClock};
use stripegym_sqlx::Database;
use stripegym_tests::{Sender, TestDb, TestStore, paid_session, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_worker_hears_at_once_of_what_another_process_received() {
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let url = db.url().to_owned();
    let store = TestStore::on(db).await;
    // A clock that stands still never polls, so only news can wake this worker.
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(SystemClock.now()));
    let elsewhere = Database::connect(&url).await.unwrap();
    let worker = Processor::builder(elsewhere.store())
        .clock(clock)
        .build()
        .start_worker();
    let mut config = ProcessorConfig::default();
    config.mode = Mode::Queued;
    let front = Processor::builder(store.shared()).config(config).build();
    for number in 1..=20 {
        assert!(
            !front
                .receive(Sender::new("whsec_workers").verified(&paid_session(number)))
                .await
                .unwrap()
                .done,
            "queued"
        );
    }
    until("the other process has done them all", async || {
        let inbox = store.read().await.unwrap().inbox_summary().await.unwrap();
        (inbox.count(InboxState::Done) == 20).then_some(())
    })
    .await;
    worker.shutdown().await;
    elsewhere.close().await;
}
