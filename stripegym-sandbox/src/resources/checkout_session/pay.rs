//! Paying for a session: the one place where money moves.

use serde_json::{Value, json};

use crate::cards::{Card, CardError};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, empty_address, integer, set, text};
use crate::params::Args;
use crate::resources::payment_intent::{self, News, Verdict};
use crate::resources::{customer, payment_method};
use crate::state::{Entry, State};
use crate::tx::Tx;

use super::recurring::{self, SUBSCRIBING};

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
    /// The bank asks first, on this page.
    NeedsAction {
        url: String,
    },
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
    let method = card.map(|card| payment_method::of_card(tx, card, payer.email, payer.name));
    if method.is_none() && recurring::needs_card(&session.object) {
        return Err(ApiError::invalid("A card is needed to pay this session."));
    }
    let nothing_due = integer(&session.object, "amount_total").unwrap_or_default() == 0;
    let mode = recurring::mode(&session.object);
    if mode == "payment" && nothing_due {
        let customer = customer_of(tx, &session, payer);
        let event = complete(tx, session, payer, customer.as_deref(), None);
        return Ok(Outcome::Paid { event });
    }
    if mode == "payment" {
        return match method {
            Some(method) => take(tx, session, payer, &method),
            None => Err(ApiError::internal("The session has no card.")),
        };
    }
    let outcome = tx.in_order(&SUBSCRIBING, |tx| match method {
        Some(method) if !nothing_due => take(tx, session, payer, &method),
        method => recurring::set_up(tx, session, payer, method.as_ref()),
    })?;
    Ok(with_event(tx, outcome, id))
}

/// Events that were kept back have their ids only now.
pub(super) fn with_event(tx: &Tx<'_>, outcome: Outcome, session: &str) -> Outcome {
    match outcome {
        Outcome::Paid { .. } => Outcome::Paid {
            event: completed_event(tx.state(), session).unwrap_or_default(),
        },
        other => other,
    }
}

/// The event that told of a session's completion.
pub(crate) fn completed_event(state: &State, session: &str) -> Option<String> {
    let mut events = state.entries.newest_first(Kind::Event);
    let found = events.find(|entry| {
        text(&entry.object, "type") == Some("checkout.session.completed")
            && entry
                .object
                .get("data")
                .is_some_and(|data| data["object"]["id"] == session)
    });
    found.map(|entry| entry.id.clone())
}

/// Events leave in the order that was seen from Stripe, odd as it looks; nobody may rely on it.
fn take(
    tx: &mut Tx<'_>,
    mut session: Entry,
    payer: Payer<'_>,
    method: &Entry,
) -> Result<Outcome, ApiError> {
    let declines = payment_method::behaviour(method).decline.is_some();
    let customer = if declines {
        text(&session.object, "customer").map(ToOwned::to_owned)
    } else {
        customer_of(tx, &session, payer)
    };
    if let Some(customer) = &customer {
        set(&mut session.object, "customer", customer.as_str());
    }
    let Intent { mut entry, created } = intent_of(tx, &session, customer.as_deref())?;
    let opened = entry.object.clone();
    if let Some(customer) = &customer {
        set(&mut entry.object, "customer", customer.as_str());
    }
    set(&mut entry.hidden, "checkout_session", session.id.as_str());
    set(
        &mut entry.hidden,
        "payer",
        json!({ "email": payer.email, "name": payer.name }),
    );
    let attempt = payment_intent::Attempt {
        return_url: Some(super::page_url(tx, &session.id)),
        ..payment_intent::Attempt::default()
    };
    let news = payment_intent::run(tx, entry, method, &attempt)?;
    if news.verdict == Verdict::Succeeded || news.verdict == Verdict::Authorized {
        return finish(tx, session, payer, (&news, created.then_some(&opened)));
    }
    if created {
        tx.emit("payment_intent.created", &opened, None);
    }
    // The session shows its intent only once it is paid, but the next try continues it.
    set(
        &mut session.object,
        "customer",
        session_customer(tx, &session.id),
    );
    let intent = text(&news.intent, "id").unwrap_or_default();
    set(&mut session.hidden, "payment_intent", intent);
    tx.put(session);
    news.tell(tx)?;
    Ok(match news.verdict {
        Verdict::Declined(error) => Outcome::Declined(error),
        _ => Outcome::NeedsAction {
            url: format!("{}/c/3ds/{intent}", tx.settings.public_url),
        },
    })
}

