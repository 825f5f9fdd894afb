//! Sessions paid by a method whose money comes later.

use serde_json::{Value, json};

use super::pay::{Intent, complete, customer_of, intent_of};
use super::{Outcome, Payer};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, dig, set, text};
use crate::params::Args;
use crate::resources::delayed::{Delayed, Ending};
use crate::resources::{payment_intent, payment_method};
use crate::state::Entry;
use crate::tx::Tx;

/// The types that a session offers: those that were asked for, or all that fit.
pub(super) fn types(args: &Args, currency: &str, total: i64) -> Result<Value, ApiError> {
    let data = args.hash("payment_intent_data").unwrap_or_default();
    let at_once = data.has("setup_future_usage") || data.text("capture_method") == Some("manual");
    let plain = args.text("mode") == Some("payment") && !at_once;
    let fits = |method: &Delayed| plain && method.fits(currency, total);
    let delayed: Vec<&str> = Delayed::ALL
        .iter()
        .filter(|method| fits(method))
        .map(|method| method.name())
        .collect();
    let all: Vec<&str> = std::iter::once("card").chain(delayed).collect();
    let asked = args.list("payment_method_types");
    if let Some(other) = asked
        .iter()
        .find(|one| !all.iter().any(|known| *one == known))
    {
        let what = format!("the payment method type {other} here");
        return Err(ApiError::unsupported("payment_method_types", &what));
    }
    let excluded = args.list("excluded_payment_method_types");
    let offered = all.into_iter().filter(|one| {
        let is_asked = asked.is_empty() || asked.iter().any(|asked| asked == one);
        is_asked && !excluded.iter().any(|excluded| excluded == one)
    });
    let offered: Vec<&str> = offered.collect();
    if offered.is_empty() {
        let message = "No payment method types are left for this Checkout Session.";
        return Err(ApiError::invalid(message).param("excluded_payment_method_types"));
    }
    Ok(json!(offered))
}

/// Whether a session can be paid by this type of method.
pub(crate) fn offers(session: &Object, name: &str) -> bool {
    let types = dig(session, "payment_method_types").as_array();
    types.is_some_and(|types| types.iter().any(|one| one == name))
}

/// Completes a session, to be paid later.
pub(crate) fn pay_later(
    tx: &mut Tx<'_>,
    id: &str,
    payer: Payer<'_>,
    (method, ending): (Delayed, Ending),
) -> Result<Outcome, ApiError> {
    let mut session = tx.open(Kind::CheckoutSession, id)?;
    let status = text(&session.object, "status").unwrap_or_default();
    if status != "open" {
        return Ok(Outcome::NotOpen {
            status: status.to_owned(),
        });
    }
    if !offers(&session.object, method.name()) {
        let message = format!("This Checkout Session does not offer {}.", method.name());
        return Err(ApiError::invalid(message).while_executing());
    }
    let customer = customer_of(tx, &session, payer);
    if let Some(customer) = &customer {
        set(&mut session.object, "customer", customer.as_str());
    }
    let Intent { mut entry, created } = intent_of(tx, &session, customer.as_deref())?;
    set(&mut entry.object, "customer", customer.as_deref());
    let types = session.object.get("payment_method_types").cloned();
    set(&mut entry.object, "payment_method_types", types);
    set(&mut entry.hidden, "checkout_session", id);
    if created {
        tx.emit("payment_intent.created", &entry.object, None);
    }
    let intent = entry.id.clone();
    let paid_with = payment_method::of_delayed(tx, method, (payer.email, payer.name));
    payment_intent::promise(tx, entry, &paid_with, (method, ending));
    let event = complete(tx, session, payer, customer.as_deref(), Some(&intent));
    Ok(Outcome::Paid { event })
}

/// The intent of a session that waits for its money.
pub(crate) fn promised(tx: &Tx<'_>, id: &str) -> Result<String, ApiError> {
    let session = tx.retrieve(Kind::CheckoutSession, id)?;
    let intent = text(&session.object, "payment_intent");
    let waits = |id: &&str| {
        let intent = tx.state().entries.of(Kind::PaymentIntent, id);
        intent.is_some_and(payment_intent::is_promised)
    };
    intent.filter(waits).map(ToOwned::to_owned).ok_or_else(|| {
        ApiError::invalid("This Checkout Session does not wait for a payment.").while_executing()
    })
}

/// The money has come, or it never will.
pub(crate) fn settled(tx: &mut Tx<'_>, id: &str, paid: bool) -> Result<(), ApiError> {
    let mut session: Entry = tx.known(Kind::CheckoutSession, id)?;
    let event = if paid {
        set(&mut session.object, "payment_status", "paid");
        "checkout.session.async_payment_succeeded"
    } else {
        "checkout.session.async_payment_failed"
    };
    tx.create(session, event);
    Ok(())
}
