//! The rules together: in any order, told any number of times.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use super::*;
use crate::money::Currency;
use crate::object::View;

/// An object with some fields changed.
pub(super) fn view<T: View>(mut json: Value, changes: &Value) -> T {
    for (key, value) in changes.as_object().unwrap() {
        json[key] = value.clone();
    }
    match json {
        Value::Object(map) => T::from_object(map),
        other => panic!("not an object: {other}"),
    }
}

/// Accounts and minor units, line by line.
pub(super) fn lines(booked: Option<&Transaction>) -> Vec<(&'static str, i64)> {
    let line = |posting: &Posting| (posting.account.as_str(), posting.amount.minor());
    booked
        .map(|transaction| transaction.postings().iter().map(line).collect())
        .unwrap_or_default()
}

/// Something that Stripe told, some time.
#[derive(Debug, Clone)]
enum Fact {
    Session(Value),
    Intent(Value),
    Invoice(Value, Vec<Value>),
    Refund(Value),
    Balance(Value),
}

impl Fact {
    fn booked(&self, told_at: i64) -> Vec<Transaction> {
        let none = json!({});
        match self {
            Self::Session(json) => {
                let booked = checkout_paid(&view(json.clone(), &none), told_at);
                booked.unwrap().into_iter().collect()
            }
            Self::Intent(json) => {
                let booked = payment_captured(&view(json.clone(), &none), told_at);
                booked.unwrap().into_iter().collect()
            }
            Self::Invoice(json, payments) => {
                let payments: Vec<_> = payments.iter().map(|p| view(p.clone(), &none)).collect();
                let known = KnownPayments::Some(&payments);
                match invoice_paid(&view(json.clone(), &none), known, told_at) {
                    Err(RuleError::PaymentsIncomplete { .. }) => Vec::new(),
                    booked => booked.unwrap().into_iter().collect(),
                }
            }
            Self::Refund(json) => refund(&view(json.clone(), &none), told_at).unwrap(),
            Self::Balance(json) => {
                let transaction = view(json.clone(), &none);
                let source = BalanceSource::of(&transaction).unwrap();
                let booked = balance_transaction(&transaction, &source);
                booked.unwrap().into_iter().collect()
            }
        }
    }
}

/// The ledger that a telling of facts makes, as a store would keep it.
#[derive(Debug, Default)]
struct Books(BTreeMap<PostingKey, Transaction>);

impl Books {
    fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut books = Self::default();
        for (told_at, fact) in (0..).zip(facts) {
            for entry in fact.booked(told_at) {
                let stands = books.0.entry(entry.key().clone());
                let stands = stands.or_insert_with(|| entry.clone());
                assert_eq!(stands.postings(), entry.postings(), "one key, one booking");
            }
        }
        books
    }

    fn sums<K: Ord>(&self, key: impl Fn(&Posting) -> Option<K>) -> BTreeMap<K, i64> {
        let mut sums = BTreeMap::new();
        for posting in self.0.values().flat_map(Transaction::postings) {
            if let Some(key) = key(posting) {
                *sums.entry(key).or_default() += posting.amount.minor();
            }
        }
        sums
    }

    fn trial_balance(&self) -> BTreeMap<(Account, Currency), i64> {
        self.sums(|posting| Some((posting.account, posting.amount.currency())))
    }

    /// What has not drained from clearing.
    fn open(&self) -> Vec<(String, i64)> {
        let on_clearing = |posting: &Posting| {
            let on_clearing = posting.account == Account::StripeClearing;
            on_clearing.then(|| posting.match_ref.clone().unwrap())
        };
        let mut open: Vec<_> = self.sums(on_clearing).into_iter().collect();
        open.retain(|(_, sum)| *sum != 0);
        open
    }
}

fn fee_of(amount: i64) -> i64 {
    amount / 28
}

fn charge(number: u32, amount: i64, currency: &str) -> Value {
    json!({
        "id": format!("ch_{number}"), "object": "charge", "amount": amount,
        "amount_captured": amount, "currency": currency,
        "payment_intent": format!("pi_{number}"), "customer": "cus_1",
    })
}

