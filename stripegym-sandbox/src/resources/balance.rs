//! The balance: the sum of its transactions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Endpoint, Reply, Resource};
use crate::kind::Kind;
use crate::object::{integer, text};
use crate::state::State;

/// It has no kind of its own: nothing is stored that its transactions do not say.
pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::BalanceTransaction,
    expandable: &[],
    includable: &[],
    wake: None,
    endpoints: &[Endpoint::get("/v1/balance", &[], |tx, _| {
        Reply::ok(show(tx.state()))
    })],
};

/// Available and pending, by currency.
pub(crate) fn sums(state: &State) -> BTreeMap<String, (i64, i64)> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for entry in state.entries.newest_first(Kind::BalanceTransaction) {
        let currency = text(&entry.object, "currency").unwrap_or_default();
        let net = integer(&entry.object, "net").unwrap_or_default();
        let (available, pending) = sums.entry(currency.to_owned()).or_default();
        let sum = if text(&entry.object, "status") == Some("available") {
            available
        } else {
            pending
        };
        *sum = sum.saturating_add(net);
    }
    sums
}

fn show(state: &State) -> Value {
    let sums = sums(state);
    let list = |pick: fn(&(i64, i64)) -> i64| {
        let amounts = sums.iter().map(|(currency, both)| {
            let amount = pick(both);
            json!({ "amount": amount, "currency": currency, "source_types": { "card": amount } })
        });
        amounts.collect::<Vec<_>>()
    };
    json!({
        "object": "balance",
        "available": list(|both| both.0),
        "livemode": false,
        "pending": list(|both| both.1),
        "refund_and_dispute_prefunding": { "available": [], "pending": [] },
    })
}
