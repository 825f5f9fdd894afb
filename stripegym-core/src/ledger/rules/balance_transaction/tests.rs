use super::*;
use crate::ledger::rules::tests::{lines, view};
use serde_json::{Value, json};

/// A payment of 4980 yen, of which Stripe keeps 179.
fn facts(changes: &Value) -> BalanceTransaction {
    view(
        json!({
            "id": "txn_1", "object": "balance_transaction", "type": "charge", "amount": 4980,
            "fee": 179, "net": 4801, "currency": "jpy", "created": 5,
            "source": {
                "id": "ch_1", "object": "charge", "amount": 4980, "amount_captured": 4980,
                "currency": "jpy", "payment_intent": "pi_1", "customer": "cus_1",
            },
        }),
        changes,
    )
}

fn booked(changes: &Value) -> Result<Option<Transaction>, RuleError> {
    let facts = facts(changes);
    balance_transaction(&facts, &BalanceSource::of(&facts)?)
}

fn postings(changes: &Value) -> Vec<(&'static str, i64)> {
    lines(booked(changes).unwrap().as_ref())
}

fn reason(changes: &Value) -> String {
    booked(changes).unwrap_err().to_string()
}

fn refund(currency: &str) -> Value {
    json!({
        "id": "re_1", "object": "refund", "amount": 1000, "currency": currency,
        "charge": "ch_1", "payment_intent": "pi_1",
    })
}

fn dispute() -> Value {
    json!({ "id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1" })
}

#[test]
fn a_charge_drains_clearing_and_shows_the_fee() {
    let transaction = booked(&json!({})).unwrap().unwrap();
    assert_eq!(transaction.key().rule, "balance_transaction");
    assert_eq!(transaction.key().object_id, "txn_1");
    assert_eq!(transaction.occurred_at(), 5);
    assert_eq!(transaction.customer().unwrap().as_str(), "cus_1");
    assert_eq!(transaction.postings()[0].match_ref.as_deref(), Some("pi_1"));
    assert_eq!(
        lines(Some(&transaction)),
        [
            ("stripe:clearing", -4980),
            ("stripe:balance", 4801),
            ("fees", 179)
        ]
    );
    assert_eq!(postings(&json!({ "type": "payment" })).len(), 3);
}

#[test]
fn settled_in_another_currency_it_goes_through_fx() {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 3300, "amount_captured": 3300,
        "currency": "usd", "payment_intent": null,
    });
    let transaction = booked(&json!({ "source": charge })).unwrap().unwrap();
    assert_eq!(transaction.postings()[0].match_ref.as_deref(), Some("ch_1"));
    let with_currency: Vec<_> = transaction
        .postings()
        .iter()
        .map(|line| (line.account.as_str(), line.amount.to_string()))
        .collect();
    let line = |account, amount: &str| (account, amount.to_owned());
    assert_eq!(
        with_currency,
        [
            line("stripe:clearing", "-33.00 USD"),
            line("fx", "33.00 USD"),
            line("fx", "-4980 JPY"),
            line("stripe:balance", "4801 JPY"),
            line("fees", "179 JPY"),
        ]
    );
}

#[test]
fn of_an_authorization_only_what_was_captured_is_settled() {
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 3300, "amount_captured": 3000,
        "currency": "usd", "payment_intent": "pi_1",
    });
    let transaction = booked(&json!({ "source": charge })).unwrap().unwrap();
    assert_eq!(transaction.postings()[0].amount.to_string(), "-30.00 USD");
}

#[test]
fn a_refund_fills_clearing_from_the_balance_and_its_failure_drains_it() {
    let given_back = json!({
        "type": "refund", "amount": -1000, "fee": 0, "net": -1000, "source": refund("jpy"),
    });
    assert_eq!(
        postings(&given_back),
        [("stripe:clearing", 1000), ("stripe:balance", -1000)]
    );
    let came_back = json!({
        "type": "refund_failure", "amount": 1000, "fee": 0, "net": 1000, "source": refund("jpy"),
    });
    assert_eq!(
        postings(&came_back),
        [("stripe:clearing", -1000), ("stripe:balance", 1000)]
    );
}

