//! Paying for a session: the one place where money moves.

use serde_json::{Value, json};

use crate::cards::{Behaviour, Card, CardError};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, empty_address, integer, set, text};
use crate::params::Args;
use crate::resources::{balance_transaction, charge, customer, payment_intent, payment_method};
use crate::state::Entry;
use crate::tx::Tx;

/// Who pays, as typed into the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payer<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
}

/// How it went. A decline is an outcome, not an error: it leaves a charge and events behind.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Holds the event `checkout.session.completed`.
    Paid {
        event: String,
    },
    Declined(CardError),
    /// Complete or expired already: nothing was charged.
    NotOpen {
        status: String,
    },
}

/// Pays once: a session that is not open any more is never charged again. No card is needed
/// when nothing is due.
pub(crate) fn pay(
    tx: &mut Tx<'_>,
    id: &str,
    payer: Payer<'_>,
    card: Option<&Card>,
) -> Result<Outcome, ApiError> {
    let session = tx.retrieve(Kind::CheckoutSession, id)?.clone();
    let status = text(&session.object, "status").unwrap_or_default();
    if status != "open" {
        return Ok(Outcome::NotOpen {
            status: status.to_owned(),
        });
    }
    if integer(&session.object, "amount_total") == Some(0) {
        let customer = customer_of(tx, &session, payer);
        let event = complete(tx, session, payer, customer.as_deref(), None);
        return Ok(Outcome::Paid { event });
    }
    let card = card.ok_or_else(|| ApiError::invalid("A card is needed to pay this session."))?;
    match card.behaviour {
        Behaviour::Succeeds | Behaviour::SucceedsAvailable => Ok(Outcome::Paid {
            event: succeed(tx, session, payer, card)?,
        }),
        Behaviour::Declines { code, decline_code } => {
            let error = CardError {
                code,
                decline_code: Some(decline_code),
            };
            decline(tx, session, payer, card, error)?;
            Ok(Outcome::Declined(error))
        }
        Behaviour::NeedsAuthentication => Ok(Outcome::Declined(CardError {
            code: "authentication_required",
            decline_code: None,
        })),
    }
}

/// Events leave in the order that was seen from Stripe, odd as it looks; nobody may rely on it.
fn succeed(
    tx: &mut Tx<'_>,
    session: Entry,
    payer: Payer<'_>,
    card: &Card,
) -> Result<String, ApiError> {
    let customer = customer_of(tx, &session, payer);
    let Intent { mut entry, created } = intent_of(tx, &session, customer.as_deref())?;
    let opened = entry.object.clone();
    if let Some(customer) = &customer {
        set(&mut entry.object, "customer", customer.as_str());
    }
    let method = payment_method::of_card(tx, card, payer.email, payer.name).object;
    let charge = charge::of_intent(tx, &entry.object, &method, card, None);
    let uncaptured = charge.object.clone();
    tx.create(charge.clone(), "charge.succeeded");

    payment_intent::succeed(&mut entry.object, &uncaptured, &method);
    let intent = entry.id.clone();
    tx.create(entry, "payment_intent.succeeded");
    if created {
        tx.emit("payment_intent.created", &opened, None);
    }
    let event = complete(tx, session, payer, customer.as_deref(), Some(&intent));

    let at_once = card.behaviour == Behaviour::SucceedsAvailable;
    let transaction = balance_transaction::for_charge(tx, &uncaptured, card.country, at_once);
    let mut booked = charge;
    set(&mut booked.object, "balance_transaction", transaction);
    tx.update(&uncaptured, booked, "charge.updated");
    Ok(event)
}

fn decline(
    tx: &mut Tx<'_>,
    mut session: Entry,
    payer: Payer<'_>,
    card: &Card,
    error: CardError,
) -> Result<(), ApiError> {
    let customer = text(&session.object, "customer").map(ToOwned::to_owned);
    let Intent { mut entry, created } = intent_of(tx, &session, customer.as_deref())?;
    if created {
        tx.emit("payment_intent.created", &entry.object, None);
        // The session shows its intent only once it is paid, but the next try continues it.
        set(&mut session.hidden, "payment_intent", entry.id.as_str());
        tx.put(session);
    }
    let method = payment_method::of_card(tx, card, payer.email, payer.name).object;
    let charge = charge::of_intent(tx, &entry.object, &method, card, Some(error));
    let failed = charge.object.clone();
    tx.create(charge, "charge.failed");
    payment_intent::fail(&mut entry.object, &failed, &method, error);
    tx.create(entry, "payment_intent.payment_failed");
    Ok(())
}

struct Intent {
    entry: Entry,
    created: bool,
}

/// The intent that an earlier, declined attempt left, or a new one.
fn intent_of(tx: &mut Tx<'_>, session: &Entry, customer: Option<&str>) -> Result<Intent, ApiError> {
    if let Some(id) = text(&session.hidden, "payment_intent") {
        return Ok(Intent {
            entry: tx.known(Kind::PaymentIntent, id)?,
            created: false,
        });
    }
    let data = session
        .hidden
        .get("payment_intent_data")
        .and_then(Value::as_object)
        .cloned();
    let amount = integer(&session.object, "amount_total").unwrap_or_default();
    let currency = text(&session.object, "currency").unwrap_or_default();
    let data = Args(data.unwrap_or_default());
    let entry = payment_intent::open(tx, amount, currency, customer, &data);
    Ok(Intent {
        entry,
        created: true,
    })
}

/// The session's customer; a new one if the session asks for it or cannot do without.
fn customer_of(tx: &mut Tx<'_>, session: &Entry, payer: Payer<'_>) -> Option<String> {
    if let Some(customer) = text(&session.object, "customer") {
        return Some(customer.to_owned());
    }
    let data = session.hidden.get("payment_intent_data");
    let saves_card = data.is_some_and(|data| data["setup_future_usage"].is_string());
    let invoices = session
        .object
        .get("invoice_creation")
        .is_some_and(|i| i["enabled"] == true);
    let always = text(&session.object, "customer_creation") == Some("always");
    (always || saves_card || invoices).then(|| customer::from_checkout(tx, payer.email, payer.name))
}

fn complete(
    tx: &mut Tx<'_>,
    mut entry: Entry,
    payer: Payer<'_>,
    customer: Option<&str>,
    intent: Option<&str>,
) -> String {
    let session: &mut Object = &mut entry.object;
    set(session, "status", "complete");
    set(session, "url", Value::Null);
    set(session, "customer", customer);
    set(session, "payment_intent", intent);
    if intent.is_some() {
        set(session, "payment_status", "paid");
    }
    let details = json!({
        "address": empty_address(),
        "business_name": null,
        "email": payer.email,
        "individual_name": null,
        "name": payer.name,
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": [],
    });
    set(session, "customer_details", details);
    entry.wake_at = None;
    entry.hidden.remove("payment_intent");
    let session = entry.object.clone();
    tx.put(entry);
    tx.emit("checkout.session.completed", &session, None)
}
