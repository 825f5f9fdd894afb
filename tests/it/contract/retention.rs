//! What is forgotten, and what never is.

use stripegym_core::Store;
use stripegym_core::store::{
    CallKey, CallState, Effect, EffectSelection, EventSelection, FrozenCall, Lease, Pruned,
    Receipt, Settlement, Verdict, Wanted,
};
use stripegym_tests::stores;

use super::{at, claim, event, lease, receive};

fn call(number: u32) -> FrozenCall {
    FrozenCall {
        key: CallKey::new(format!("refund:{number}")).unwrap(),
        generation: 1,
        idempotency_key: format!("key-{number}"),
        method: "POST".to_owned(),
        path: "/v1/refunds".to_owned(),
        body: String::new(),
        api_version: "2026-10-28.endive".to_owned(),
        account: None,
    }
}

async fn settled_call(store: &dyn Store, number: u32, settlement: Option<Settlement>, now: i64) {
    let mut tx = store.begin().await.unwrap();
    tx.plan_call(&call(number), at(0)).await.unwrap();
    tx.note_call_sent(&call(number), at(1)).await.unwrap();
    if let Some(settlement) = settlement {
        tx.settle_call(&call(number), &settlement, at(now))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// An event that came in at 0 and was done or dead at `now`.
async fn finished_event(store: &dyn Store, number: u32, is_done: bool, now: i64) {
    receive(store, &event(number), 0).await;
    let claimed = claim(store, Wanted::Next, lease(0, 60)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    if is_done {
        tx.complete(&claimed.claim, at(now)).await.unwrap();
    } else {
        tx.give_back(&claimed.claim, Verdict::Dead, "no rule for it")
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// An effect that was asked for at 0 and delivered or dead at `now`.
async fn finished_effect(store: &dyn Store, number: u32, is_done: bool, now: i64) {
    let effect = Effect::new(format!("in_{number}"), "mail.receipt", "{}").unwrap();
    let lease: Lease = lease(0, 60);
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&effect, at(0)).await.unwrap();
    let claimed = tx
        .claim_effect(lease, &["mail.*".to_owned()])
        .await
        .unwrap();
    let claim = claimed.unwrap().claim;
    if is_done {
        tx.complete_effect(&claim, at(now)).await.unwrap();
    } else {
        tx.give_back_effect(&claim, Verdict::Dead, "no such mailbox", at(now))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn prune(store: &dyn Store, before: i64, batch: u32) -> Pruned {
    let mut tx = store.begin().await.unwrap();
    let pruned = tx.prune(at(before), batch).await.unwrap();
    tx.commit().await.unwrap();
    pruned
}

async fn events_left(store: &dyn Store) -> Vec<String> {
    let mut read = store.read().await.unwrap();
    let events = read.events(&EventSelection::default(), 100).await.unwrap();
    events.into_iter().map(|event| event.key.event_id).collect()
}

async fn effects_left(store: &dyn Store) -> Vec<String> {
    let mut read = store.read().await.unwrap();
    let effects = read
        .effects(&EffectSelection::default(), 100)
        .await
        .unwrap();
    effects.into_iter().map(|effect| effect.object_id).collect()
}

stores! {
    async fn what_is_over_goes_and_what_a_person_must_see_stays(store: TestStore) {
        finished_event(&*store, 1, true, 99).await;
        finished_event(&*store, 2, true, 100).await;
        finished_event(&*store, 3, false, 1).await;
        receive(&*store, &event(4), 0).await;
        finished_effect(&*store, 1, true, 99).await;
        finished_effect(&*store, 2, false, 99).await;
        finished_effect(&*store, 3, true, 100).await;
        let mut tx = store.begin().await.unwrap();
        tx.enqueue(&Effect::new("in_4", "mail.receipt", "{}").unwrap(), at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let reason = "no answer".to_owned();
        let ok = || Settlement::Ok { object_id: "re_1".to_owned() };
        settled_call(&*store, 1, Some(ok()), 99).await;
        settled_call(&*store, 2, Some(Settlement::Failed { reason: reason.clone() }), 99).await;
        settled_call(&*store, 3, Some(Settlement::Unknown { reason }), 99).await;
        settled_call(&*store, 4, Some(ok()), 100).await;
        settled_call(&*store, 5, None, 0).await;

        let pruned = prune(&*store, 100, 50).await;
        assert_eq!(pruned, Pruned { inbox: 1, outbox: 2, calls: 2 });
        assert!(prune(&*store, 100, 50).await.is_empty());
        assert_eq!(events_left(&*store).await, ["evt_4", "evt_3", "evt_2"]);
        assert_eq!(effects_left(&*store).await, ["in_4", "in_3"]);
        let mut tx = store.begin().await.unwrap();
        let planned_anew = |number: u32| matches!(number, 1 | 2);
        for number in 1..=5 {
            let entry = tx.plan_call(&call(number), at(200)).await.unwrap();
            let is_new = entry.state == CallState::Planned;
            assert_eq!(is_new, planned_anew(number), "call {number}");
        }
    }

    async fn a_batch_takes_no_more_than_it_may(store: TestStore) {
        for number in 1..=5 {
            finished_event(&*store, number, true, i64::from(number)).await;
            finished_effect(&*store, number, true, i64::from(number)).await;
        }
        let mut left = vec![5, 3, 1, 0];
        left.reverse();
        while let Some(left_before) = left.pop() {
            assert_eq!(events_left(&*store).await.len(), left_before);
            assert_eq!(effects_left(&*store).await.len(), left_before);
            let pruned = prune(&*store, 100, 2).await;
            let taken = u64::try_from(left_before.min(2)).unwrap();
            assert_eq!(pruned, Pruned { inbox: taken, outbox: taken, calls: 0 });
        }
    }

    async fn a_prune_that_is_rolled_back_forgets_nothing(store: TestStore) {
        finished_event(&*store, 1, true, 1).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.prune(at(100), 10).await.unwrap().inbox, 1);
        drop(tx);
        assert_eq!(events_left(&*store).await, ["evt_1"]);
    }

    async fn an_event_that_is_revived_starts_its_time_anew(store: TestStore) {
        finished_event(&*store, 1, true, 10).await;
        let mut tx = store.begin().await.unwrap();
        tx.revive(&EventSelection::default(), at(50)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(prune(&*store, 100, 10).await.is_empty(), "it waits for its turn");
        let claimed = claim(&*store, Wanted::Next, lease(150, 200)).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.complete(&claimed.claim, at(150)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(prune(&*store, 100, 10).await.is_empty());
        assert_eq!(prune(&*store, 151, 10).await.inbox, 1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.receive(&event(1), at(200)).await.unwrap(), Receipt::New, "forgotten");
    }
}
