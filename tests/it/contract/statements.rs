//! What the ledger answers.

use stripegym_core::ledger::{Account, Posting, PostingKey, Transaction};
use stripegym_core::store::{
    OPEN_CLEARING_MAX, OpenClearing, PostedTransaction, StatementLine, StoreErrorKind,
    TransactionCursor,
};
use stripegym_core::{Amount, Currency, Store};
use stripegym_tests::stores;

use super::at;

fn yen(minor: i64) -> Amount {
    Amount::new(minor, Currency::JPY)
}

/// `amount` on clearing against `other`.
fn entry(
    (rule, object): (&'static str, &str),
    occurred_at: i64,
    amount: Amount,
    (other, match_ref): (Account, &str),
) -> Transaction {
    let key = PostingKey {
        rule,
        object_id: object.to_owned(),
    };
    let lines = vec![
        Posting::debit(Account::StripeClearing, amount).matching(match_ref),
        Posting::credit(other, amount).unwrap(),
    ];
    let customer = format!("cus_{match_ref}").parse().unwrap();
    Transaction::new(key, occurred_at, Some(customer), lines).unwrap()
}

fn sale(payment_intent: &str, occurred_at: i64, amount: Amount) -> Transaction {
    let key = ("checkout_paid", payment_intent);
    entry(key, occurred_at, amount, (Account::Sales, payment_intent))
}

/// Stripe's balance takes what was on clearing.
fn settled(id: &str, payment_intent: &str, occurred_at: i64, amount: Amount) -> Transaction {
    let key = ("balance_transaction", id);
    let amount = amount.checked_neg().unwrap();
    entry(
        key,
        occurred_at,
        amount,
        (Account::StripeBalance, payment_intent),
    )
}

fn refund(id: &str, payment_intent: &str, occurred_at: i64, amount: Amount) -> Transaction {
    let amount = amount.checked_neg().unwrap();
    entry(
        ("refund", id),
        occurred_at,
        amount,
        (Account::Refunds, payment_intent),
    )
}

async fn post(store: &dyn Store, entries: &[Transaction]) {
    for entry in entries {
        let mut tx = store.begin().await.unwrap();
        tx.post(entry, at(0)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Every page of a statement.
async fn statement(store: &dyn Store, account: Account, page: u32) -> Vec<StatementLine> {
    let mut lines: Vec<StatementLine> = Vec::new();
    loop {
        let mut read = store.read().await.unwrap();
        let cursor = lines.last().map(|line| line.cursor);
        let next = read.statement(account, Currency::JPY, cursor, page).await;
        let next = next.unwrap();
        if next.is_empty() {
            return lines;
        }
        assert!(next.len() <= usize::try_from(page).unwrap());
        lines.extend(next);
    }
}

async fn theirs(
    store: &dyn Store,
    customer: &str,
    cursor: Option<TransactionCursor>,
    limit: u32,
) -> Vec<PostedTransaction> {
    let customer = customer.parse().unwrap();
    let mut read = store.read().await.unwrap();
    read.customer_statement(&customer, cursor, limit)
        .await
        .unwrap()
}

async fn open(store: &dyn Store) -> Vec<(String, Amount, i64)> {
    let open = store.read().await.unwrap().open_clearing(100).await;
    let item = |item: OpenClearing| (item.match_ref.unwrap_or_default(), item.amount, item.since);
    open.unwrap().into_iter().map(item).collect()
}

fn of(match_ref: &str, amount: Amount, since: i64) -> (String, Amount, i64) {
    (match_ref.to_owned(), amount, since)
}

stores! {
    async fn a_statement_tells_an_accounts_lines_newest_first(store: TestStore) {
        let sales = [sale("pi_1", 7, yen(4980)), sale("pi_2", 5, yen(20))];
        post(&*store, &sales).await;
        post(&*store, &[sale("pi_3", 9, Amount::new(1999, Currency::USD))]).await;
        post(&*store, &[settled("txn_1", "pi_1", 8, yen(4980))]).await;
        let lines = statement(&*store, Account::StripeClearing, 10).await;
        let told: Vec<_> = lines
            .iter()
            .map(|line| (&*line.rule, &*line.object_id, line.amount.minor()))
            .collect();
        assert_eq!(told, [
            ("balance_transaction", "txn_1", -4980),
            ("checkout_paid", "pi_2", 20),
            ("checkout_paid", "pi_1", 4980),
        ]);
        assert_eq!(lines[1].occurred_at, 5, "posted later, though it happened earlier");
        assert_eq!(lines[0].match_ref.as_deref(), Some("pi_1"));
        assert_eq!(lines[0].customer.as_ref().unwrap().as_str(), "cus_pi_1");
        assert!(statement(&*store, Account::Bank, 10).await.is_empty());
    }

    async fn pages_of_a_statement_join_even_within_a_transaction(store: TestStore) {
        for number in 0..5 {
            let key = PostingKey { rule: "invoice_paid", object_id: format!("in_{number}") };
            let lines = vec![
                Posting::debit(Account::StripeClearing, yen(100 + number)).matching("pi_a"),
                Posting::debit(Account::StripeClearing, yen(200 + number)).matching("pi_b"),
                Posting::credit(Account::Sales, yen(300 + 2 * number)).unwrap(),
            ];
            post(&*store, &[Transaction::new(key, 7, None, lines).unwrap()]).await;
        }
        let whole = statement(&*store, Account::StripeClearing, 100).await;
        let amounts: Vec<_> = whole.iter().map(|line| line.amount.minor()).collect();
        assert_eq!(amounts, [204, 104, 203, 103, 202, 102, 201, 101, 200, 100]);
        for page in 1..4 {
            assert_eq!(statement(&*store, Account::StripeClearing, page).await, whole);
        }
        let cursors: Vec<_> = whole.iter().map(|line| line.cursor).collect();
        assert!(cursors.is_sorted_by(|left, right| left > right));
    }

    async fn a_customer_sees_their_transactions_whole_and_nobody_elses(store: TestStore) {
        post(&*store, &[
            sale("pi_1", 5, yen(4980)),
            sale("pi_2", 6, yen(20)),
            settled("txn_1", "pi_1", 7, yen(4980)),
            refund("re_1", "pi_1", 8, yen(980)),
        ]).await;
        let all = theirs(&*store, "cus_pi_1", None, 10).await;
        let told: Vec<_> = all.iter().map(|t| (&*t.rule, &*t.object_id, t.occurred_at)).collect();
        assert_eq!(told, [
            ("refund", "re_1", 8),
            ("balance_transaction", "txn_1", 7),
            ("checkout_paid", "pi_1", 5),
        ]);
        assert_eq!(all[2].postings, sale("pi_1", 5, yen(4980)).postings());
        let first = theirs(&*store, "cus_pi_1", None, 2).await;
        let rest = theirs(&*store, "cus_pi_1", Some(first[1].cursor), 2).await;
        assert_eq!([first, rest].concat(), all);
        assert!(theirs(&*store, "cus_nobody", None, 10).await.is_empty());
    }

    async fn what_has_not_drained_stands_open_the_oldest_first(store: TestStore) {
        let dollars = Amount::new(1999, Currency::USD);
        post(&*store, &[
            sale("pi_drained", 1, yen(4980)),
            settled("txn_1", "pi_drained", 2, yen(4980)),
            sale("pi_new", 9, yen(300)),
            sale("pi_old", 3, dollars),
            settled("txn_untold", "pi_untold", 6, yen(50)),
        ]).await;
        assert_eq!(open(&*store).await, [
            of("pi_old", dollars, 3),
            of("pi_untold", yen(-50), 6),
            of("pi_new", yen(300), 9),
        ]);
        let first = store.read().await.unwrap().open_clearing(1).await.unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].match_ref.as_deref(), Some("pi_old"));
    }

    async fn a_refund_of_an_old_purchase_is_open_since_the_refund(store: TestStore) {
        post(&*store, &[
            // Told of after it was settled, though it happened in the same second.
            settled("txn_1", "pi_1", 100, yen(4980)),
            sale("pi_1", 100, yen(4980)),
            refund("re_2", "pi_1", 900, yen(80)),
            refund("re_1", "pi_1", 800, yen(900)),
        ]).await;
        assert_eq!(open(&*store).await, [of("pi_1", yen(-980), 800)]);
        post(&*store, &[settled("txn_2", "pi_1", 801, yen(-900))]).await;
        assert_eq!(open(&*store).await, [of("pi_1", yen(-80), 900)]);
        post(&*store, &[settled("txn_3", "pi_1", 901, yen(-80))]).await;
        assert_eq!(open(&*store).await, []);
    }

    async fn of_very_many_open_payments_the_first_thousand_are_told(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        for number in 0..=OPEN_CLEARING_MAX {
            let sale = sale(&format!("pi_{number}"), 5_000 - i64::from(number), yen(300));
            tx.post(&sale, at(0)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let open = store.read().await.unwrap().open_clearing(2 * OPEN_CLEARING_MAX).await.unwrap();
        assert_eq!(open.len(), 1000);
        assert_eq!(open[0].match_ref.as_deref(), Some("pi_999"), "the longest open");
        assert_eq!(open[999].match_ref.as_deref(), Some("pi_0"));
    }

    async fn a_line_that_nothing_matches_is_open_too(store: TestStore) {
        let key = PostingKey { rule: "by_hand", object_id: "correction_1".to_owned() };
        let lines = vec![
            Posting::debit(Account::StripeClearing, yen(7)),
            Posting::credit(Account::Sales, yen(7)).unwrap(),
        ];
        let correction = Transaction::new(key, 4, None, lines).unwrap();
        post(&*store, &[sale("pi_1", 4, yen(30)), correction]).await;
        assert_eq!(open(&*store).await, [of("", yen(7), 4), of("pi_1", yen(30), 4)]);
    }

    async fn within_a_transaction_one_can_ask_what_is_posted(store: TestStore) {
        post(&*store, &[sale("pi_1", 5, yen(4980))]).await;
        let mut tx = store.begin().await.unwrap();
        tx.post(&sale("pi_2", 5, yen(20)), at(0)).await.unwrap();
        for (rule, object, posted) in [
            ("checkout_paid", "pi_1", true),
            ("checkout_paid", "pi_2", true),
            ("refund", "pi_1", false),
            ("checkout_paid", "pi_3", false),
        ] {
            assert_eq!(tx.is_posted(rule, object).await.unwrap(), posted, "{rule} {object}");
        }
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.is_posted("checkout_paid", "pi_2").await.unwrap(), "it never happened");
    }

    async fn a_balance_that_does_not_fit_is_an_error_that_says_so(store: TestStore) {
        post(&*store, &[sale("pi_1", 5, yen(i64::MAX)), sale("pi_2", 5, yen(1))]).await;
        let mut read = store.read().await.unwrap();
        let error = read.trial_balance().await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Overflow);
        assert_eq!(error.to_string(), "a sum does not fit 64 bits");
        assert!(!error.is_retryable());
        let mut read = store.read().await.unwrap();
        assert_eq!(read.open_clearing(10).await.unwrap().len(), 2, "each of them fits");
        post(&*store, &[refund("re_1", "pi_1", 6, yen(-1))]).await;
        let mut read = store.read().await.unwrap();
        let error = read.open_clearing(10).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Overflow);
    }
}
