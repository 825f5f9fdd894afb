//! Payment intents: the life of one payment over all its attempts.

mod attempt;
mod create;
mod promise;
mod tables;

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, balance_transaction, charge, payment_method, show};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, integer, object, set, text};
use crate::params::{Args, PAGE};
use crate::state::Entry;
use crate::tx::{Tx, assign};

pub(crate) use attempt::{Attempt, News, Verdict, resolve, run};
pub(crate) use create::{check_writable_types, next_action, return_url, told};
pub(crate) use promise::{is_promised, promise, settle};

const ID: IdShape = IdShape::Family("pi_");
const SECRET_LEN: usize = 25;
const PATH: &str = "/v1/payment_intents";

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::PaymentIntent,
    expandable: &["customer", "latest_charge", "payment_method"],
    includable: &[],
    wake: Some(expire_in_time),
    endpoints: &[
        Endpoint::post(PATH, &[tables::CREATE, tables::FIELDS], create::create),
        Endpoint::get(PATH, &[PAGE, tables::LIST], |tx, call| {
            list::matching(tx, call, Kind::PaymentIntent, PATH, &["customer"])
        }),
        Endpoint::get(
            "/v1/payment_intents/{id}",
            &[tables::RETRIEVE],
            |tx, call| show(tx, Kind::PaymentIntent, &call.id),
        ),
        Endpoint::post(
            "/v1/payment_intents/{id}",
            &[tables::UPDATE, tables::FIELDS],
            create::update,
        ),
        Endpoint::post(
            "/v1/payment_intents/{id}/confirm",
            &[tables::CONFIRM],
            create::confirm,
        ),
        Endpoint::post(
            "/v1/payment_intents/{id}/capture",
            &[tables::CAPTURE],
            |tx, call| {
                let amount = call.args.integer("amount_to_capture");
                capture(tx, &call.id, amount, "amount_to_capture")?;
                show(tx, Kind::PaymentIntent, &call.id)
            },
        ),
        Endpoint::post("/v1/payment_intents/{id}/cancel", &[tables::CANCEL], cancel),
    ],
};

/// What `payment_intent_data` may set.
const FROM_DATA: &[&str] = &[
    "capture_method",
    "description",
    "metadata",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];

/// A fresh intent that still lacks its payment method.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    amount: i64,
    currency: &str,
    customer: Option<&str>,
    data: &Args,
) -> Entry {
    let id = tx.new_id(ID);
    let secret = format!("{id}_secret_{}", tx.ids().alphanumerics(SECRET_LEN));
    let mut intent = object(json!({
        "allowed_payment_method_types": null,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic_async",
        "client_secret": secret,
        "confirmation_method": "automatic",
        "currency": currency,
        "customer": customer,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "managed_payments": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": {
            "installments": null,
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    }));
    assign(&mut intent, data, FROM_DATA);
    tx.entry(Kind::PaymentIntent, id, intent)
}

/// The error of a failed attempt, as `last_payment_error` keeps it.
fn error_object(error: CardError, charge: Option<&Object>, method: &Object) -> Value {
    let slug = error.code.replace('_', "-");
    json!({
        "charge": charge.and_then(|charge| charge.get("id")),
        "code": error.code,
        "decline_code": error.decline_code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{slug}"),
        "message": error.message(),
        "payment_method": method,
        "type": "card_error",
    })
}

/// An action that the intent's status does not allow.
fn unexpected(intent: &Object, action: &str, allowed: &str) -> ApiError {
    let status = text(intent, "status").unwrap_or_default();
    let message = match (action, status) {
        ("confirm", "succeeded") => "You cannot confirm this PaymentIntent because it has already \
                                     succeeded after being previously confirmed."
            .to_owned(),
        ("confirm", "canceled") => "You cannot confirm this PaymentIntent because it has a status \
                                    of canceled."
            .to_owned(),
        _ => format!(
            "This PaymentIntent could not be {action} because it has a status of {status}. Only a \
             PaymentIntent with one of the following statuses may be {action}: {allowed}."
        ),
    };
    ApiError::invalid(message)
        .code("payment_intent_unexpected_state")
        .with("payment_intent", intent.clone())
        .while_executing()
}

