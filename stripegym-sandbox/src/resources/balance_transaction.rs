//! Balance transactions: what each charge really brought, after fees.

use serde_json::{Value, json};

use super::{Call, Endpoint, Method, Reply, Resource};
use crate::error::ApiError;
use crate::fees;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, object, set, text};
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

/// What a booking is about.
pub(crate) struct Booking<'a> {
    /// `charge`, `refund`, `adjustment`, ...
    pub(crate) kind: &'static str,
    /// Under which heading reports count it.
    pub(crate) category: &'static str,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) fee_name: &'static str,
    pub(crate) currency: &'a str,
    pub(crate) description: Value,
    pub(crate) source: &'a str,
    /// Seconds; now or earlier means at once.
    pub(crate) available_on: i64,
}

/// Books a charge; answers the transaction's id.
pub(crate) fn for_charge(tx: &mut Tx<'_>, charge: &Object, at_once: bool) -> String {
    let currency = text(charge, "currency").unwrap_or_default();
    let amount = integer(charge, "amount_captured").unwrap_or_default();
    let country = dig(charge, "payment_method_details.card.country");
    let available_on = if at_once {
        tx.now()
    } else {
        fees::available_on(currency, tx.now())
    };
    let source = text(charge, "id").unwrap_or_default();
    let booking = Booking {
        kind: if source.starts_with("py_") {
            "payment"
        } else {
            "charge"
        },
        category: "charge",
        amount,
        fee: fees::fee(currency, amount, country.as_str().unwrap_or_default()),
        fee_name: "Stripe processing fees",
        currency,
        description: charge.get("description").cloned().unwrap_or_default(),
        source,
        available_on,
    };
    book(tx, &booking)
}

/// Books money that moves at once, without a fee.
pub(crate) fn plain(
    tx: &mut Tx<'_>,
    (kind, category): (&'static str, &'static str),
    amount: i64,
    source: &Object,
    description: &str,
) -> String {
    let booking = Booking {
        kind,
        category,
        amount,
        fee: 0,
        fee_name: "",
        currency: text(source, "currency").unwrap_or_default(),
        description: json!(description),
        source: text(source, "id").unwrap_or_default(),
        available_on: tx.now(),
    };
    book(tx, &booking)
}

/// Books; answers the transaction's id.
pub(crate) fn book(tx: &mut Tx<'_>, booking: &Booking<'_>) -> String {
    let Booking {
        amount,
        fee,
        currency,
        ..
    } = *booking;
    let pending = booking.available_on > tx.now();
    let fee_details = match fee {
        0 => json!([]),
        _ => json!([{
            "amount": fee,
            "application": null,
            "currency": currency,
            "description": booking.fee_name,
            "type": "stripe_fee",
        }]),
    };
    let id = tx.ids().member_id("txn_", booking.source);
    let mut entry = tx.entry(
        Kind::BalanceTransaction,
        id.clone(),
        object(json!({
            "amount": amount,
            "available_on": booking.available_on,
            "balance_type": "payments",
            "currency": currency,
            "description": booking.description,
            "exchange_rate": null,
            "fee": fee,
            "fee_details": fee_details,
            "net": amount.saturating_sub(fee),
            "reporting_category": booking.category,
            "source": booking.source,
            "status": if pending { "pending" } else { "available" },
            "type": booking.kind,
        })),
    );
    entry.object.remove("livemode");
    entry.wake_at = pending.then_some(booking.available_on);
    tx.put(entry);
    id
}

fn become_available(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    set(&mut entry.object, "status", Value::from("available"));
    tx.put(entry);
}
