//! One attempt to take money: the decision, the charge, and what the world is owed to hear.

use serde_json::{Value, json};

use super::{balance_transaction, charge, error_object, next_action, payment_method};
use crate::calendar::DAY;
use crate::cards::{Aftermath, CardError};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, integer, set, text};
use crate::resources::charge::Ending;
use crate::resources::dispute;
use crate::state::Entry;
use crate::tx::Tx;

/// Stripe holds an authorization this long.
const HOLD_SECONDS: i64 = 7 * DAY;

/// How the customer takes part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempt {
    /// Nobody is there to be asked.
    pub(crate) off_session: bool,
    /// The bank has said yes already.
    pub(crate) authenticated: bool,
    /// Where the bank's page leads in the end.
    pub(crate) return_url: Option<String>,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Succeeded,
    /// Held, to be captured later.
    Authorized,
    NeedsAction,
    Declined(CardError),
}

/// Events not yet sent: whoever started the attempt knows their order.
#[derive(Debug)]
#[must_use]
pub(crate) struct News {
    pub(crate) verdict: Verdict,
    /// As it is now.
    pub(crate) intent: Object,
    charge: Option<(&'static str, Object)>,
    at_once: bool,
    aftermath: Aftermath,
}

impl News {
    /// Everything, in the order of a plain confirmation.
    pub(crate) fn tell(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        self.tell_charge(tx);
        self.tell_intent(tx);
        self.settle(tx)
    }

    /// `charge.succeeded` or `charge.failed`.
    pub(crate) fn tell_charge(&self, tx: &mut Tx<'_>) {
        if let Some((kind, charge)) = &self.charge {
            tx.emit(kind, charge, None);
        }
    }

    /// What the intent came to.
    pub(crate) fn tell_intent(&self, tx: &mut Tx<'_>) {
        let kind = match self.verdict {
            Verdict::Succeeded => "payment_intent.succeeded",
            Verdict::Authorized => "payment_intent.amount_capturable_updated",
            Verdict::NeedsAction => "payment_intent.requires_action",
            Verdict::Declined(_) => "payment_intent.payment_failed",
        };
        tx.emit(kind, &self.intent, None);
    }

