//! Balance transactions: what each charge really brought, after fees.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource};
use crate::error::ApiError;
use crate::fees;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, integer, object, set, text};
use crate::params::{PAGE, Param, Shape};
use crate::state::Entry;
use crate::tx::Tx;

const PATH: &str = "/v1/balance_transactions";

const LIST: &[Param] = &[
    Param::new("currency", Shape::Currency),
    Param::text("payout"),
    Param::text("source"),
    Param::text("type"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::BalanceTransaction,
    expandable: &["source"],
    includable: &[],
    wake: Some(become_available),
    endpoints: &[
        Endpoint {
            method: Method::Get,
            path: PATH,
            params: &[PAGE, LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/balance_transactions/{id}",
            params: &[],
            run: |tx, call| {
                Reply::ok(
                    tx.retrieve(Kind::BalanceTransaction, &call.id)?
                        .object
                        .clone(),
                )
            },
        },
    ],
};

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    list::page(tx, call, Kind::BalanceTransaction, PATH, |transaction| {
        let fields = ["currency", "payout", "source", "type"];
        fields.iter().all(|name| {
            args.value(name)
                .is_none_or(|w| transaction.get(*name) == Some(w))
        })
    })
}

/// Books a charge; answers the transaction's id.
pub(crate) fn for_charge(
    tx: &mut Tx<'_>,
    charge: &Object,
    card_country: &str,
    at_once: bool,
) -> String {
    let source = text(charge, "id").unwrap_or_default();
    let currency = text(charge, "currency").unwrap_or_default();
    let amount = integer(charge, "amount").unwrap_or_default();
    let fee = fees::fee(currency, amount, card_country);
    let available_on = if at_once {
        tx.now()
    } else {
        fees::available_on(currency, tx.now())
    };
    let id = tx.ids().member_id("txn_", source);
    let mut entry = tx.entry(
        Kind::BalanceTransaction,
        id.clone(),
        object(json!({
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "currency": currency,
            "description": charge.get("description"),
            "exchange_rate": null,
            "fee": fee,
            "fee_details": [{
                "amount": fee,
                "application": null,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }],
            "net": amount.saturating_sub(fee),
            "reporting_category": "charge",
            "source": source,
            "status": if at_once { "available" } else { "pending" },
            "type": "charge",
        })),
    );
    entry.object.remove("livemode");
    entry.wake_at = (!at_once).then_some(available_on);
    tx.put(entry);
    id
}

fn become_available(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    set(&mut entry.object, "status", Value::from("available"));
    tx.put(entry);
}
