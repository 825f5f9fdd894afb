//! In the end everything is as Stripe has it.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use stripegym_core::balance::RetrieveBalance;
use stripegym_core::ledger::Account;
use stripegym_core::object::{Object, View};
use stripegym_core::projection::project;
use stripegym_core::reconcile::{Reconciler, Run, Sweep};
use stripegym_core::store::{EffectState, EventSelection, InboxState, ObjectKind, Store};
use stripegym_core::{Client, Currency, Processor};
use stripegym_sandbox::Sandbox;
use stripegym_sqlx::Database;
use stripegym_tests::TestDb;

use super::house::{House, Plan};
use super::stripe::Shop;

/// The library's tables, and one of our own that takes the same event twice.
pub(super) async fn prepare(db: &TestDb) {
    let database = Database::connect(db.url()).await.unwrap();
    database.migrate().await.unwrap();
    database.close().await;
    let create = "CREATE TABLE chaos_notes (event TEXT NOT NULL)";
    if db.is_sqlite() {
        let mut connection = SqliteConnection::connect(db.url()).await.unwrap();
        connection.execute(create).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(db.url()).await.unwrap();
        connection.execute(create).await.unwrap();
        connection.close().await.unwrap();
    }
}

pub(super) async fn check(house: &House, shop: &Shop, plan: &Plan, told: &BTreeSet<String>) {
    let process = house.process(0).await;
    let store = process.processor.store().as_ref();
    reconciled(&process.processor, &plan.stripe).await;
    house.come_to_rest().await;

    inbox(store, told).await;
    assert!(
        rows(store, &shop.sandbox).await > 20,
        "hardly a row was compared"
    );
    books(store, shop).await;
    let notes = house.notes().await;
    let twice: Vec<_> = notes.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "not exactly once: {twice:?}");
    let noted: BTreeSet<_> = notes.into_keys().collect();
    let missing: Vec<_> = told.difference(&noted).collect();
    assert!(
        missing.is_empty(),
        "acknowledged, and without effect: {missing:?}"
    );
    assert_eq!(plan.mailbox.arrived(), noted, "every mail arrived");
}

/// What was missed is found, and then there is nothing more to find.
pub(crate) async fn reconciled(processor: &Processor, stripe: &Client) {
    let reconciler = Reconciler::new(processor, stripe.clone());
    let always = Run {
        sweep: Sweep::Always,
        ..Run::default()
    };
    let report = reconciler.run(always).await.unwrap();
    assert!(report.unbooked.is_empty(), "{report}");
    let again = reconciler.run(always).await.unwrap();
    assert!(again.is_clean(), "{again}");
}

/// Everything that was acknowledged is there, and done.
async fn inbox(store: &dyn Store, told: &BTreeSet<String>) {
    let mut read = store.read().await.unwrap();
    let events = read
        .events(&EventSelection::default(), 10_000)
        .await
        .unwrap();
    let off: Vec<_> = events
        .iter()
        .filter(|event| event.state != InboxState::Done)
        .map(|event| (event, event.last_error.as_deref()))
        .collect();
    assert!(off.is_empty(), "not done: {off:?}");
    let stored: BTreeSet<_> = events.into_iter().map(|event| event.key.event_id).collect();
    let lost: Vec<_> = told.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let outbox = read.outbox_summary().await.unwrap();
    assert_eq!(outbox.count(EffectState::Dead), 0);
    assert_eq!(outbox.count(EffectState::Done), stored.len() as u64);
}

/// Every row is what Stripe's object of its id says, and nothing is missing or
/// left over. Answers how many there are.
pub(crate) async fn rows(store: &dyn Store, sandbox: &Sandbox) -> usize {
    let mut should_be = BTreeMap::new();
    for event in sandbox.events() {
        let object = &event["data"]["object"];
        let kind = object["object"].as_str().and_then(ObjectKind::from_stripe);
        let Some((kind, id)) = kind.zip(object["id"].as_str()) else {
            continue;
        };
        let now = sandbox.object(id).filter(|now| now["deleted"] != true);
        if let Some(now) = now.filter(|_| event["type"] != "invoice.upcoming") {
            let now = Object::from_slice(now.to_string().as_bytes()).unwrap();
            should_be.insert(id.to_owned(), project(kind, &now, false).unwrap());
        }
    }
    let mut read = store.read().await.unwrap();
    let mut are = BTreeMap::new();
    for kind in ObjectKind::ALL {
        for row in read.rows(*kind, None, 10_000).await.unwrap() {
            are.insert(row.id().to_owned(), row);
        }
    }
    for (id, row) in &should_be {
        assert_eq!(are.get(id), Some(row), "{id}");
    }
    let known: Vec<_> = should_be.keys().collect();
    assert_eq!(are.keys().collect::<Vec<_>>(), known);
    known.len()
}

pub(crate) async fn books(store: &dyn Store, shop: &Shop) {
    let mut read = store.read().await.unwrap();
    assert_eq!(read.unbalanced().await.unwrap(), Vec::new());
    let lines = read.trial_balance().await.unwrap();
    assert!(
        lines
            .iter()
            .all(|line| line.balance.currency() == Currency::JPY)
    );
    let of = |account| {
        let lines = lines.iter().filter(|line| line.account == account);
        lines.map(|line| line.balance.minor()).sum::<i64>()
    };
    assert_eq!(
        lines.iter().map(|line| line.balance.minor()).sum::<i64>(),
        0
    );
    assert_eq!(of(Account::StripeClearing), 0, "clearing has drained");
    assert_eq!(of(Account::StripeBalance), balance(&shop.stripe).await);
    assert_eq!(-of(Account::Sales), sold(shop));
    assert_eq!(of(Account::Refunds), given_back(shop));
}

async fn balance(stripe: &Client) -> i64 {
    let balance = RetrieveBalance::new().send(stripe).await.unwrap();
    let parts = [balance.available().unwrap(), balance.pending().unwrap()].concat();
    parts.iter().map(|part| part.amount().unwrap()).sum()
}

/// What was paid, by invoices and by sessions.
fn sold(shop: &Shop) -> i64 {
    let ids: BTreeSet<_> = shop.told_of("invoice.paid").into_iter().collect();
    let paid = ids.iter().map(|id| shop.sandbox.object(id).unwrap());
    let invoices: i64 = paid
        .map(|invoice| invoice["amount_paid"].as_i64().unwrap())
        .sum();
    let ids: BTreeSet<_> = shop
        .told_of("checkout.session.completed")
        .into_iter()
        .collect();
    let paid = ids.iter().map(|id| shop.sandbox.object(id).unwrap());
    invoices
        + paid
            .map(|session| session["amount_total"].as_i64().unwrap())
            .sum::<i64>()
}

fn given_back(shop: &Shop) -> i64 {
    let ids: BTreeSet<_> = shop.told_of("refund.created").into_iter().collect();
    let refunds = ids.iter().map(|id| shop.sandbox.object(id).unwrap());
    let refunds = refunds.filter(|refund| refund["status"] == "succeeded");
    refunds
        .map(|refund| refund["amount"].as_i64().unwrap())
        .sum()
}
