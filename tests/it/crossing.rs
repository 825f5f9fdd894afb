//! The store fails at every statement boundary, one after the other: whatever
//! happens, the event is acknowledged or redelivered, and its effect is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use stripegym_core::ledger::Account;
use stripegym_core::store::{InboxState, Owner, StoreError, StoreErrorKind};
use stripegym_core::{Clock, ManualClock, Processor, Store, SystemClock};
use stripegym_tests::{Boundaries, Boundary, Crossing, Sender, paid_session, stores, until};

/// Fails at the nth boundary, once. After a commit this is the lost
/// acknowledgement: it happened, and nobody was told.
struct FailAt {
    nth: u32,
    crossed: AtomicU32,
}

impl Boundary for FailAt {
    fn cross(&self, _crossing: Crossing) -> Result<(), StoreError> {
        if self.crossed.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

async fn assert_booked(store: &dyn Store, number: u32, nth: u32) {
    let mut read = store.read().await.unwrap();
    let purchases = read
        .purchases(&Owner::new("41").unwrap(), None, 100)
        .await
        .unwrap();
    let number = usize::try_from(number).unwrap();
    assert_eq!(purchases.len(), number, "boundary {nth}");
    let balances = read.trial_balance().await.unwrap();
    let clearing = balances
        .iter()
        .find(|b| b.account == Account::StripeClearing)
        .unwrap();
    assert_eq!(
        clearing.balance.minor(),
        4980 * i64::try_from(number).unwrap(),
        "boundary {nth}"
    );
    let inbox = read.inbox_summary().await.unwrap();
    assert_eq!(inbox.oldest_open, None, "boundary {nth}");
    assert_eq!(inbox.count(InboxState::Dead), 0, "boundary {nth}");
}

stores! {
    async fn wherever_the_store_fails_the_effect_is_one(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let mut nth = 0;
        loop {
            nth += 1;
            let fault = Arc::new(FailAt { nth, crossed: AtomicU32::new(0) });
            let failing = Boundaries::around(store.shared(), fault.clone());
            let processor = Processor::builder(Arc::new(failing))
                .clock(Arc::new(clock.clone()))
                .build();
            let sender = Sender::new("whsec_crossing");
            let delivery = || sender.verified(&paid_session(nth));
            // Stripe delivers again whatever was not acknowledged.
            if processor.receive(delivery()).await.is_err() {
                processor.receive(delivery()).await.unwrap();
            }
            // Claims that nobody gave back run out, retries come due. The
            // worker's own failures are mended by its next round, and a
            // transaction that was dropped may take a moment to be gone.
            clock.advance(Duration::from_secs(120));
            until("the inbox is empty", async || {
                let drained = processor.drain().await;
                let inbox = store.read().await.unwrap().inbox_summary().await.unwrap();
                if drained.is_err() {
                    clock.advance(Duration::from_secs(120));
                }
                inbox.oldest_open.is_none().then_some(())
            })
            .await;
            assert_booked(&*store, nth, nth).await;
            if fault.crossed.load(Ordering::SeqCst) < nth {
                break;
            }
        }
        // Three transactions with nine statements: fewer would mean that the
        // path was not walked.
        assert!(nth > 20, "only {nth} boundaries");
    }
}