/// Takes what was held, all of it or a part; the rest is let go.
pub(crate) fn capture(
    tx: &mut Tx<'_>,
    id: &str,
    amount: Option<i64>,
    param: &str,
) -> Result<(), ApiError> {
    let mut intent = tx.open(Kind::PaymentIntent, id)?;
    if text(&intent.object, "status") != Some("requires_capture") {
        return Err(unexpected(&intent.object, "captured", "requires_capture"));
    }
    let held = integer(&intent.object, "amount_capturable").unwrap_or_default();
    let amount = amount.unwrap_or(held);
    if amount > held {
        return Err(ApiError::invalid(format!(
            "The amount you requested to capture ({amount}) is greater than the amount that can \
             be captured ({held})."
        ))
        .code("amount_too_large")
        .param(param)
        .while_executing());
    }
    let charge_id = text(&intent.object, "latest_charge").unwrap_or_default();
    let mut charge = tx.known(Kind::Charge, charge_id)?;
    let uncaptured = charge.object.clone();
    set(&mut charge.object, "captured", true);
    set(&mut charge.object, "amount_captured", amount);
    set(
        &mut charge.object,
        "amount_refunded",
        held.saturating_sub(amount),
    );
    let transaction = balance_transaction::for_charge(tx, &charge.object, false);
    set(&mut charge.object, "balance_transaction", transaction);
    tx.update(&uncaptured, charge, "charge.captured");
    set(&mut intent.object, "amount_capturable", 0);
    set(&mut intent.object, "amount_received", amount);
    set(&mut intent.object, "status", "succeeded");
    intent.wake_at = None;
    tx.create(intent, "payment_intent.succeeded");
    Ok(())
}

const CANCELABLE: [&str; 5] = [
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
];

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let intent = tx.retrieve(Kind::PaymentIntent, &call.id)?.clone();
    let status = text(&intent.object, "status").unwrap_or_default();
    let owned =
        intent.hidden.contains_key("checkout_session") || intent.hidden.contains_key("invoice");
    if owned && status != "requires_capture" {
        let message = "You cannot cancel this PaymentIntent because it is managed by a Checkout \
                       Session or an Invoice. Expire the session or void the invoice instead.";
        return Err(ApiError::invalid(message)
            .code("payment_intent_unexpected_state")
            .while_executing());
    }
    let reason = call.args.text("cancellation_reason");
    Reply::ok(cancel_entry(tx, intent, reason)?)
}

/// Ends an intent that has not been paid.
pub(crate) fn cancel_entry(
    tx: &mut Tx<'_>,
    mut intent: Entry,
    reason: Option<&str>,
) -> Result<Object, ApiError> {
    let status = text(&intent.object, "status").unwrap_or_default();
    if !CANCELABLE.contains(&status) {
        return Err(unexpected(
            &intent.object,
            "canceled",
            &CANCELABLE.join(", "),
        ));
    }
    if status == "requires_capture" {
        let charge_id = text(&intent.object, "latest_charge").unwrap_or_default();
        let mut charge = tx.known(Kind::Charge, charge_id)?;
        let before = charge.object.clone();
        set(
            &mut charge.object,
            "amount_refunded",
            before.get("amount").cloned().unwrap_or_default(),
        );
        set(&mut charge.object, "refunded", true);
        let expired = reason == Some("automatic");
        let event = if expired {
            "charge.expired"
        } else {
            "charge.refunded"
        };
        tx.update(&before, charge, event);
    }
    set(&mut intent.object, "amount_capturable", 0);
    set(&mut intent.object, "canceled_at", tx.now());
    set(&mut intent.object, "cancellation_reason", reason);
    set(&mut intent.object, "next_action", Value::Null);
    set(&mut intent.object, "status", "canceled");
    intent.wake_at = None;
    let canceled = intent.object.clone();
    tx.create(intent, "payment_intent.canceled");
    Ok(canceled)
}

/// What is held for seven days without being captured goes back; what was promised ends.
fn expire_in_time(tx: &mut Tx<'_>, entry: &Entry) {
    if is_promised(entry) {
        return promise::settle_in_time(tx, entry);
    }
    let mut entry = entry.clone();
    entry.wake_at = None;
    if text(&entry.object, "status") != Some("requires_capture") {
        tx.put(entry);
    } else if let Err(error) = cancel_entry(tx, entry.clone(), Some("automatic")) {
        tracing::error!("an authorization did not expire: {}", error.message());
        tx.put(entry);
    }
}
