//! Effects: asked for once, claimed by one, delivered or dead.

use std::collections::BTreeSet;

use stripegym_core::Store;
use stripegym_core::store::{
    ClaimedEffect, Effect, EffectClaim, EffectSelection, EffectState, OutboxSummary, StoreError,
    StoreErrorKind, StoredEffect, Verdict, Wanted,
};
use stripegym_tests::stores;
use tokio::task::JoinSet;

use super::{at, claim as claim_event, event, lease, receive};

fn mail(number: u32) -> Effect {
    Effect::new(
        format!("in_{number}"),
        "mail.receipt",
        format!(r#"{{"n":{number}}}"#),
    )
    .unwrap()
}

fn effect(object_id: &str, name: &str) -> Effect {
    Effect::new(object_id, name, "{}").unwrap()
}

async fn enqueue(store: &dyn Store, effect: &Effect, now: i64) -> bool {
    let mut tx = store.begin().await.unwrap();
    let new = tx.enqueue(effect, at(now)).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn claim_of(store: &dyn Store, names: &[&str], times: (i64, i64)) -> Option<ClaimedEffect> {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut tx = store.begin().await.unwrap();
    let lease = lease(times.0, times.1);
    let claimed = tx.claim_effect(lease, &names).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn claim(store: &dyn Store, now: i64, until: i64) -> Option<EffectClaim> {
    let claimed = claim_of(store, &["*"], (now, until)).await;
    claimed.map(|claimed| claimed.claim)
}

async fn complete(store: &dyn Store, claim: &EffectClaim, now: i64) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    tx.complete_effect(claim, at(now)).await?;
    tx.commit().await
}

async fn give_back(
    store: &dyn Store,
    claim: &EffectClaim,
    verdict: Verdict,
    now: i64,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    tx.give_back_effect(claim, verdict, "the post office is closed", at(now))
        .await?;
    tx.commit().await
}

async fn effects(store: &dyn Store, selection: &EffectSelection) -> Vec<StoredEffect> {
    let mut read = store.read().await.unwrap();
    read.effects(selection, 1000).await.unwrap()
}

async fn summary(store: &dyn Store) -> OutboxSummary {
    store.read().await.unwrap().outbox_summary().await.unwrap()
}

stores! {
    async fn an_effect_is_asked_for_once_and_comes_with_its_payload(store: TestStore) {
        assert!(enqueue(&*store, &mail(1), 5).await);
        let other = Effect::new("in_1", "mail.receipt", "of another event").unwrap();
        assert!(!enqueue(&*store, &other, 6).await, "the first stands");
        assert!(enqueue(&*store, &effect("in_1", "slack.sale"), 7).await, "another effect");
        assert!(enqueue(&*store, &mail(2), 8).await, "another object");

        let first = claim_of(&*store, &["*"], (9, 60)).await.unwrap();
        assert_eq!((first.claim.object_id.as_str(), first.claim.attempt), ("in_1", 1));
        assert_eq!(first.payload, *mail(1).payload());
        complete(&*store, &first.claim, 10).await.unwrap();
        assert!(!enqueue(&*store, &mail(1), 11).await, "nor again once it is delivered");
    }

    async fn of_sixty_four_who_ask_at_once_one_is_the_first(store: TestStore) {
        let mut asking = JoinSet::new();
        for _ in 0..64 {
            let store = store.shared();
            asking.spawn(async move { enqueue(&*store, &mail(1), 0).await });
        }
        let new = asking.join_all().await.into_iter().filter(|new| *new).count();
        assert_eq!(new, 1);
        assert_eq!(summary(&*store).await.counts, [(EffectState::Waiting, 1)]);
    }

    async fn what_is_rolled_back_was_never_asked_for(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        assert!(tx.enqueue(&mail(1), at(0)).await.unwrap());
        drop(tx);
        assert!(claim(&*store, 1, 60).await.is_none());
        assert!(summary(&*store).await.counts.is_empty());
        assert!(enqueue(&*store, &mail(1), 2).await);
    }

    async fn of_many_dispatchers_each_effect_goes_to_one(store: TestStore) {
        for number in 0..20 {
            let name = if number % 2 == 0 { "mail.receipt" } else { "slack.sale" };
            enqueue(&*store, &effect(&format!("in_{number}"), name), 0).await;
        }
        let mut dispatchers = JoinSet::new();
        for _ in 0..8 {
            let store = store.shared();
            dispatchers.spawn(async move {
                let (mut mine, mut in_vain) = (Vec::new(), 0);
                while in_vain < 3 {
                    match claim(&*store, 1, 60).await {
                        Some(claim) => mine.push((claim.object_id, claim.token)),
                        None => in_vain += 1,
                    }
                }
                mine
            });
        }
        let mut all = dispatchers.join_all().await.concat();
        while let Some(claim) = claim(&*store, 1, 60).await {
            // Passed over because somebody was about to claim another.
            all.push((claim.object_id, claim.token));
        }
        assert_eq!(all.len(), 20, "every effect, none twice");
        let (objects, tokens): (BTreeSet<_>, BTreeSet<_>) = all.into_iter().unzip();
        assert_eq!((objects.len(), tokens.len()), (20, 20));
    }

    async fn effects_are_left_to_those_who_handle_them(store: TestStore) {
        enqueue(&*store, &effect("in_1", "slack.sale"), 0).await;
        enqueue(&*store, &effect("in_1", "mail.receipt"), 1).await;
        enqueue(&*store, &effect("in_1", "mailing.list"), 2).await;
        assert!(claim_of(&*store, &[], (10, 60)).await.is_none(), "handles nothing");
        let names = ["mail.dunning", "mail.r", "slac", "%", "_ail.receipt", "\"", "?*"];
        assert!(claim_of(&*store, &names, (10, 60)).await.is_none());

        let family = claim_of(&*store, &["sms.x", "mail.*"], (10, 60)).await.unwrap();
        assert_eq!(family.claim.name, "mail.receipt");
        assert!(claim_of(&*store, &["mail.*"], (10, 60)).await.is_none());
        let named = claim_of(&*store, &["mailing.list"], (10, 60)).await.unwrap();
        assert_eq!(named.claim.name, "mailing.list");
        // Nor are leases taken over by who does not handle them.
        assert!(claim_of(&*store, &["sms.*"], (60, 120)).await.is_none());
        let late = claim_of(&*store, &["mail.*"], (60, 120)).await.unwrap();
        assert_eq!((late.claim.name.as_str(), late.claim.attempt), ("mail.receipt", 2));
        let rest = claim_of(&*store, &["s*"], (60, 120)).await.unwrap();
        assert_eq!(rest.claim.name, "slack.sale");
    }

    async fn a_lease_that_ran_out_is_taken_over_and_the_zombie_writes_nothing(store: TestStore) {
        enqueue(&*store, &mail(1), 0).await;
        let first = claim(&*store, 10, 70).await.unwrap();
        assert!(claim(&*store, 69, 129).await.is_none());
        let second = claim(&*store, 70, 130).await.unwrap();
        assert!(second.token > first.token, "tokens only ever grow");
        assert_eq!(second.attempt, 2);

        let lost = |result: Result<(), StoreError>| result.unwrap_err().kind();
        assert_eq!(lost(complete(&*store, &first, 71).await), StoreErrorKind::ClaimLost);
        let dead = give_back(&*store, &first, Verdict::Dead, 71).await;
        assert_eq!(lost(dead), StoreErrorKind::ClaimLost);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(lost(tx.renew_effect(&first, at(500)).await), StoreErrorKind::ClaimLost);
        drop(tx);

        complete(&*store, &second, 72).await.unwrap();
        assert_eq!(lost(complete(&*store, &second, 73).await), StoreErrorKind::ClaimLost);
        let done = summary(&*store).await;
        assert_eq!((done.count(EffectState::Done), done.oldest_open), (1, None));
    }

    async fn a_token_is_never_used_twice_not_even_by_the_inbox(store: TestStore) {
        enqueue(&*store, &mail(1), 0).await;
        receive(&*store, &event(1), 0).await;
        let effect = claim(&*store, 1, 60).await.unwrap().token;
        let event = claim_event(&*store, Wanted::Next, lease(1, 60)).await;
        assert!(event.unwrap().claim.token > effect);
    }

    async fn a_renewed_lease_holds_for_longer(store: TestStore) {
        enqueue(&*store, &mail(1), 0).await;
        let held = claim(&*store, 10, 70).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.renew_effect(&held, at(200)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(claim(&*store, 199, 260).await.is_none());
        complete(&*store, &held, 199).await.unwrap();
    }

    async fn the_longest_due_comes_first_after_what_a_crash_left(store: TestStore) {
        enqueue(&*store, &mail(1), 0).await;
        claim(&*store, 0, 50).await.unwrap();
        // Here the dispatcher dies.
        enqueue(&*store, &mail(4).not_before(at(40)), 1).await;
        enqueue(&*store, &effect("in_3", "slack.sale"), 20).await;
        enqueue(&*store, &mail(2), 10).await;
        enqueue(&*store, &mail(5).not_before(at(101)), 2).await;
        let mut order = Vec::new();
        while let Some(claim) = claim(&*store, 100, 160).await {
            order.push(claim.object_id);
        }
        assert_eq!(order, ["in_1", "in_2", "in_3", "in_4"]);
        assert_eq!(claim(&*store, 101, 160).await.unwrap().object_id, "in_5");
    }

    async fn a_retry_waits_for_its_time_and_remembers_why(store: TestStore) {
        enqueue(&*store, &mail(1), 0).await;
        let held = claim(&*store, 0, 60).await.unwrap();
        give_back(&*store, &held, Verdict::RetryAt(at(100)), 1).await.unwrap();
        enqueue(&*store, &mail(2), 50).await;
        let other = claim(&*store, 99, 160).await.unwrap();
        assert_eq!(other.object_id, "in_2", "it holds up nobody");
        assert!(claim(&*store, 99, 160).await.is_none());

        let waiting = EffectSelection { state: Some(EffectState::Retry), ..EffectSelection::default() };
        let found = effects(&*store, &waiting).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].last_error.as_deref(), Some("the post office is closed"));
        assert_eq!((found[0].attempts, found[0].next_at, found[0].done_at), (1, at(100), None));

        let again = claim(&*store, 100, 160).await.unwrap();
        assert_eq!((again.object_id.as_str(), again.attempt), ("in_1", 2));
        complete(&*store, &again, 101).await.unwrap();
        let done = EffectSelection { state: Some(EffectState::Done), ..EffectSelection::default() };
        let found = effects(&*store, &done).await;
        assert_eq!((found[0].last_error.as_deref(), found[0].done_at), (None, Some(at(101))));
    }

    async fn the_dead_rest_until_they_are_revived_and_nothing_else_is(store: TestStore) {
        for number in 1..=3 {
            enqueue(&*store, &mail(number), i64::from(number)).await;
        }
        let dies = claim(&*store, 10, 70).await.unwrap();
        give_back(&*store, &dies, Verdict::Dead, 11).await.unwrap();
        let done = claim(&*store, 10, 70).await.unwrap();
        complete(&*store, &done, 12).await.unwrap();
        let state = summary(&*store).await;
        assert_eq!(
            state.counts,
            [(EffectState::Waiting, 1), (EffectState::Done, 1), (EffectState::Dead, 1)]
        );
        assert_eq!(state.oldest_open, Some(at(3)));
        let dead = EffectSelection { state: Some(EffectState::Dead), ..EffectSelection::default() };
        assert_eq!(effects(&*store, &dead).await[0].done_at, Some(at(11)));

        let mut tx = store.begin().await.unwrap();
        for miss in [
            EffectSelection { object_id: Some("in_2".to_owned()), ..EffectSelection::default() },
            EffectSelection { name: Some("slack.sale".to_owned()), ..EffectSelection::default() },
            EffectSelection { state: Some(EffectState::Done), ..EffectSelection::default() },
        ] {
            assert_eq!(tx.revive_effects(&miss, at(20)).await.unwrap(), 0, "{miss:?}");
        }
        let all = EffectSelection::default();
        assert_eq!(tx.revive_effects(&all, at(20)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let objects: Vec<_> = effects(&*store, &all).await.into_iter().map(|e| e.object_id).collect();
        assert_eq!(objects, ["in_3", "in_2", "in_1"], "the last asked for comes first");
        assert_eq!(claim(&*store, 30, 90).await.unwrap().object_id, "in_3");
        let revived = claim(&*store, 30, 90).await.unwrap();
        assert_eq!((revived.object_id.as_str(), revived.attempt), ("in_1", 1));
    }
}
