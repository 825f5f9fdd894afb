//! Invoice payments: what ties an invoice to the intent that pays it.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show};
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{dig, object, set};
use crate::params::{PAGE, Param};
use crate::state::Entry;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("inpay_");
const PATH: &str = "/v1/invoice_payments";

const PAYMENT: &[Param] = &[
    Param::choice("type", &["payment_intent", "payment_record"]).required(),
    Param::text("payment_intent"),
    Param::not_yet("payment_record"),
];

const LIST: &[Param] = &[
    Param::text("invoice"),
    Param::hash("payment", PAYMENT),
    Param::choice("status", &["canceled", "open", "paid"]),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::InvoicePayment,
    expandable: &["invoice", "payment.payment_intent"],
    includable: &[],
    wake: None,
    endpoints: &[
        Endpoint::get(PATH, &[PAGE, LIST], list),
        Endpoint::get("/v1/invoice_payments/{id}", &[], |tx, call| {
            show(tx, Kind::InvoicePayment, &call.id)
        }),
    ],
};

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let payment = args.hash("payment").unwrap_or_default();
    let intent = payment.text("payment_intent");
    list::page(tx, call, Kind::InvoicePayment, PATH, |payment| {
        ["invoice", "status"].iter().all(|name| {
            args.value(name)
                .is_none_or(|w| payment.get(*name) == Some(w))
        }) && intent.is_none_or(|intent| *dig(payment, "payment.payment_intent") == *intent)
    })
}

/// The default payment of a finalized invoice; answers its id.
pub(crate) fn open(tx: &mut Tx<'_>, invoice: &Entry, intent: &str) -> String {
    let id = tx.new_id(ID);
    let field = |name: &str| invoice.object.get(name).cloned().unwrap_or_default();
    let payment = json!({
        "amount_paid": null,
        "amount_requested": field("amount_due"),
        "currency": field("currency"),
        "invoice": invoice.id,
        "is_default": true,
        "payment": { "payment_intent": intent, "type": "payment_intent" },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    });
    let entry = tx.entry(Kind::InvoicePayment, id.clone(), object(payment));
    tx.put(entry);
    id
}

/// It went through.
pub(crate) fn paid(tx: &mut Tx<'_>, id: &str, amount: i64) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::InvoicePayment, id)?;
    set(&mut entry.object, "amount_paid", amount);
    set(&mut entry.object, "status", "paid");
    stamp(&mut entry, "paid_at", tx.now());
    tx.create(entry, "invoice_payment.paid");
    Ok(())
}

/// Its invoice was voided.
pub(crate) fn canceled(tx: &mut Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::InvoicePayment, id)?;
    set(&mut entry.object, "status", "canceled");
    stamp(&mut entry, "canceled_at", tx.now());
    tx.put(entry);
    Ok(())
}

fn stamp(entry: &mut Entry, field: &str, now: i64) {
    let transitions = entry.object.get_mut("status_transitions");
    if let Some(transitions) = transitions.and_then(Value::as_object_mut) {
        set(transitions, field, now);
    }
}
