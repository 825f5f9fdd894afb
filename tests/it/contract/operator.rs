//! What an operator sees and asks for.

use stripegym_core::Store;
use stripegym_core::store::{EventSelection, InboxState, StoredEvent, Verdict, Wanted};
use stripegym_tests::stores;

use super::{at, claim, event, lease, receive};

async fn events(store: &dyn Store, selection: &EventSelection) -> Vec<StoredEvent> {
    store
        .read()
        .await
        .unwrap()
        .events(selection, 100)
        .await
        .unwrap()
}

async fn ids(store: &dyn Store, selection: &EventSelection) -> Vec<String> {
    events(store, selection)
        .await
        .into_iter()
        .map(|event| event.key.event_id)
        .collect()
}

/// Event 1 dead, event 2 done, event 3 just received.
async fn three(store: &dyn Store) {
    for number in 1..=2 {
        receive(store, &event(number), i64::from(number)).await;
        let claimed = claim(store, Wanted::Next, lease(10, 70))
            .await
            .unwrap()
            .claim;
        let mut tx = store.begin().await.unwrap();
        match number {
            1 => tx
                .give_back(&claimed, Verdict::Dead, "no rule for it")
                .await
                .unwrap(),
            _ => tx.complete(&claimed, at(10)).await.unwrap(),
        }
        tx.commit().await.unwrap();
    }
    receive(store, &event(3), 3).await;
}

stores! {
    async fn events_are_found_by_what_is_known_of_them(store: TestStore) {
        three(&*store).await;
        let all = EventSelection::default();
        assert_eq!(ids(&*store, &all).await, ["evt_3", "evt_2", "evt_1"], "newest first");
        let dead = EventSelection { state: Some(InboxState::Dead), ..all.clone() };
        let found = events(&*store, &dead).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].last_error.as_deref(), Some("no rule for it"));
        assert_eq!((found[0].attempts, found[0].received_at), (1, at(1)));
        assert_eq!(found[0].payload, *event(1).payload());
        let second = found[0].created + 1;
        let since = EventSelection { created_from: Some(second), ..all.clone() };
        assert_eq!(ids(&*store, &since).await, ["evt_3", "evt_2"]);
        let before = EventSelection { created_before: Some(second), ..all.clone() };
        assert_eq!(ids(&*store, &before).await, ["evt_1"]);
        let other = EventSelection { kind: Some("moon.landed".to_owned()), ..all };
        assert!(ids(&*store, &other).await.is_empty());
    }

    async fn what_is_at_rest_can_be_revived_and_nothing_else(store: TestStore) {
        three(&*store).await;
        let dead = EventSelection { state: Some(InboxState::Dead), ..EventSelection::default() };
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.revive(&dead, at(20)).await.unwrap(), 1);
        assert_eq!(tx.revive(&EventSelection::default(), at(20)).await.unwrap(), 1, "the done one");
        tx.commit().await.unwrap();
        for _ in 0..3 {
            let claimed = claim(&*store, Wanted::Next, lease(20, 80)).await.unwrap();
            assert_eq!(claimed.claim.attempt, 1, "attempts are forgotten");
        }
    }

    async fn the_books_are_balanced(store: TestStore) {
        three(&*store).await;
        assert!(store.read().await.unwrap().unbalanced().await.unwrap().is_empty());
    }
}
