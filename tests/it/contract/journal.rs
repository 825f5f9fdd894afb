//! The journal of outgoing calls.

use stripegym_core::store::{CallKey, CallState, FrozenCall, JournalEntry, Settlement};
use stripegym_tests::stores;

use super::at;

fn call(generation: u32) -> FrozenCall {
    FrozenCall {
        key: CallKey::new("customer:41").unwrap(),
        generation,
        idempotency_key: format!("key-{generation}"),
        method: "POST".to_owned(),
        path: "/v1/customers".to_owned(),
        body: "name=%E8%8A%B1".to_owned(),
        api_version: "2026-10-28.endive".to_owned(),
        account: Some("acct_1".to_owned()),
    }
}

fn ok(object_id: &str) -> Settlement {
    Settlement::Ok {
        object_id: object_id.to_owned(),
    }
}

fn unknown() -> Settlement {
    Settlement::Unknown {
        reason: "no answer".to_owned(),
    }
}

/// Does something to the journal and answers with what stands then.
macro_rules! journal {
    ($store:ident, |$tx:ident| $work:expr) => {{
        let mut $tx = $store.begin().await.unwrap();
        $work.await.unwrap();
        let entry: JournalEntry = $tx.plan_call(&call(1), at(0)).await.unwrap();
        $tx.commit().await.unwrap();
        entry
    }};
}

stores! {
    async fn a_call_is_written_down_once_and_reads_back_as_it_was_frozen(store: TestStore) {
        let first = journal!(store, |tx| tx.plan_call(&call(1), at(5)));
        assert_eq!(first.call, call(1));
        assert_eq!((first.state, first.planned_at), (CallState::Planned, at(5)));
        assert_eq!((first.first_sent_at, first.object_id), (None, None));

        let mut other = call(1);
        other.body = "name=other".to_owned();
        other.idempotency_key = "another".to_owned();
        let second = journal!(store, |tx| tx.plan_call(&other, at(9)));
        assert_eq!(second.call, call(1), "the first plan stands");
    }

    async fn the_first_sending_is_remembered_over_all_tries(store: TestStore) {
        journal!(store, |tx| tx.plan_call(&call(1), at(0)));
        journal!(store, |tx| tx.note_call_sent(&call(1), at(10)));
        let entry = journal!(store, |tx| tx.note_call_sent(&call(1), at(20)));
        assert_eq!((entry.state, entry.first_sent_at), (CallState::Sent, Some(at(10))));
    }

    async fn a_success_is_for_good(store: TestStore) {
        journal!(store, |tx| tx.plan_call(&call(1), at(0)));
        journal!(store, |tx| tx.note_call_sent(&call(1), at(1)));
        journal!(store, |tx| tx.settle_call(&call(1), &ok("cus_1"), at(2)));
        journal!(store, |tx| tx.settle_call(&call(1), &unknown(), at(3)));
        journal!(store, |tx| tx.note_call_sent(&call(1), at(4)));
        let entry = journal!(store, |tx| tx.replan_call(&call(2), at(5)));
        assert_eq!((entry.state, entry.call), (CallState::Ok, call(1)));
        assert_eq!(entry.object_id.as_deref(), Some("cus_1"));
    }

    async fn of_two_who_plan_anew_one_wins_and_the_old_generation_is_deaf(store: TestStore) {
        journal!(store, |tx| tx.plan_call(&call(1), at(0)));
        journal!(store, |tx| tx.note_call_sent(&call(1), at(1)));
        journal!(store, |tx| tx.settle_call(&call(1), &unknown(), at(2)));
        let mut rival = call(2);
        rival.idempotency_key = "rival".to_owned();
        journal!(store, |tx| tx.replan_call(&call(2), at(3)));
        let entry = journal!(store, |tx| tx.replan_call(&rival, at(4)));
        assert_eq!(entry.call.idempotency_key, "key-2");
        assert_eq!((entry.state, entry.first_sent_at), (CallState::Planned, None));

        journal!(store, |tx| tx.note_call_sent(&call(1), at(5)));
        let entry = journal!(store, |tx| tx.settle_call(&call(1), &ok("cus_old"), at(6)));
        assert_eq!((entry.state, entry.object_id), (CallState::Planned, None));
    }

    async fn a_plan_that_was_not_committed_was_never_made(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        tx.plan_call(&call(1), at(5)).await.unwrap();
        drop(tx);
        let entry = journal!(store, |tx| tx.plan_call(&call(1), at(9)));
        assert_eq!(entry.planned_at, at(9));
    }
}
