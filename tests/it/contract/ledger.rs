//! Posting once, and what the databases themselves refuse.

use sqlx::Executor;
use stripegym_core::ledger::{Account, Posting, PostingKey, Transaction};
use stripegym_core::store::{AccountBalance, StoreErrorKind};
use stripegym_core::{Amount, Currency, Store};
use stripegym_sqlx::{Database, SqlTx};
use stripegym_tests::{TestDb, TestStore, databases, stores};

use super::at;

fn sale(object: &str, minor: i64) -> Transaction {
    let amount = Amount::new(minor, Currency::JPY);
    let key = PostingKey {
        rule: "checkout_paid",
        object_id: object.to_owned(),
    };
    let lines = vec![
        Posting::debit(Account::StripeClearing, amount).matching(object),
        Posting::credit(Account::Sales, amount).unwrap(),
    ];
    Transaction::new(key, 7, Some("cus_1".parse().unwrap()), lines).unwrap()
}

async fn post(store: &dyn Store, entry: &Transaction) {
    let mut tx = store.begin().await.unwrap();
    tx.post(entry, at(0)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn balances(store: &dyn Store) -> Vec<(Account, i64)> {
    let all = store.read().await.unwrap().trial_balance().await.unwrap();
    all.iter()
        .map(|AccountBalance { account, balance }| (*account, balance.minor()))
        .collect()
}

stores! {
    async fn a_fact_told_twice_posts_once(store: TestStore) {
        post(&*store, &sale("pi_1", 4980)).await;
        post(&*store, &sale("pi_1", 4980)).await;
        post(&*store, &sale("pi_2", 20)).await;
        let mut found = balances(&*store).await;
        found.sort();
        assert_eq!(found, [(Account::StripeClearing, 5000), (Account::Sales, -5000)]);
    }

    async fn the_same_key_with_another_amount_is_refused(store: TestStore) {
        post(&*store, &sale("pi_1", 4980)).await;
        let mut tx = store.begin().await.unwrap();
        let error = tx.post(&sale("pi_1", 4981), at(0)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::PostingConflict);
        drop(tx);
        assert!(balances(&*store).await.contains(&(Account::Sales, -4980)));
    }

    async fn many_at_once_post_one_fact_once(store: TestStore) {
        let mut tellers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let store = store.shared();
            tellers.spawn(async move { post(&*store, &sale("pi_1", 4980)).await });
        }
        tellers.join_all().await;
        assert!(balances(&*store).await.contains(&(Account::Sales, -4980)));
    }

    async fn the_largest_amount_fits_and_comes_back(store: TestStore) {
        post(&*store, &sale("pi_1", i64::MAX)).await;
        assert!(balances(&*store).await.contains(&(Account::Sales, -i64::MAX)));
    }
}

/// Runs a statement behind the library's back; `true` if the database took it.
async fn statement(store: &TestStore, sql: &'static str) -> bool {
    let mut tx = store.begin().await.unwrap();
    let ran = match store.database().unwrap() {
        Database::Postgres(_) => tx.postgres().unwrap().execute(sql).await.map(|_| ()),
        Database::Sqlite(_) => tx.sqlite().unwrap().execute(sql).await.map(|_| ()),
        other => panic!("an unknown database: {other:?}"),
    };
    ran.is_ok() && tx.commit().await.is_ok()
}

databases! {
    async fn history_cannot_be_changed_even_behind_the_librarys_back(db: TestDb) {
        let store = TestStore::on(db).await;
        post(&*store, &sale("pi_1", 4980)).await;
        for attempt in [
            "UPDATE stripegym_ledger_postings SET amount = amount * 2",
            "DELETE FROM stripegym_ledger_postings",
            "UPDATE stripegym_ledger_transactions SET object_id = 'pi_9'",
            "DELETE FROM stripegym_ledger_transactions",
            "INSERT INTO stripegym_ledger_postings (transaction_id, line, account, currency, amount)
             VALUES (1, 9, 'sales', 'jpy', 0)",
            "INSERT INTO stripegym_ledger_postings (transaction_id, line, account, currency, amount)
             VALUES (999, 0, 'sales', 'jpy', 5)",
        ] {
            assert!(!statement(&store, attempt).await, "{attempt}");
        }
        assert!(balances(&*store).await.contains(&(Account::Sales, -4980)));
    }
}

#[tokio::test]
async fn postgresql_refuses_to_truncate_or_to_commit_what_does_not_balance() {
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let store = TestStore::on(db).await;
    post(&*store, &sale("pi_1", 4980)).await;
    for attempt in [
        "TRUNCATE stripegym_ledger_postings",
        "INSERT INTO stripegym_ledger_postings (transaction_id, line, account, currency, amount)
         VALUES (1, 9, 'sales', 'jpy', 5)",
    ] {
        assert!(!statement(&store, attempt).await, "{attempt}");
    }
}
