//! What a session does beyond one payment: subscriptions, and cards saved for later.

use serde_json::{Value, json};

use super::pay::{Outcome, Payer, complete, customer_of, opened_intent};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, integer, set, text};
use crate::params::Args;
use crate::resources::{payment_method, setup_intent, subscription};
use crate::state::Entry;
use crate::tx::{Order, Tx, assign};

/// As seen from Stripe.
pub(super) const SUBSCRIBING: Order = Order {
    well: &[
        "charge.succeeded",
        "payment_method.attached",
        "customer.created",
        "checkout.session.completed",
        "customer.updated",
        "customer.subscription.created",
        "setup_intent.created",
        "setup_intent.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "charge.updated",
    ],
    otherwise: &[
        "customer.created",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
    ],
};

/// `payment`, `subscription` or `setup`.
pub(super) fn mode(session: &Object) -> &str {
    text(session, "mode").unwrap_or("payment")
}

/// Whether the page asks for a card.
pub(crate) fn needs_card(session: &Object) -> bool {
    let due = integer(session, "amount_total").unwrap_or_default() != 0;
    match mode(session) {
        "setup" => true,
        "subscription" => due || text(session, "payment_method_collection") == Some("always"),
        _ => due,
    }
}

/// Makes what the session promises, once its money or its card is there.
pub(super) fn subscribe(
    tx: &mut Tx<'_>,
    session: &mut Entry,
    customer: &str,
    method: Option<&str>,
    intent: Option<&str>,
) -> Result<(), ApiError> {
    let data = session
        .hidden
        .get("subscription_data")
        .and_then(Value::as_object);
    let data = Args(data.cloned().unwrap_or_default());
    let mut args = Args::default();
    let plain = [
        "metadata",
        "description",
        "trial_period_days",
        "trial_end",
        "trial_settings",
    ];
    assign(&mut args.0, &data, &plain);
    let items = super::lines(session)
        .iter()
        .map(|line| json!({ "price": line["price"]["id"], "quantity": line["quantity"] }));
    let items: Vec<Value> = items.collect();
    set(&mut args.0, "items", items);
    set(&mut args.0, "customer", customer);
    if let Some(method) = method {
        set(&mut args.0, "default_payment_method", method);
    }
    let made = subscription::create_paid(tx, &args, intent)?;
    set(&mut session.object, "subscription", made.id);
    let invoice = made
        .object
        .get("latest_invoice")
        .cloned()
        .unwrap_or_default();
    set(&mut session.object, "invoice", invoice);
    Ok(())
}

/// Nothing is due now; the card is kept for later, if there is one.
pub(super) fn set_up(
    tx: &mut Tx<'_>,
    mut session: Entry,
    payer: Payer<'_>,
    method: Option<&Entry>,
) -> Result<Outcome, ApiError> {
    let Some(method) = method else {
        return finish(tx, session, payer, None);
    };
    let behaviour = payment_method::behaviour(method);
    let declines = behaviour.decline.is_some() && !behaviour.attachable;
    if !declines {
        let customer = customer_of(tx, &session, payer);
        set(&mut session.object, "customer", customer);
    }
    let intent = intent_of(tx, &mut session, payer)?;
    let id = intent.id.clone();
    let back = super::page_url(tx, &session.id);
    if let Some(error) = setup_intent::attempt(tx, intent, method, false, Some(&back))? {
        tx.put(session);
        return Ok(Outcome::Declined(error));
    }
    let after = tx.known(Kind::SetupIntent, &id)?;
    if text(&after.object, "status") == Some("requires_action") {
        tx.put(session);
        let url = format!("{}/c/3ds/{id}", tx.settings.public_url);
        return Ok(Outcome::NeedsAction { url });
    }
    finish(tx, session, payer, Some(&method.id))
}

/// The session's setup intent: its own in setup mode, else one made on the way.
fn intent_of(tx: &mut Tx<'_>, session: &mut Entry, payer: Payer<'_>) -> Result<Entry, ApiError> {
    let customer = text(&session.object, "customer").map(ToOwned::to_owned);
    let known = text(&session.object, "setup_intent").or(opened_intent(session));
    let mut intent = match known {
        Some(id) => tx.known(Kind::SetupIntent, id)?,
        None => {
            let intent = setup_intent::open(tx, customer.as_deref(), "off_session");
            tx.create(intent.clone(), "setup_intent.created");
            set(&mut session.hidden, "setup_intent", intent.id.as_str());
            intent
        }
    };
    set(&mut intent.object, "customer", customer);
    set(&mut intent.hidden, "checkout_session", session.id.as_str());
    set(
        &mut intent.hidden,
        "payer",
        json!({ "email": payer.email, "name": payer.name }),
    );
    Ok(intent)
}

fn finish(
    tx: &mut Tx<'_>,
    mut session: Entry,
    payer: Payer<'_>,
    method: Option<&str>,
) -> Result<Outcome, ApiError> {
    let customer = customer_of(tx, &session, payer);
    if mode(&session.object) == "subscription" {
        let customer = customer.as_deref().unwrap_or_default();
        subscribe(tx, &mut session, customer, method, None)?;
        set(&mut session.object, "payment_status", "no_payment_required");
    }
    let event = complete(tx, session, payer, customer.as_deref(), None);
    Ok(Outcome::Paid { event })
}

/// The bank has agreed to keep the card of a session.
pub(crate) fn card_saved(tx: &mut Tx<'_>, intent: &Entry) -> Result<Outcome, ApiError> {
    let id = text(&intent.hidden, "checkout_session").unwrap_or_default();
    let session = tx.known(Kind::CheckoutSession, id)?;
    let status = text(&session.object, "status")
        .unwrap_or_default()
        .to_owned();
    if status != "open" {
        return Ok(Outcome::NotOpen { status });
    }
    let (email, name) = super::pay::payer_of(intent);
    let payer = Payer {
        email: &email,
        name: &name,
    };
    let method = text(&intent.object, "payment_method").map(ToOwned::to_owned);
    let outcome = tx.in_order(&SUBSCRIBING, |tx| {
        finish(tx, session, payer, method.as_deref())
    })?;
    Ok(super::pay::with_event(tx, outcome, id))
}