fn settled(id: &str, kind: &str, (amount, fee): (i64, i64), source: &Value) -> Fact {
    Fact::Balance(json!({
        "id": format!("txn_{id}"), "object": "balance_transaction", "type": kind, "created": 5,
        "amount": amount, "fee": fee, "net": amount - fee, "currency": "jpy", "source": source,
    }))
}

/// What Stripe tells of one purchase from the order to the last refund.
fn purchase(number: u32, amount: i64, tax: i64, currency: &str) -> Vec<Fact> {
    let session = json!({
        "id": format!("cs_{number}"), "mode": "payment", "payment_status": "paid",
        "currency": currency, "amount_total": amount, "total_details": { "amount_tax": tax },
        "payment_intent": format!("pi_{number}"), "customer": "cus_1",
    });
    let mut unpaid = session.clone();
    unpaid["payment_status"] = "unpaid".into();
    vec![
        Fact::Session(unpaid),
        Fact::Session(session),
        settled(
            &format!("charge_{number}"),
            "charge",
            // Yen for yen, or cents for yen: the rate is of no matter here.
            (amount, fee_of(amount)),
            &charge(number, amount, currency),
        ),
    ]
}

/// The same with money that was set aside and captured later.
fn captured(number: u32, amount: i64) -> Vec<Fact> {
    let intent = json!({
        "id": format!("pi_{number}"), "capture_method": "manual", "status": "succeeded",
        "amount": amount + 100, "amount_received": amount, "currency": "jpy",
    });
    let mut held = intent.clone();
    held["status"] = "requires_capture".into();
    let settled = settled(
        &format!("charge_{number}"),
        "charge",
        (amount, fee_of(amount)),
        &charge(number, amount, "jpy"),
    );
    vec![Fact::Intent(held), Fact::Intent(intent), settled]
}

/// An invoice that is told of before its payments are known, too.
fn invoice(number: u32, amount: i64, credit: i64) -> Vec<Fact> {
    let json = json!({
        "id": format!("in_{number}"), "status": "paid", "currency": "jpy", "customer": "cus_1",
        "total": amount + credit, "amount_paid": amount, "starting_balance": -credit,
        "ending_balance": 0, "total_taxes": [],
    });
    let payment = json!({
        "id": format!("inpay_{number}"), "invoice": format!("in_{number}"), "status": "paid",
        "amount_paid": amount, "currency": "jpy",
        "payment": { "type": "payment_intent", "payment_intent": format!("pi_{number}") },
    });
    let settled = settled(
        &format!("charge_{number}"),
        "charge",
        (amount, fee_of(amount)),
        &charge(number, amount, "jpy"),
    );
    vec![
        Fact::Invoice(json.clone(), vec![]),
        Fact::Invoice(json.clone(), vec![payment.clone()]),
        Fact::Invoice(json, vec![payment.clone(), payment]),
        settled,
    ]
}

/// A refund that ends with `status`, and what it did to the balance.
fn refunded(number: u32, amount: i64, currency: &str, fails: bool) -> Vec<Fact> {
    let mut json = json!({
        "id": format!("re_{number}"), "object": "refund", "status": "pending", "created": 5,
        "amount": amount, "currency": currency, "charge": format!("ch_{number}"),
        "payment_intent": format!("pi_{number}"), "balance_transaction": "txn_refund",
    });
    let mut facts = vec![Fact::Refund(json.clone())];
    json["status"] = "succeeded".into();
    facts.push(Fact::Refund(json.clone()));
    let id = format!("refund_{number}");
    facts.push(settled(&id, "refund", (-amount, 0), &json));
    if fails {
        json["status"] = "failed".into();
        facts.push(Fact::Refund(json.clone()));
        let id = format!("failure_{number}");
        facts.push(settled(&id, "refund_failure", (amount, 0), &json));
    }
    facts
}

fn disputed(number: u32, amount: i64, won: bool) -> Vec<Fact> {
    let json = json!({
        "id": format!("dp_{number}"), "object": "dispute", "charge": format!("ch_{number}"),
        "payment_intent": format!("pi_{number}"),
    });
    let id = |what| format!("{what}_{number}");
    let mut facts = vec![settled(
        &id("withdrawn"),
        "adjustment",
        (-amount, 1300),
        &json,
    )];
    if won {
        facts.push(settled(
            &id("reinstated"),
            "adjustment",
            (amount, -1300),
            &json,
        ));
    }
    facts
}