    /// What comes after: the balance transaction, and the trouble that the card stands for.
    pub(crate) fn settle(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        let (Verdict::Succeeded, Some((_, charge))) = (self.verdict, &self.charge) else {
            return Ok(());
        };
        let mut booked = tx.known(Kind::Charge, text(charge, "id").unwrap_or_default())?;
        let transaction = balance_transaction::for_charge(tx, charge, self.at_once);
        set(&mut booked.object, "balance_transaction", transaction);
        tx.update(charge, booked.clone(), "charge.updated");
        match self.aftermath {
            Aftermath::Disputes { reason, count } => dispute::open(tx, &booked, reason, count),
            Aftermath::Inquiry => dispute::inquire(tx, &booked),
            Aftermath::Nothing | Aftermath::RefundPending | Aftermath::RefundFails => Ok(()),
        }
    }
}

/// Tries to pay `intent` with `method`; stores intent, charge and method, sends nothing.
pub(crate) fn run(
    tx: &mut Tx<'_>,
    mut intent: Entry,
    method: &Entry,
    attempt: &Attempt,
) -> Result<News, ApiError> {
    let behaviour = payment_method::behaviour(method);
    let set_up = payment_method::is_set_up(method);
    let asks = if attempt.off_session {
        behaviour.asks_off_session(set_up)
    } else {
        behaviour.asks_on_session()
    };
    let error = if asks && attempt.off_session {
        Some(CardError {
            code: "authentication_required",
            decline_code: Some("authentication_required"),
        })
    } else {
        behaviour.decline
    };
    set(&mut intent.object, "payment_method", method.id.as_str());
    set(&mut intent.object, "next_action", Value::Null);
    let mut news = News {
        verdict: Verdict::NeedsAction,
        intent: Object::new(),
        charge: None,
        at_once: behaviour.available,
        aftermath: behaviour.aftermath,
    };
    if asks && !attempt.off_session && !attempt.authenticated {
        let action = next_action(tx, &intent.id, attempt.return_url.as_deref());
        set(&mut intent.object, "next_action", action);
        set(&mut intent.object, "status", "requires_action");
    } else if let Some(error) = error {
        news.verdict = Verdict::Declined(error);
        let ending = Ending::Failed(error);
        let failed = charge::of_intent(tx, &intent.object, &method.object, ending, false);
        set(&mut intent.object, "latest_charge", failed.id.as_str());
        fail(
            &mut intent.object,
            error,
            Some(&failed.object),
            &method.object,
        );
        news.charge = Some(("charge.failed", failed.object.clone()));
        tx.put(failed);
    } else {
        let manual = text(&intent.object, "capture_method") == Some("manual");
        let ending = if manual {
            Ending::Authorized
        } else {
            Ending::Captured
        };
        let asked = attempt.authenticated;
        let charge = charge::of_intent(tx, &intent.object, &method.object, ending, asked);
        succeed(tx, &mut intent, &charge, manual);
        let verdict = if manual {
            Verdict::Authorized
        } else {
            Verdict::Succeeded
        };
        news.verdict = verdict;
        news.charge = Some(("charge.succeeded", charge.object.clone()));
        tx.put(charge);
        keep_method(tx, &intent.object, method)?;
    }
    news.intent = intent.object.clone();
    tx.put(intent);
    Ok(news)
}

fn succeed(tx: &Tx<'_>, intent: &mut Entry, charge: &Entry, manual: bool) {
    let amount = integer(&intent.object, "amount").unwrap_or_default();
    set(&mut intent.object, "last_payment_error", Value::Null);
    set(&mut intent.object, "latest_charge", charge.id.as_str());
    if manual {
        set(&mut intent.object, "amount_capturable", amount);
        set(&mut intent.object, "status", "requires_capture");
        intent.wake_at = Some(tx.now().saturating_add(HOLD_SECONDS));
    } else {
        set(&mut intent.object, "amount_received", amount);
        set(&mut intent.object, "status", "succeeded");
    }
}

/// The attempt failed: the intent waits for another method and remembers why.
fn fail(intent: &mut Object, error: CardError, charge: Option<&Object>, method: &Object) {
    set(
        intent,
        "last_payment_error",
        error_object(error, charge, method),
    );
    set(intent, "payment_method", Value::Null);
    set(intent, "status", "requires_payment_method");
}

/// A method that is to be used again goes to the customer; any other is used up.
fn keep_method(tx: &mut Tx<'_>, intent: &Object, method: &Entry) -> Result<(), ApiError> {
    let Some(usage) = text(intent, "setup_future_usage") else {
        payment_method::use_up(tx, method);
        return Ok(());
    };
    let mut kept = match text(intent, "customer") {
        Some(customer) => payment_method::attach(tx, method, customer)?,
        None => method.clone(),
    };
    if usage == "off_session" {
        set(&mut kept.hidden, "set_up", true);
        tx.put(kept);
    }
    Ok(())
}

/// The bank's answer to an intent that waits for it.
pub(crate) fn resolve(tx: &mut Tx<'_>, id: &str, approved: bool) -> Result<News, ApiError> {
    let mut intent = tx.open(Kind::PaymentIntent, id)?;
    let asks = text(&intent.object, "status") == Some("requires_action");
    if !asks || super::is_promised(&intent) {
        return Err(super::unexpected(
            &intent.object,
            "authenticated",
            "requires_action",
        ));
    }
    let method = text(&intent.object, "payment_method").unwrap_or_default();
    let method = tx.known(Kind::PaymentMethod, method)?;
    if approved {
        let attempt = Attempt {
            authenticated: true,
            ..Attempt::default()
        };
        return run(tx, intent, &method, &attempt);
    }
    let error = CardError {
        code: "payment_intent_authentication_failure",
        decline_code: None,
    };
    fail(&mut intent.object, error, None, &method.object);
    if let Some(last) = intent.object.get_mut("last_payment_error") {
        last["type"] = json!("invalid_request_error");
    }
    set(&mut intent.object, "next_action", Value::Null);
    let news = News {
        verdict: Verdict::Declined(error),
        intent: intent.object.clone(),
        charge: None,
        at_once: false,
        aftermath: Aftermath::Nothing,
    };
    tx.put(intent);
    Ok(news)
}
