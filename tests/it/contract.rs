//! What every store must do: one suite over memory, SQLite and PostgreSQL.

mod inbox;
mod journal;
mod ledger;
mod objects;
mod operator;
mod outbox;
mod retention;
mod statements;
mod transactions;

use stripegym_core::store::{Claimed, Lease, Wanted};
use stripegym_core::{Event, Store, Timestamp};
use stripegym_tests::{Sender, paid_session};

/// An event as the processor would have it.
fn event(number: u32) -> Event {
    Sender::new("whsec_contract")
        .verified(&paid_session(number))
        .parse()
        .unwrap()
}

/// An event of another session's object.
fn event_about(number: u32, object: u32) -> Event {
    let mut json = paid_session(number);
    json["data"]["object"]["id"] = format!("cs_test_{object}").into();
    Sender::new("whsec_contract")
        .verified(&json)
        .parse()
        .unwrap()
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

fn lease(now: i64, until: i64) -> Lease {
    Lease {
        now: at(now),
        until: at(until),
    }
}

async fn receive(store: &dyn Store, event: &Event, now: i64) {
    let mut tx = store.begin().await.unwrap();
    tx.receive(event, at(now)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(store: &dyn Store, wanted: Wanted<'_>, lease: Lease) -> Option<Claimed> {
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim(wanted, lease).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}
