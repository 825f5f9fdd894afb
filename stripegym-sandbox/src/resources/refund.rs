//! Refunds: all of a charge or a part, at once, after a while, or failing later.

use serde_json::{Value, json};

use super::{
    Call, Endpoint, Reply, Resource, balance_transaction, charge, payment_intent, payment_method,
    show,
};
use crate::cards::Aftermath;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::money;
use crate::object::{Object, integer, is_true, object, set, text};
use crate::params::{PAGE, Param, merge_metadata};
use crate::state::Entry;
use crate::tx::Tx;

const PATH: &str = "/v1/refunds";
/// How long the cards for it keep a refund pending, or let it look good.
const TROUBLE_AFTER_SECONDS: i64 = 10;

const CREATE: &[Param] = &[
    Param::integer_in("amount", 1, 999_999_999_999),
    Param::text("charge"),
    Param::text("payment_intent"),
    Param::choice(
        "reason",
        &["duplicate", "fraudulent", "requested_by_customer"],
    ),
    Param::metadata(),
    Param::not_yet("instructions_email"),
    Param::not_yet("currency"),
    Param::not_yet("customer"),
    Param::not_yet("origin"),
    Param::not_yet("refund_application_fee"),
    Param::not_yet("reverse_transfer"),
];

const LIST: &[Param] = &[Param::text("charge"), Param::text("payment_intent")];

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Refund,
    expandable: &[
        "balance_transaction",
        "charge",
        "customer",
        "failure_balance_transaction",
        "payment_intent",
        "payment_method",
    ],
    includable: &[],
    wake: Some(go_on),
    endpoints: &[
        Endpoint::post(PATH, &[CREATE], create),
        Endpoint::get(PATH, &[PAGE, LIST], |tx, call| {
            list::matching(tx, call, Kind::Refund, PATH, &["charge", "payment_intent"])
        }),
        Endpoint::get("/v1/refunds/{id}", &[], |tx, call| {
            show(tx, Kind::Refund, &call.id)
        }),
        Endpoint::post("/v1/refunds/{id}", &[&[Param::metadata()]], update),
        Endpoint::post("/v1/refunds/{id}/cancel", &[], cancel),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let charge = charge_of(tx, args.text("charge"), args.text("payment_intent"))?;
    let status = text(&charge.object, "status").unwrap_or_default();
    if status != "succeeded" {
        let message = format!(
            "The charge {} has not succeeded; there is nothing to refund.",
            charge.id
        );
        return Err(ApiError::invalid(message).while_executing());
    }
    if is_true(&charge.object, "disputed") {
        let message = format!(
            "Charge {} has been charged back; cannot issue a refund.",
            charge.id
        );
        return Err(ApiError::invalid(message)
            .code("charge_disputed")
            .while_executing());
    }
    if !is_true(&charge.object, "captured") {
        return release(tx, &charge);
    }
    let left = charge::refundable(&charge.object);
    let amount = args.integer("amount").unwrap_or(left);
    check_amount(&charge, amount, left)?;
    let metadata = merge_metadata(None, args.value("metadata").unwrap_or(&json!({})))?;
    let mut entry = build(tx, &charge.object, amount, args.text("reason"));
    set(&mut entry.object, "metadata", metadata);
    Reply::ok(issue(tx, charge, entry)?)
}

fn charge_of(tx: &Tx<'_>, charge: Option<&str>, intent: Option<&str>) -> Result<Entry, ApiError> {
    let id = match (charge, intent) {
        (Some(charge), _) => return tx.refer(Kind::Charge, charge, "charge").cloned(),
        (None, Some(intent)) => {
            let intent = tx.refer(Kind::PaymentIntent, intent, "payment_intent")?;
            text(&intent.object, "latest_charge").ok_or_else(|| {
                ApiError::invalid(format!(
                    "This PaymentIntent ({}) does not have a successful charge to refund.",
                    intent.id
                ))
                .while_executing()
            })?
        }
        (None, None) => {
            return Err(ApiError::invalid(
                "One of the following params should be provided for this request: payment_intent \
                 or charge.",
            ));
        }
    };
    tx.known(Kind::Charge, id)
}

/// What was only held is let go: that is a cancellation, and it has no refund to show.
fn release(tx: &mut Tx<'_>, charge: &Entry) -> Result<Reply, ApiError> {
    let intent = text(&charge.object, "payment_intent").unwrap_or_default();
    let intent = tx.known(Kind::PaymentIntent, intent)?;
    let amount = integer(&charge.object, "amount").unwrap_or_default();
    payment_intent::cancel_entry(tx, intent, Some("requested_by_customer"))?;
    let entry = build(tx, &charge.object, amount, None);
    let shown = entry.object.clone();
    tx.create(entry, "refund.created");
    Reply::ok(shown)
}

fn check_amount(charge: &Entry, amount: i64, left: i64) -> Result<(), ApiError> {
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::invalid(message)
            .code("charge_already_refunded")
            .while_executing());
    }
    if amount <= left {
        return Ok(());
    }
    let currency = text(&charge.object, "currency").unwrap_or_default();
    let (wanted, left) = (
        money::format(currency, amount),
        money::format(currency, left),
    );
    Err(ApiError::invalid(format!(
        "Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})"
    ))
    .param("amount")
    .while_executing())
}