/// Who started what the bank was asked about.
pub(super) fn payer_of(intent: &Entry) -> (String, String) {
    let typed = |field: &str| {
        let payer = intent.hidden.get("payer");
        let typed = payer.and_then(|payer| payer[field].as_str());
        typed.unwrap_or_default().to_owned()
    };
    (typed("email"), typed("name"))
}

/// The setup intent that an earlier attempt left.
pub(super) fn opened_intent(session: &Entry) -> Option<&str> {
    text(&session.hidden, "setup_intent")
}

/// What the stored session says, before this attempt.
fn session_customer(tx: &Tx<'_>, id: &str) -> Value {
    let stored = tx.state().entries.of(Kind::CheckoutSession, id);
    stored
        .and_then(|entry| entry.object.get("customer").cloned())
        .unwrap_or_default()
}

fn finish(
    tx: &mut Tx<'_>,
    mut session: Entry,
    payer: Payer<'_>,
    (news, opened): (&News, Option<&Object>),
) -> Result<Outcome, ApiError> {
    news.tell_charge(tx);
    news.tell_intent(tx);
    if let Some(opened) = opened {
        tx.emit("payment_intent.created", opened, None);
    }
    let customer = text(&news.intent, "customer");
    let intent = text(&news.intent, "id");
    if recurring::mode(&session.object) == "subscription" {
        let method = text(&news.intent, "payment_method");
        let customer = customer.unwrap_or_default();
        recurring::subscribe(tx, &mut session, customer, method, intent)?;
    }
    let event = complete(tx, session, payer, customer, intent);
    news.settle(tx)?;
    Ok(Outcome::Paid { event })
}

/// The bank has answered for a session's intent. Answers the session's page when it stays open.
pub(crate) fn authenticated(
    tx: &mut Tx<'_>,
    intent: &Entry,
    news: &News,
) -> Result<Outcome, ApiError> {
    let id = text(&intent.hidden, "checkout_session").unwrap_or_default();
    let session = tx.known(Kind::CheckoutSession, id)?;
    let status = text(&session.object, "status")
        .unwrap_or_default()
        .to_owned();
    match news.verdict {
        Verdict::Declined(error) => {
            news.tell(tx)?;
            Ok(Outcome::Declined(error))
        }
        _ if status != "open" => Ok(Outcome::NotOpen { status }),
        _ => {
            let (email, name) = payer_of(intent);
            let payer = Payer {
                email: &email,
                name: &name,
            };
            let id = session.id.clone();
            if recurring::mode(&session.object) == "payment" {
                return finish(tx, session, payer, (news, None));
            }
            let finished = |tx: &mut Tx<'_>| finish(tx, session, payer, (news, None));
            let outcome = tx.in_order(&SUBSCRIBING, finished)?;
            Ok(with_event(tx, outcome, &id))
        }
    }
}

pub(super) struct Intent {
    pub(super) entry: Entry,
    pub(super) created: bool,
}

/// The intent that an earlier, declined attempt left, or a new one.
pub(super) fn intent_of(
    tx: &mut Tx<'_>,
    session: &Entry,
    customer: Option<&str>,
) -> Result<Intent, ApiError> {
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
    let mut data = Args(data.unwrap_or_default());
    if recurring::mode(&session.object) == "subscription" {
        set(&mut data.0, "description", "Subscription creation");
        set(&mut data.0, "setup_future_usage", "off_session");
    }
    let entry = payment_intent::open(tx, amount, currency, customer, &data);
    Ok(Intent {
        entry,
        created: true,
    })
}

/// The session's customer; a new one if the session asks for it or cannot do without.
pub(super) fn customer_of(tx: &mut Tx<'_>, session: &Entry, payer: Payer<'_>) -> Option<String> {
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
    let subscribes = recurring::mode(&session.object) == "subscription";
    (always || saves_card || invoices || subscribes)
        .then(|| customer::from_checkout(tx, payer.email, payer.name))
}

pub(super) fn complete(
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
    if text(session, "mode") == Some("payment") {
        set(session, "payment_intent", intent);
    }
    let held = text(session, "payment_status") == Some("unpaid") && is_held(tx, intent);
    if intent.is_some() && !held {
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

/// Captured or paid later: nothing is paid yet.
fn is_held(tx: &Tx<'_>, intent: Option<&str>) -> bool {
    let intent = intent.and_then(|id| tx.state().entries.of(Kind::PaymentIntent, id));
    let waits = ["requires_capture", "requires_action", "processing"];
    intent.is_some_and(|intent| text(&intent.object, "status").is_some_and(|s| waits.contains(&s)))
}
