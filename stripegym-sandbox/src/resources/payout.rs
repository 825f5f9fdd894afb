//! Payouts by hand: from the available balance to a bank that does not exist.

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, balance, balance_transaction, show};
use crate::error::ApiError;
use crate::fees;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{integer, object, set, text};
use crate::params::{PAGE, Param, Shape, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("po_");
const PATH: &str = "/v1/payouts";

const CREATE: &[Param] = &[
    Param::integer_in("amount", 1, 999_999_999_999).required(),
    Param::new("currency", Shape::Currency).required(),
    Param::text("description"),
    Param::metadata(),
    Param::choice("method", &["standard"]),
    Param::choice("source_type", &["card"]),
    Param::text_up_to("statement_descriptor", 22),
    Param::not_yet("destination"),
    Param::not_yet("payout_method"),
];

const LIST: &[Param] = &[
    Param::choice(
        "status",
        &["canceled", "failed", "in_transit", "paid", "pending"],
    ),
    Param::text("destination"),
    Param::not_yet("arrival_date"),
];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Payout,
    expandable: &["balance_transaction"],
    includable: &[],
    wake: Some(arrive),
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE, LIST], |tx, call| {
            list::matching(tx, call, Kind::Payout, PATH, &["status", "destination"])
        }),
        Endpoint::get("/v1/payouts/{id}", &[], |tx, call| {
            show(tx, Kind::Payout, &call.id)
        }),
        Endpoint::post("/v1/payouts/{id}", &[&[Param::metadata()]], update),
        Endpoint::post("/v1/payouts/{id}/cancel", &[], cancel),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let amount = args.integer("amount").unwrap_or_default();
    let currency = args.text("currency").unwrap_or_default();
    let sums = balance::sums(tx.state());
    let available = sums.get(currency).map_or(0, |(available, _)| *available);
    if amount > available {
        return Err(ApiError::invalid(
            "You have insufficient funds in your Stripe account for this transfer. Your card \
             balance is too low. You can use the /v1/balance endpoint to view your Stripe \
             balance.",
        )
        .code("balance_insufficient")
        .while_executing());
    }
    let id = tx.new_id(ID);
    let arrival = fees::available_on(currency, tx.now());
    let mut payout = object(json!({
        "amount": amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": arrival,
        "automatic": false,
        "balance_transaction": null,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": null,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "metadata": {},
        "method": "standard",
        "original_payout": null,
        "payout_method": null,
        "reconciliation_status": "not_applicable",
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": "pending",
        "trace_id": null,
        "type": "bank_account",
    }));
    assign(&mut payout, args, &["description", "statement_descriptor"]);
    if let Some(metadata) = args.value("metadata") {
        set(&mut payout, "metadata", merge_metadata(None, metadata)?);
    }
    let mut entry = tx.entry(Kind::Payout, id, payout);
    let transaction = balance_transaction::plain(
        tx,
        ("payout", "payout"),
        amount.saturating_neg(),
        &entry.object.clone(),
        "STRIPE PAYOUT",
    );
    set(&mut entry.object, "balance_transaction", transaction);
    entry.wake_at = Some(arrival);
    let shown = entry.object.clone();
    tx.create(entry, "payout.created");
    Reply::ok(shown)
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Payout, &call.id)?.clone();
    let before = entry.object.clone();
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "payout.updated");
    Reply::ok(after)
}

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Payout, &call.id)?.clone();
    let status = text(&entry.object, "status").unwrap_or_default();
    if status != "pending" {
        let message = "Payouts can only be canceled if they have not yet been sent. This payout \
                       has a status of";
        return Err(ApiError::invalid(format!("{message} {status}.")).while_executing());
    }
    let amount = integer(&entry.object, "amount").unwrap_or_default();
    let payout = entry.object.clone();
    let transaction = balance_transaction::plain(
        tx,
        ("payout_cancel", "payout_reversal"),
        amount,
        &payout,
        "STRIPE PAYOUT CANCEL",
    );
    set(
        &mut entry.object,
        "failure_balance_transaction",
        transaction,
    );
    set(&mut entry.object, "status", "canceled");
    entry.wake_at = None;
    let shown = entry.object.clone();
    tx.create(entry, "payout.canceled");
    Reply::ok(shown)
}

fn arrive(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    if entry.object.get("status") != Some(&Value::from("pending")) {
        return tx.put(entry);
    }
    set(&mut entry.object, "status", "paid");
    tx.create(entry, "payout.paid");
}
