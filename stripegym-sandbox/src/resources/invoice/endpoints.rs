//! Finalizing, paying and sending by request.

use serde_json::json;

use super::collect::{self, Presence};
use crate::calendar::HOUR;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{set, text};
use crate::resources::{Call, Reply, payment_intent, payment_method, show};
use crate::state::Entry;
use crate::tx::{Tx, assign};

/// The invoice of the path, if it is in one of these states.
pub(super) fn in_status(
    tx: &mut Tx<'_>,
    call: &Call,
    allowed: &[&str],
    action: &str,
) -> Result<Entry, ApiError> {
    let entry = tx.open(Kind::Invoice, &call.id)?;
    let status = text(&entry.object, "status").unwrap_or_default();
    if allowed.contains(&status) {
        return Ok(entry);
    }
    let message = match (action, status) {
        ("paid", "paid") => "Invoice is already paid".to_owned(),
        ("finalized", _) => "This invoice is already finalized, you can't re-finalize a \
                             non-draft invoice."
            .to_owned(),
        _ => format!("This invoice cannot be {action} because it has a status of {status}."),
    };
    Err(ApiError::invalid(message).while_executing())
}

pub(super) fn finalize(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = in_status(tx, call, &["draft"], "finalized")?;
    assign(&mut entry.object, &call.args, &["auto_advance"]);
    let automatic = entry.object.get("auto_advance") == Some(&json!(true));
    tx.in_order(&collect::COLLECTING, |tx| {
        let open = collect::finalize(tx, entry)?;
        if automatic && text(&open.object, "status") == Some("open") {
            let mut open = open;
            let at = tx.now().saturating_add(HOUR);
            if text(&open.object, "collection_method") == Some("charge_automatically") {
                set(&mut open.object, "next_payment_attempt", at);
                open.wake_at = Some(at);
            }
            tx.put(open);
        }
        Ok(())
    })?;
    show(tx, Kind::Invoice, &call.id)
}

pub(super) fn pay(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = in_status(tx, call, &["draft", "open", "uncollectible"], "paid")?;
    let args = &call.args;
    let method = match args.text("payment_method") {
        Some(id) => Some(payment_method::named(tx, id, "payment_method")?),
        None => None,
    };
    let presence = match args.boolean("off_session") {
        Some(false) => Presence::Customer,
        _ => Presence::Nobody,
    };
    let verdict = tx.in_order(&collect::COLLECTING, |tx| {
        let open = match text(&entry.object, "status") {
            Some("draft") => collect::finalize(tx, entry)?,
            _ => entry,
        };
        if text(&open.object, "status") == Some("paid") {
            return Ok(Some(payment_intent::Verdict::Succeeded));
        }
        if args.boolean("paid_out_of_band") == Some(true) {
            collect::out_of_band(tx, open)?;
            return Ok(Some(payment_intent::Verdict::Succeeded));
        }
        collect::collect(tx, open, method, presence)
    })?;
    let refuse = |tx: &Tx<'_>, error: ApiError| {
        let invoice = tx.known(Kind::Invoice, &call.id)?;
        let intent = text(&invoice.hidden, "payment_intent").unwrap_or_default();
        let intent = tx.known(Kind::PaymentIntent, intent)?;
        Ok(Reply::kept(
            tx,
            &error.with("payment_intent", intent.object),
        ))
    };
    match verdict {
        Some(payment_intent::Verdict::Declined(error)) => refuse(tx, ApiError::card(error)),
        Some(payment_intent::Verdict::NeedsAction) => refuse(
            tx,
            ApiError::failed("This payment requires additional user action before it can be completed successfully.")
                .code("invoice_payment_intent_requires_action"),
        ),
        Some(_) => show(tx, Kind::Invoice, &call.id),
        None => Err(ApiError::invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Please set a \
             default payment method or pass one with `payment_method`.",
        )
        .code("resource_missing")
        .while_executing()),
    }
}

pub(super) fn send(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = in_status(tx, call, &["draft", "open"], "sent")?;
    if text(&entry.object, "collection_method") != Some("send_invoice") {
        let message = "You can only manually send an invoice if its collection method is \
                       'send_invoice'.";
        return Err(ApiError::invalid(message).while_executing());
    }
    tx.in_order(&collect::COLLECTING, |tx| {
        let open = match text(&entry.object, "status") {
            Some("draft") => collect::finalize(tx, entry)?,
            _ => entry,
        };
        tx.emit("invoice.sent", &open.object, None);
        Ok(())
    })?;
    show(tx, Kind::Invoice, &call.id)
}
