//! Forgetting, as a process does it.

use std::sync::Arc;
use std::time::Duration;

use stripegym_core::retention::{Keep, Retention, RetentionConfig};
use stripegym_core::store::{EventSelection, InboxState, Pruned, Receipt};
use stripegym_core::{Clock, ManualClock, Processor, Store, SystemClock};
use stripegym_tests::{Sender, paid_session, stores, until};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn verified(number: u32) -> stripegym_core::webhook::Verified {
    Sender::new("whsec_retention").verified(&paid_session(number))
}

fn in_batches_of(batch: u32) -> RetentionConfig {
    let mut config = RetentionConfig::default();
    config.batch = batch;
    config
}

async fn done(store: &dyn Store) -> u64 {
    let mut read = store.read().await.unwrap();
    let inbox = read.inbox_summary().await.unwrap();
    inbox.count(InboxState::Done)
}

stores! {
    async fn after_ninety_days_events_go_and_the_books_stay(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let processor = Processor::builder(store.shared()).clock(Arc::new(clock.clone())).build();
        let retention = Retention::new(store.shared())
            .clock(Arc::new(clock.clone()))
            .config(in_batches_of(2));
        for number in 1..=5 {
            assert!(processor.receive(verified(number)).await.unwrap().done);
        }
        let books = store.read().await.unwrap().trial_balance().await.unwrap();
        clock.advance(DAY * 90);
        assert!(retention.prune().await.unwrap().is_empty(), "to the day");
        clock.advance(Duration::from_millis(1));
        assert_eq!(retention.prune().await.unwrap(), Pruned { inbox: 5, ..Pruned::default() });
        assert_eq!(done(&*store).await, 0);
        assert_eq!(store.read().await.unwrap().trial_balance().await.unwrap(), books);

        // Were it to come again all the same, the ledger would still know.
        let again = processor.receive(verified(1)).await.unwrap();
        assert_eq!((again.receipt, again.done), (Receipt::New, true));
        assert_eq!(store.read().await.unwrap().trial_balance().await.unwrap(), books);
    }

    async fn what_stripe_may_send_again_is_still_known(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let processor = Processor::builder(store.shared()).clock(Arc::new(clock.clone())).build();
        let mut config = in_batches_of(0);
        config.keep = Keep::days(Keep::DAYS_MIN).unwrap();
        let retention = Retention::new(store.shared()).clock(Arc::new(clock.clone())).config(config);
        processor.receive(verified(1)).await.unwrap();
        // The list of events reaches back 30 days.
        clock.advance(DAY * 30);
        retention.prune().await.unwrap();
        let again = processor.receive(verified(1)).await.unwrap();
        assert_eq!(again.receipt, Receipt::Known(InboxState::Done));
        clock.advance(DAY * 6);
        assert_eq!(retention.prune().await.unwrap().inbox, 1, "a batch of none counts as one");
    }

    async fn a_worker_forgets_at_its_start_and_at_every_interval(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let processor = Processor::builder(store.shared()).clock(Arc::new(clock.clone())).build();
        processor.receive(verified(1)).await.unwrap();
        clock.advance(DAY * 91);
        let worker = Retention::new(store.shared()).clock(Arc::new(clock.clone())).start_worker();
        until("the first is forgotten", async || (done(&*store).await == 0).then_some(())).await;
        processor.receive(verified(2)).await.unwrap();
        until("the second is forgotten", async || {
            clock.advance(DAY);
            (done(&*store).await == 0).then_some(())
        })
        .await;
        worker.shutdown().await;
        let mut read = store.read().await.unwrap();
        assert!(read.events(&EventSelection::default(), 10).await.unwrap().is_empty());
    }
}