fn build(tx: &mut Tx<'_>, charge: &Object, amount: i64, reason: Option<&str>) -> Entry {
    let id = tx
        .ids()
        .member_id("re_", text(charge, "id").unwrap_or_default());
    let refund = json!({
        "amount": amount,
        "balance_transaction": null,
        "charge": charge.get("id"),
        "currency": charge.get("currency"),
        "customer": charge.get("customer"),
        "customer_account": null,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": charge.get("payment_intent"),
        "payment_method": charge.get("payment_method"),
        "reason": reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
    });
    let mut entry = tx.entry(Kind::Refund, id, object(refund));
    entry.object.remove("livemode");
    entry
}

/// Moves the money and tells the world, in the order that was seen from Stripe.
fn issue(tx: &mut Tx<'_>, mut charge: Entry, mut entry: Entry) -> Result<Object, ApiError> {
    let amount = integer(&entry.object, "amount").unwrap_or_default();
    let method = text(&charge.object, "payment_method").unwrap_or_default();
    let method = tx.known(Kind::PaymentMethod, method)?;
    let aftermath = payment_method::behaviour(&method).aftermath;
    if aftermath == Aftermath::RefundPending {
        set(&mut entry.object, "status", "pending");
        set(&mut entry.object, "pending_reason", "processing");
    }
    if matches!(aftermath, Aftermath::RefundPending | Aftermath::RefundFails) {
        entry.wake_at = Some(tx.now().saturating_add(TROUBLE_AFTER_SECONDS));
    }
    let created = entry.object.clone();
    let transaction = balance_transaction::plain(
        tx,
        ("refund", "refund"),
        amount.saturating_neg(),
        &created,
        "REFUND FOR CHARGE",
    );
    set(&mut entry.object, "balance_transaction", transaction);
    let before = charge.object.clone();
    give_back(&mut charge.object, amount);
    let booked = entry.object.clone();
    tx.create(entry.clone(), "refund.created");
    tx.update(&before, charge, "charge.refunded");
    let acknowledged = entry
        .object
        .get_mut("destination_details")
        .and_then(|details| details.get_mut("card"));
    if let Some(card) = acknowledged {
        card["reference"] = json!("00000000000000000000000");
        card["reference_status"] = json!("available");
    }
    changed(tx, &booked, entry.clone(), "refund.updated");
    Ok(entry.object)
}

fn give_back(charge: &mut Object, amount: i64) {
    let refunded = integer(charge, "amount_refunded").unwrap_or_default();
    let refunded = refunded.saturating_add(amount);
    set(charge, "amount_refunded", refunded);
    let whole = integer(charge, "amount") == Some(refunded);
    set(charge, "refunded", whole);
}

/// Stores a changed refund under its event and the older one that goes with it.
fn changed(tx: &mut Tx<'_>, before: &Object, entry: Entry, event: &str) {
    let after = entry.object.clone();
    tx.update(before, entry, event);
    let previous = crate::object::previous_attributes(before, &after);
    tx.emit("charge.refund.updated", &after, Some(previous));
}

/// The second half of a refund to a card that stands for trouble.
fn go_on(tx: &mut Tx<'_>, entry: &Entry) {
    let mut entry = entry.clone();
    entry.wake_at = None;
    let before = entry.object.clone();
    if text(&before, "status") == Some("pending") {
        set(&mut entry.object, "status", "succeeded");
        entry.object.remove("pending_reason");
        changed(tx, &before, entry, "refund.updated");
        return;
    }
    let amount = integer(&before, "amount").unwrap_or_default();
    let transaction = balance_transaction::plain(
        tx,
        ("refund_failure", "refund_failure"),
        amount,
        &before,
        "REFUND FAILURE",
    );
    set(
        &mut entry.object,
        "failure_balance_transaction",
        transaction,
    );
    set(
        &mut entry.object,
        "failure_reason",
        "expired_or_canceled_card",
    );
    set(&mut entry.object, "status", "failed");
    let charge = text(&before, "charge").unwrap_or_default();
    if let Ok(mut charge) = tx.known(Kind::Charge, charge) {
        let unfailed = charge.object.clone();
        give_back(&mut charge.object, amount.saturating_neg());
        tx.update(&unfailed, charge, "charge.updated");
    }
    changed(tx, &before, entry, "refund.failed");
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::Refund, &call.id)?.clone();
    let before = entry.object.clone();
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let after = entry.object.clone();
    if after != before {
        changed(tx, &before, entry, "refund.updated");
    }
    Reply::ok(Value::Object(after))
}

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let refund = tx.retrieve(Kind::Refund, &call.id)?;
    let status = text(&refund.object, "status").unwrap_or_default();
    Err(ApiError::invalid(format!(
        "Only a refund that requires action can be canceled; this one has a status of {status}."
    ))
    .while_executing())
}
