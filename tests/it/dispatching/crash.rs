//! The process dies at every statement boundary between a delivery of Stripe's
//! and the mail it leads to: the mail arrives, and at most once more per crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use stripegym_core::store::{EffectState, InboxState, StoreError, StoreErrorKind};
use stripegym_core::{Clock, Dispatcher, ManualClock, Processor, Store, SystemClock};
use stripegym_tests::{Boundaries, Boundary, Crossing, Sender, paid_session, stores, until};

use super::{AsksForMail, FailsAt, Mailbox, enqueue};

/// Dies at the nth boundary: from there on nothing of this process reaches the
/// database any more.
struct DiesAt {
    nth: u32,
    crossed: AtomicU32,
    is_dead: AtomicBool,
}

impl DiesAt {
    fn new(nth: u32) -> Arc<Self> {
        Arc::new(Self {
            nth,
            crossed: AtomicU32::new(0),
            is_dead: AtomicBool::new(false),
        })
    }

    fn has_died(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }
}

impl Boundary for DiesAt {
    fn cross(&self, _crossing: Crossing) -> Result<(), StoreError> {
        if self.crossed.fetch_add(1, Ordering::SeqCst) + 1 == self.nth {
            self.is_dead.store(true, Ordering::SeqCst);
        }
        if self.has_died() {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

/// One life of the application: it receives, processes and delivers until it
/// has nothing to do or is dead. True when the event was acknowledged.
async fn live(store: Arc<dyn Store>, clock: &ManualClock, number: u32, mailbox: &Mailbox) -> bool {
    let processor = Processor::builder(Arc::clone(&store))
        .clock(Arc::new(clock.clone()))
        .on("*", AsksForMail(|| Ok(())))
        .build();
    let dispatcher = Dispatcher::builder(store)
        .clock(Arc::new(clock.clone()))
        .on("mail.*", mailbox.clone())
        .build();
    let delivery = Sender::new("whsec_crash_of_a_process").verified(&paid_session(number));
    let is_acknowledged = processor.receive(delivery).await.is_ok();
    // What fails now fails because the process is dead; the next life goes on.
    drop(processor.drain().await);
    drop(dispatcher.drain().await);
    is_acknowledged
}

/// The lives after a crash: Stripe delivers again what was not acknowledged,
/// leases run out, retries come due.
async fn recover(
    store: &dyn Store,
    shared: Arc<dyn Store>,
    clock: &ManualClock,
    mailbox: &Mailbox,
) {
    let processor = Processor::builder(Arc::clone(&shared))
        .clock(Arc::new(clock.clone()))
        .on("*", AsksForMail(|| Ok(())))
        .build();
    let dispatcher = Dispatcher::builder(shared)
        .clock(Arc::new(clock.clone()))
        .on("mail.*", mailbox.clone())
        .build();
    until("inbox and outbox are empty", async || {
        clock.advance(Duration::from_secs(120));
        // A transaction that was dropped may take a moment to be gone.
        drop(processor.drain().await);
        drop(dispatcher.drain().await);
        let mut read = store.read().await.unwrap();
        let inbox = read.inbox_summary().await.unwrap();
        let outbox = read.outbox_summary().await.unwrap();
        let is_empty = inbox.oldest_open.is_none() && outbox.oldest_open.is_none();
        is_empty.then_some(())
    })
    .await;
}

stores! {
    async fn wherever_the_process_dies_the_mail_arrives_and_at_most_once_more(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let mut repeats = 0;
        let mut nth = 0;
        loop {
            nth += 1;
            let (fate, mailbox) = (DiesAt::new(nth), Mailbox::default());
            let mortal: Arc<dyn Store> = Arc::new(Boundaries::around(store.shared(), fate.clone()));
            if !live(mortal, &clock, nth, &mailbox).await {
                assert!(live(store.shared(), &clock, nth, &mailbox).await);
            }
            recover(&*store, store.shared(), &clock, &mailbox).await;

            let arrived = mailbox.arrived();
            let most = if fate.has_died() { 2 } else { 1 };
            assert!((1..=most).contains(&arrived.len()), "boundary {nth}: {arrived:?}");
            assert!(arrived.iter().all(|(id, _)| *id == arrived[0].0), "boundary {nth}: one id");
            repeats += arrived.len() - 1;
            let mut read = store.read().await.unwrap();
            let inbox = read.inbox_summary().await.unwrap();
            assert_eq!(inbox.count(InboxState::Done), u64::from(nth), "boundary {nth}");
            let outbox = read.outbox_summary().await.unwrap();
            assert_eq!(outbox.count(EffectState::Done), u64::from(nth), "boundary {nth}");
            if !fate.has_died() {
                break;
            }
        }
        // Receipt, claim, handlers, claim of the effect, completion: fewer
        // would mean that the path was not walked.
        assert!(nth > 35, "only {nth} boundaries");
        // The one way to a repeat is to die between the mail and the commit
        // that writes it down: around begin and completion, and before commit.
        assert_eq!(repeats, 5);
    }

    async fn crash_after_crash_repeats_the_mail_at_most_once_each(store: TestStore) {
        let clock = ManualClock::at(SystemClock.now());
        let mailbox = Mailbox::default();
        enqueue(&*store, "in_1", "mail.receipt").await;
        for crash in 1..=5 {
            // Each life dies right after the mail: when it is to be written down.
            let fate = FailsAt { statement: "complete_effect", left: AtomicU32::new(u32::MAX) };
            let mortal = Boundaries::around(store.shared(), Arc::new(fate));
            let dispatcher = Dispatcher::builder(Arc::new(mortal))
                .clock(Arc::new(clock.clone()))
                .on("mail.*", mailbox.clone())
                .build();
            dispatcher.drain().await.unwrap_err();
            assert_eq!(mailbox.arrived().len(), crash);
            assert_eq!(dispatcher.drain().await.unwrap(), 0, "the lease still holds");
            clock.advance(Duration::from_secs(60));
        }
        recover(&*store, store.shared(), &clock, &mailbox).await;
        assert_eq!(mailbox.arrived().len(), 6);
    }
}
