//! An intent that is promised, and paid or not later.

use serde_json::{Value, json};

use super::unexpected;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, integer, is_true, set, text};
use crate::resources::delayed::{Delayed, Ending};
use crate::resources::{balance_transaction, charge, checkout_session};
use crate::state::Entry;
use crate::tx::Tx;

/// Promises `intent` by `method`: a voucher to be paid, or a debit under way. Tells it.
pub(crate) fn promise(
    tx: &mut Tx<'_>,
    mut intent: Entry,
    method: &Entry,
    (delayed, ending): (Delayed, Ending),
) {
    set(&mut intent.object, "payment_method", method.id.as_str());
    set(&mut intent.object, "last_payment_error", Value::Null);
    set(&mut intent.hidden, "promised", ending.paid);
    intent.wake_at = Some(tx.now().saturating_add(ending.after_seconds));
    if delayed == Delayed::Konbini {
        let voucher = voucher(tx, &intent.id);
        set(&mut intent.object, "next_action", voucher);
        set(&mut intent.object, "status", "requires_action");
        tx.create(intent, "payment_intent.requires_action");
        return;
    }
    let charge = charge::promised(tx, &intent.object, &method.object, "pending");
    set(&mut intent.object, "latest_charge", charge.id.as_str());
    set(&mut intent.object, "status", "processing");
    tx.create(charge, "charge.pending");
    tx.create(intent, "payment_intent.processing");
}

fn voucher(tx: &Tx<'_>, id: &str) -> Value {
    let store = json!({ "confirmation_number": "11111111110", "payment_code": "000000" });
    json!({
        "type": "konbini_display_details",
        "konbini_display_details": {
            "expires_at": tx.now().saturating_add(Delayed::VOUCHER_SECONDS),
            "hosted_voucher_url": format!("{}/c/later/{id}", tx.settings.public_url),
            "stores": {
                "familymart": store, "lawson": store, "ministop": store, "seicomart": store,
            },
        },
    })
}

/// Whether the money of this intent is still to come.
pub(crate) fn is_promised(intent: &Entry) -> bool {
    intent.hidden.contains_key("promised")
}

/// The time has come, and nobody decided: it ends as was decided when it was promised.
pub(super) fn settle_in_time(tx: &mut Tx<'_>, intent: &Entry) {
    let paid = is_true(&intent.hidden, "promised");
    if let Err(error) = settle(tx, &intent.id, paid) {
        tracing::error!("a promised payment did not end: {}", error.message());
    }
}

/// The money has come, or it never will. Tells it, the session included.
pub(crate) fn settle(tx: &mut Tx<'_>, id: &str, paid: bool) -> Result<(), ApiError> {
    let mut intent = tx.open(Kind::PaymentIntent, id)?;
    if !is_promised(&intent) {
        let allowed = "requires_action, processing";
        return Err(unexpected(&intent.object, "settled", allowed));
    }
    intent.hidden.remove("promised");
    intent.wake_at = None;
    let method = text(&intent.object, "payment_method").unwrap_or_default();
    let method = tx.known(Kind::PaymentMethod, method)?;
    let charge = ended(tx, &mut intent, &method.object, paid)?;
    set(&mut intent.object, "next_action", Value::Null);
    if paid {
        let amount = integer(&intent.object, "amount").unwrap_or_default();
        set(&mut intent.object, "amount_received", amount);
        set(&mut intent.object, "status", "succeeded");
        tx.create(intent.clone(), "payment_intent.succeeded");
    } else {
        fail(&mut intent.object, &method.object);
        tx.create(intent.clone(), "payment_intent.payment_failed");
    }
    if let Some(session) = text(&intent.hidden, "checkout_session") {
        checkout_session::settled(tx, session, paid)?;
    }
    if let Some(charge) = charge.filter(|_| paid) {
        let before = charge.object.clone();
        let mut charge = charge;
        let transaction = balance_transaction::for_charge(tx, &before, false);
        set(&mut charge.object, "balance_transaction", transaction);
        tx.update(&before, charge, "charge.updated");
    }
    Ok(())
}

/// The charge as it ended. A voucher that nobody paid never had one.
fn ended(
    tx: &mut Tx<'_>,
    intent: &mut Entry,
    method: &Object,
    paid: bool,
) -> Result<Option<Entry>, ApiError> {
    let pending = text(&intent.object, "latest_charge")
        .filter(|_| text(&intent.object, "status") == Some("processing"));
    let mut charge = match pending {
        Some(pending) => tx.known(Kind::Charge, pending)?,
        None if paid => charge::promised(tx, &intent.object, method, "succeeded"),
        None => return Ok(None),
    };
    set(&mut intent.object, "latest_charge", charge.id.as_str());
    set(&mut charge.object, "paid", paid);
    let event = if paid {
        set(&mut charge.object, "status", "succeeded");
        "charge.succeeded"
    } else {
        set(&mut charge.object, "status", "failed");
        set(
            &mut charge.object,
            "failure_code",
            "generic_could_not_process",
        );
        set(
            &mut charge.object,
            "failure_message",
            "The bank could not process the payment.",
        );
        set(&mut charge.object, "captured", false);
        set(&mut charge.object, "amount_captured", 0);
        "charge.failed"
    };
    tx.create(charge.clone(), event);
    Ok(Some(charge))
}

fn fail(intent: &mut Object, method: &Object) {
    let (code, message) = if text(method, "type") == Some(Delayed::Konbini.name()) {
        (
            "payment_intent_payment_attempt_expired",
            "The payment attempt for this PaymentIntent has expired.",
        )
    } else {
        (
            "payment_intent_payment_attempt_failed",
            "The payment failed.",
        )
    };
    let slug = code.replace('_', "-");
    let error = json!({
        "code": code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{slug}"),
        "message": message,
        "payment_method": method,
        "type": "invalid_request_error",
    });
    set(intent, "last_payment_error", error);
    set(intent, "payment_method", Value::Null);
    set(intent, "status", "requires_payment_method");
}