#[test]
fn a_refund_in_another_currency_goes_through_fx_too() {
    let given_back = json!({
        "type": "payment_refund", "amount": -1500, "fee": 0, "net": -1500, "source": refund("usd"),
    });
    assert_eq!(
        postings(&given_back),
        [
            ("stripe:clearing", 1000),
            ("fx", -1000),
            ("fx", 1500),
            ("stripe:balance", -1500)
        ]
    );
}

#[test]
fn a_dispute_takes_the_money_and_a_fee_and_may_give_back() {
    let withdrawn = json!({
        "type": "adjustment", "amount": -4980, "fee": 1300, "net": -6280, "source": dispute(),
    });
    assert_eq!(
        postings(&withdrawn),
        [
            ("disputes", 4980),
            ("stripe:balance", -6280),
            ("fees", 1300)
        ]
    );
    let reinstated = json!({
        "type": "adjustment", "amount": 4980, "fee": -1300, "net": 6280, "source": dispute(),
    });
    assert_eq!(
        postings(&reinstated),
        [
            ("disputes", -4980),
            ("stripe:balance", 6280),
            ("fees", -1300)
        ]
    );
}

#[test]
fn payouts_go_to_the_bank_and_may_come_back() {
    let paid_out = json!({
        "type": "payout", "amount": -4000, "fee": 0, "net": -4000, "source": "po_1",
    });
    assert_eq!(
        postings(&paid_out),
        [("bank", 4000), ("stripe:balance", -4000)]
    );
    for kind in ["payout_failure", "payout_cancel"] {
        let back = json!({
            "type": kind, "amount": 4000, "fee": 0, "net": 4000, "source": "po_1",
        });
        assert_eq!(postings(&back), [("bank", -4000), ("stripe:balance", 4000)]);
    }
}

#[test]
fn stripes_own_fees_are_fees() {
    let fee = json!({ "type": "stripe_fee", "amount": -35, "fee": 0, "net": -35, "source": null });
    assert_eq!(postings(&fee), [("fees", 35), ("stripe:balance", -35)]);
}

#[test]
fn nothing_moved_posts_nothing() {
    assert_eq!(
        booked(&json!({ "amount": 0, "fee": 0, "net": 0 })),
        Ok(None)
    );
}

#[test]
fn a_source_of_which_only_the_id_is_known_is_asked_for() {
    for kind in ["charge", "refund", "refund_failure", "adjustment"] {
        let unexpanded = json!({ "type": kind, "source": "ch_1" });
        assert_eq!(booked(&unexpanded), Err(RuleError::SourceNeeded), "{kind}");
    }
}

#[test]
fn what_has_no_rule_or_does_not_fit_is_refused_with_its_reason() {
    for (changes, because) in [
        (
            json!({ "type": "payment_failure_refund" }),
            "there is no rule for the type payment_failure_refund",
        ),
        (
            json!({ "type": "transfer" }),
            "there is no rule for the type transfer",
        ),
        (
            json!({ "net": 4800 }),
            "net is 4800 JPY, but what belongs to it makes 4801 JPY",
        ),
        (
            json!({ "type": "adjustment" }),
            "a balance transaction of type adjustment comes from something else here",
        ),
        (
            json!({ "type": "refund", "amount": -4980, "net": -5159 }),
            "a balance transaction of type refund comes from something else here",
        ),
        (
            json!({ "amount": -4980, "net": -5159 }),
            "a balance transaction of type charge moved -4980 JPY",
        ),
        (
            json!({ "amount": "4980" }),
            "a field needed for the ledger is not readable",
        ),
    ] {
        assert_eq!(reason(&changes), because);
    }
}
