//! Receipts, claims, leases.

use stripegym_core::store::{InboxKey, InboxState, Receipt, StoreErrorKind, Verdict, Wanted};
use stripegym_tests::stores;

use super::{at, claim, event, event_about, lease, receive};

stores! {
    async fn the_same_event_is_stored_once_with_its_bytes(store: TestStore) {
        let event = event(1);
        receive(&*store, &event, 0).await;
        let mut tx = store.begin().await.unwrap();
        let again = tx.receive(&event, at(5)).await.unwrap();
        assert_eq!(again, Receipt::Known(InboxState::Received));
        tx.commit().await.unwrap();

        let claimed = claim(&*store, Wanted::Next, lease(5, 60)).await.unwrap();
        assert_eq!(claimed.payload, *event.payload(), "byte for byte");
        assert_eq!(claimed.claim.attempt, 1);
        assert!(claim(&*store, Wanted::Next, lease(5, 60)).await.is_none(), "only one row");
    }

    async fn accounts_and_modes_keep_their_events_apart(store: TestStore) {
        let own = stripegym_tests::paid_session(1);
        let mut connected = own.clone();
        connected["account"] = "acct_1".into();
        let mut live = own.clone();
        live["livemode"] = true.into();
        let sender = stripegym_tests::Sender::new("whsec_contract");
        for json in [own, connected, live] {
            let event = sender.verified(&json).parse().unwrap();
            let mut tx = store.begin().await.unwrap();
            assert_eq!(tx.receive(&event, at(0)).await.unwrap(), Receipt::New);
            tx.commit().await.unwrap();
        }
    }

    async fn what_a_crash_left_does_not_wait_behind_a_backlog(store: TestStore) {
        receive(&*store, &event(1), 0).await;
        let left = claim(&*store, Wanted::Next, lease(0, 60)).await.unwrap().claim.key;
        for number in 2..5 {
            receive(&*store, &event(number), 0).await;
        }
        let next = claim(&*store, Wanted::Next, lease(60, 120)).await.unwrap();
        assert_eq!((next.claim.key, next.claim.attempt), (left, 2));
        let mut others = 0;
        while claim(&*store, Wanted::Next, lease(60, 120)).await.is_some() {
            others += 1;
        }
        assert_eq!(others, 3);
    }

    async fn a_claimed_event_is_nobody_elses_until_its_lease_ends(store: TestStore) {
        receive(&*store, &event(1), 0).await;
        let first = claim(&*store, Wanted::Next, lease(10, 70)).await.unwrap().claim;
        assert!(claim(&*store, Wanted::Next, lease(69, 129)).await.is_none());

        let second = claim(&*store, Wanted::Next, lease(70, 130)).await.unwrap().claim;
        assert!(second.token > first.token, "tokens only ever grow");
        assert_eq!(second.attempt, 2);

        // The first worker wakes up. It may not write a thing.
        let mut tx = store.begin().await.unwrap();
        let error = tx.complete(&first, at(71)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ClaimLost);
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        let error = tx.give_back(&first, Verdict::Dead, "late").await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ClaimLost);
        drop(tx);

        let mut tx = store.begin().await.unwrap();
        tx.complete(&second, at(72)).await.unwrap();
        tx.commit().await.unwrap();
        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert_eq!((summary.count(InboxState::Done), summary.oldest_open), (1, None));
    }

    async fn two_events_of_one_object_are_never_in_work_at_once(store: TestStore) {
        receive(&*store, &event_about(1, 7), 0).await;
        receive(&*store, &event_about(2, 7), 1).await;
        receive(&*store, &event_about(3, 8), 2).await;

        let first = claim(&*store, Wanted::Next, lease(10, 70)).await.unwrap().claim;
        assert_eq!(first.key.event_id, "evt_1", "the longest waiting comes first");
        let other = claim(&*store, Wanted::Next, lease(10, 70)).await.unwrap().claim;
        assert_eq!(other.key.event_id, "evt_3", "another object is free");
        assert!(claim(&*store, Wanted::Next, lease(10, 70)).await.is_none());
        let busy = InboxKey::of(&event_about(2, 7));
        assert!(claim(&*store, Wanted::Event(&busy), lease(10, 70)).await.is_none());

        let mut tx = store.begin().await.unwrap();
        tx.complete(&first, at(11)).await.unwrap();
        tx.commit().await.unwrap();
        let second = claim(&*store, Wanted::Next, lease(12, 70)).await.unwrap().claim;
        assert_eq!(second.key.event_id, "evt_2");
    }

    async fn a_retry_waits_for_its_time_and_does_not_hold_its_object(store: TestStore) {
        receive(&*store, &event_about(1, 7), 0).await;
        let first = claim(&*store, Wanted::Next, lease(0, 60)).await.unwrap().claim;
        let mut tx = store.begin().await.unwrap();
        tx.give_back(&first, Verdict::RetryAt(at(100)), "not yet").await.unwrap();
        tx.commit().await.unwrap();

        assert!(claim(&*store, Wanted::Next, lease(99, 160)).await.is_none());
        receive(&*store, &event_about(2, 7), 50).await;
        let other = claim(&*store, Wanted::Next, lease(99, 160)).await.unwrap().claim;
        assert_eq!(other.key.event_id, "evt_2");
        let mut tx = store.begin().await.unwrap();
        tx.complete(&other, at(99)).await.unwrap();
        tx.commit().await.unwrap();

        let again = claim(&*store, Wanted::Next, lease(100, 160)).await.unwrap().claim;
        assert_eq!((again.key.event_id.as_str(), again.attempt), ("evt_1", 2));
    }

    async fn an_event_from_a_process_whose_clock_is_ahead_is_not_held_up(store: TestStore) {
        receive(&*store, &event(1), 1_000_000).await;
        assert!(claim(&*store, Wanted::Next, lease(0, 60)).await.is_some());
    }

    async fn a_dead_letter_rests(store: TestStore) {
        receive(&*store, &event(1), 0).await;
        let claimed = claim(&*store, Wanted::Next, lease(0, 60)).await.unwrap().claim;
        let mut tx = store.begin().await.unwrap();
        tx.give_back(&claimed, Verdict::Dead, "no rule for it").await.unwrap();
        tx.commit().await.unwrap();

        assert!(claim(&*store, Wanted::Next, lease(1_000_000, 1_000_060)).await.is_none());
        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert_eq!((summary.count(InboxState::Dead), summary.oldest_open), (1, None));
    }

    async fn of_many_workers_each_event_goes_to_one(store: TestStore) {
        for number in 0..20 {
            receive(&*store, &event(number), 0).await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = store.shared();
            workers.spawn(async move {
                let mut mine = Vec::new();
                let mut tries_in_vain = 0;
                while tries_in_vain < 3 {
                    let mut tx = store.begin().await.unwrap();
                    match tx.claim(Wanted::Next, lease(1, 60)).await {
                        Ok(Some(claimed)) => {
                            tx.commit().await.unwrap();
                            mine.push(claimed.claim.key.event_id);
                        }
                        Ok(None) => tries_in_vain += 1,
                        Err(error) => assert!(error.is_retryable(), "{error}"),
                    }
                }
                mine
            });
        }
        let mut all = workers.join_all().await.concat();
        all.sort();
        let mut once = all.clone();
        once.dedup();
        assert_eq!(all, once, "no event twice");
        assert_eq!(all.len(), 20, "every event");
    }
}