fn currency() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("jpy"), Just("usd")]
}

/// A few customers' stories, each whole.
fn stories() -> impl Strategy<Value = Vec<Fact>> {
    let story = (
        1_000..1_000_000_i64,
        0..100_i64,
        currency(),
        0..4_u8,
        any::<[bool; 4]>(),
    );
    proptest::collection::vec(story, 1..5).prop_map(|stories| {
        let mut facts = Vec::new();
        for (number, (amount, tax, currency, way, [refund, fails, dispute, won])) in
            (1..).zip(stories)
        {
            let (sale, currency) = match way {
                0 => (captured(number, amount), "jpy"),
                1 => (invoice(number, amount, tax), "jpy"),
                _ => (purchase(number, amount, tax, currency), currency),
            };
            facts.extend(sale);
            if refund {
                facts.extend(refunded(number, amount / 2, currency, fails));
            }
            if dispute {
                facts.extend(disputed(number, amount / 3, won));
            }
        }
        facts.push(settled("payout", "payout", (-500, 0), &json!("po_1")));
        facts
    })
}

/// A whole telling, and another one: shuffled, and with repetitions.
fn tellings() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    stories().prop_flat_map(|facts| {
        let repeated = subsequence(facts.clone(), 0..=facts.len());
        let whole = facts.clone();
        let retold = repeated
            .prop_flat_map(move |repeated| Just([whole.clone(), repeated].concat()).prop_shuffle());
        (Just(facts), retold)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_transaction_sums_to_zero_in_every_currency(facts in stories()) {
        for entry in Books::of(&facts).0.values() {
            let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
            for posting in entry.postings() {
                *sums.entry(posting.amount.currency()).or_default() += posting.amount.minor();
            }
            prop_assert!(sums.values().all(|sum| *sum == 0), "{:?}", entry);
            prop_assert!(!entry.postings().is_empty());
        }
    }

    #[test]
    fn any_order_and_any_repetition_makes_the_same_books((facts, retold) in tellings()) {
        let (once, again) = (Books::of(&facts), Books::of(&retold));
        prop_assert_eq!(once.trial_balance(), again.trial_balance());
        prop_assert_eq!(once.0.keys().collect::<Vec<_>>(), again.0.keys().collect::<Vec<_>>());
    }

    #[test]
    fn once_everything_is_told_nothing_is_left_in_clearing((_, retold) in tellings()) {
        let books = Books::of(&retold);
        prop_assert_eq!(books.open(), vec![]);
    }

    #[test]
    fn what_is_not_told_yet_stands_open(amount in 1_000..1_000_000_i64, currency in currency()) {
        let facts = purchase(1, amount, 0, currency);
        let only = |range: std::ops::Range<usize>| Books::of(&facts[range]).open();
        prop_assert_eq!(only(0..2), vec![("pi_1".to_owned(), amount)]);
        prop_assert_eq!(only(2..3), vec![("pi_1".to_owned(), -amount)]);
    }
}

/// One purchase, told in full: what each account holds in the end.
#[test]
fn a_purchase_with_refund_dispute_and_payout_ends_where_the_money_is() {
    let mut facts = purchase(1, 4980, 452, "jpy");
    facts.extend(refunded(1, 980, "jpy", false));
    facts.extend(disputed(1, 1000, false));
    facts.push(settled("payout", "payout", (-1500, 0), &json!("po_1")));
    let books = Books::of(&facts);
    assert_eq!(books.open(), []);
    let balance: Vec<_> = books
        .trial_balance()
        .into_iter()
        .map(|((account, _), sum)| (account.as_str(), sum))
        .collect();
    assert_eq!(
        balance,
        [
            ("stripe:clearing", 0),
            // 4980 less 177 of fees, 980 given back, 1000 and 1300 for the
            // dispute, 1500 paid out.
            ("stripe:balance", 23),
            ("sales", -4528),
            ("tax", -452),
            ("refunds", 980),
            ("fees", 1477),
            ("disputes", 1000),
            ("bank", 1500),
        ]
    );
}
