//! Odd fields, and what becomes of their events.

use serde_json::{Value, json};

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// 4xx, and nothing is stored.
    Refused(u16),
    /// Acknowledged, and dead at once; the reason holds this.
    Dead(&'static str),
    /// Acknowledged and done: odd, and no harm.
    Done,
}

use End::{Dead, Done, Refused};

/// One change to the object of an event: the event's type, where, and to what.
pub(super) type Case = (&'static str, &'static str, Value, End);

const SUBSCRIPTION: &str = "customer.subscription.created";
const INVOICE: &str = "invoice.paid";
const REFUND: &str = "refund.created";
const DISPUTE: &str = "charge.dispute.created";
const SESSION: &str = "checkout.session.completed";
const OBJECT: &str = "/data/object";

/// Every case.
pub(super) fn cases() -> Vec<Case> {
    [names(), values()].concat()
}

/// What it is, and of what.
#[rustfmt::skip] // a table
fn names() -> Vec<Case> {
    vec![
        // No object, or none that can be told.
        (SUBSCRIPTION, "/data", json!({}), Dead("no object")),
        (INVOICE, "/data", json!({}), Dead("no object")),
        (REFUND, "/data", Value::Null, Dead("no object")),
        (SESSION, OBJECT, Value::Null, Dead("no object")),
        (INVOICE, OBJECT, json!([]), Dead("not readable")),
        (DISPUTE, OBJECT, json!("dp_1"), Dead("not readable")),
        (SUBSCRIPTION, "/data/object/object", json!(7), Dead("object.object")),
        (REFUND, "/data/object/object", Value::Null, Dead("object.object")),
        // Ids.
        (SUBSCRIPTION, "/data/object/id", Value::Null, Dead("id")),
        (SUBSCRIPTION, "/data/object/id", json!("sub\u{0}1"), Dead("id")),
        (SUBSCRIPTION, "/data/object/customer", json!("cus_\u{0}"), Dead("customer")),
        (INVOICE, "/data/object/id", json!("../../v1/charges"), Dead("id")),
        (INVOICE, "/data/object/id", json!("a".repeat(300)), Dead("id")),
        (REFUND, "/data/object/id", json!(""), Dead("id")),
        (REFUND, "/data/object/payment_intent", json!("pi\u{0}"), Dead("payment_intent")),
        (DISPUTE, "/data/object/id", json!(["dp_1"]), Dead("id")),
        ("", "/id", json!("evt_\u{0}"), Refused(400)),
        ("", "/id", json!("cus_1"), Refused(400)),
        ("", "/type", json!("in\u{0}voice"), Refused(400)),
        ("", "/account", json!("acct\u{0}"), Refused(400)),
    ]
}

/// How much, in which state, and when.
#[rustfmt::skip] // a table
fn values() -> Vec<Case> {
    vec![
        // Amounts.
        (INVOICE, "/data/object/amount_paid", json!(-1), Dead("negative")),
        (INVOICE, "/data/object/amount_paid", json!(u64::MAX), Dead("amount_paid")),
        (INVOICE, "/data/object/amount_paid", json!(19.8), Dead("amount_paid")),
        (INVOICE, "/data/object/total", json!("1980"), Dead("total")),
        (REFUND, "/data/object/amount", json!(-500), Dead("negative")),
        (REFUND, "/data/object/amount", json!(u64::MAX), Dead("amount")),
        (SESSION, "/data/object/amount_total", json!(-4980), Dead("negative")),
        (SESSION, "/data/object/amount_total", json!(i64::MIN), Dead("negative")),
        (SESSION, "/data/object/total_details/amount_tax", json!(i64::MAX), Dead("negative")),
        (DISPUTE, "/data/object/amount", json!(1.5), Dead("amount")),
        // Currencies.
        (INVOICE, "/data/object/currency", json!("yen!"), Dead("currency")),
        (REFUND, "/data/object/currency", Value::Null, Dead("currency")),
        (REFUND, "/data/object/currency", json!("j\u{0}y"), Dead("currency")),
        (SESSION, "/data/object/currency", json!("円"), Dead("currency")),
        // Words that nobody knows are kept as they are, but money needs to know.
        (SUBSCRIPTION, "/data/object/status", json!("hibernating"), Done),
        (REFUND, "/data/object/status", json!("teleported"), Dead("teleported")),
        (SUBSCRIPTION, "/data/object/status", json!("act\u{0}ive"), Dead("status")),
        (SUBSCRIPTION, "/data/object/collection_method", json!("\u{0}"), Dead("collection_method")),
        (INVOICE, "/data/object/billing_reason", json!("\u{0}"), Dead("billing_reason")),
        (REFUND, "/data/object/reason", json!("\u{0}"), Dead("reason")),
        // Texts for people lose what no column takes.
        (INVOICE, "/data/object/number", json!("A\u{0}1"), Done),
        (DISPUTE, "/data/object/reason", json!("fraud\u{0}"), Done),
        (SESSION, "/data/object/metadata", json!({ "color": "\u{0}" }), Done),
        (SUBSCRIPTION, "/data/object/metadata", json!({ "stripegym_owner": "4\u{0}1" }), Done),
        // Times.
        ("", "/created", json!("yesterday"), Refused(400)),
        (SUBSCRIPTION, "/created", json!(i64::MIN), Done),
        (SUBSCRIPTION, "/data/object/created", json!(u64::MAX), Dead("created")),
        (SUBSCRIPTION, "/data/object/items/data/0/current_period_end", json!(-1), Done),
    ]
}
