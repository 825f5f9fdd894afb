//! The hosted checkout: plain HTML forms, in English and Japanese, without any script.

pub(crate) mod bank;
mod form;
pub(crate) mod invoice;
mod language;
pub(crate) mod later;
mod page;
pub(crate) mod portal;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde_json::Value;

use crate::cards::{Card, CardError, CardInput, year_and_month};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::text;
use crate::resources::checkout_session::{self, Outcome, Payer};
use crate::resources::delayed::Delayed;
use crate::state::{Entry, State};
use crate::tx::Origin;
use crate::web::redirect;

use form::Typed;
use language::Language;
use page::Problem;

/// As long as Stripe's page waits for the merchant to hear of the payment.
const ACKNOWLEDGEMENT_WAIT: Duration = Duration::from_secs(10);

/// Answers `/c/pay/{id}`.
pub(crate) async fn respond(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    id: &str,
) -> Response<Bytes> {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    // Sessions whose time has come expire before anyone looks at them.
    if let Err(error) = engine.wake() {
        return page::failure(Language::from_header(accepted), &error);
    }
    let Some(session) = find(engine, id) else {
        return page::not_found(Language::from_header(accepted));
    };
    let locale = text(&session.object, "locale").unwrap_or("auto");
    let language = Language::choose(locale, accepted);
    let merchant = &engine.settings.merchant_name;
    match *request.method() {
        Method::GET => match text(&session.object, "status") {
            Some("open") => {
                let typed = Typed::fresh(engine.read(|state| form::locked_email(state, &session)));
                page::checkout(language, merchant, &session, &typed, None)
            }
            Some("complete") => page::complete(language, merchant, &session),
            _ => page::expired(language, merchant, &session),
        },
        Method::POST => submit(engine, request, &session, language).await,
        _ => page::not_found(language),
    }
}

/// The email that a session or its customer fixes.
pub(crate) fn email_of(state: &State, id: &str) -> Option<String> {
    form::locked_email(state, state.entries.of(Kind::CheckoutSession, id)?)
}

fn find(engine: &Engine, id: &str) -> Option<Entry> {
    engine.read(|state| state.entries.of(Kind::CheckoutSession, id).cloned())
}

async fn submit(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    session: &Entry,
    language: Language,
) -> Response<Bytes> {
    let merchant = &engine.settings.merchant_name;
    let locked = engine.read(|state| form::locked_email(state, session));
    let typed = Typed::read(request.body(), locked);
    let problem = match typed.check() {
        Err(problem) => Some(problem),
        Ok(()) => match pay(engine, &session.id, &typed).await {
            Ok(Outcome::Paid { .. }) => None,
            Ok(Outcome::NotOpen { status }) if status == "complete" => None,
            Ok(Outcome::NotOpen { .. }) => return page::expired(language, merchant, session),
            Ok(Outcome::Declined(error)) => Some(Problem::Card(error)),
            Ok(Outcome::NeedsAction { url }) => return redirect(&url),
            Err(PayError::Card(error)) => Some(Problem::Card(error)),
            Err(PayError::Api(error)) => return page::failure(language, &error),
        },
    };
    match problem {
        None => redirect(&success_url(session)),
        Some(problem) => page::checkout(language, merchant, session, &typed, Some(problem)),
    }
}

/// What a customer pays with.
#[derive(Clone, Copy)]
pub(crate) enum Means<'a> {
    Card(CardInput<'a>),
    /// A method whose money comes later, and what decides how it ends.
    Later(Delayed, &'a str),
}

/// Why nothing was charged.
#[derive(Debug)]
pub(crate) enum PayError {
    /// What was typed is no card.
    Card(CardError),
    Api(ApiError),
}

impl From<ApiError> for PayError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// Pays as the page does, then waits for the merchant's first answer to
/// `checkout.session.completed`, so that the page behind `success_url` finds its order made.
async fn pay(engine: &Arc<Engine>, id: &str, typed: &Typed) -> Result<Outcome, PayError> {
    let means = match typed.delayed() {
        Some(method) => Means::Later(method, typed.decisive(method)),
        None => Means::Card(CardInput {
            number: &typed.number,
            expiry: &typed.expiry,
            cvc: &typed.cvc,
        }),
    };
    let payer = Payer {
        email: &typed.email,
        name: &typed.name,
    };
    complete(engine, id, payer, means).await
}

/// As [`pay`], for callers without a form.
pub(crate) async fn complete(
    engine: &Arc<Engine>,
    id: &str,
    payer: Payer<'_>,
    means: Means<'_>,
) -> Result<Outcome, PayError> {
    let origin = Origin {
        request_id: Some(engine.request_id()),
        ..Origin::default()
    };
    let outcome = engine.transact(origin, |tx| {
        let session = tx.retrieve(Kind::CheckoutSession, id)?;
        let input = match means {
            Means::Card(input) => input,
            Means::Later(method, typed) => {
                let ending = method.ending(typed);
                let ending = ending.ok_or_else(|| ApiError::invalid("This is no IBAN."))?;
                let paid = checkout_session::pay_later(tx, id, payer, (method, ending));
                return paid.map_err(PayError::Api);
            }
        };
        let due = checkout_session::needs_card(&session.object);
        let open = text(&session.object, "status") == Some("open");
        if due && open && !checkout_session::offers(&session.object, "card") {
            let message = "This Checkout Session does not take cards.";
            return Err(PayError::Api(ApiError::invalid(message)));
        }
        let card = if due && open {
            Some(Card::check(input, year_and_month(tx.now())).map_err(PayError::Card)?)
        } else {
            None
        };
        checkout_session::pay(tx, id, payer, card.as_ref()).map_err(PayError::Api)
    })?;
    if let Outcome::Paid { event } = &outcome {
        await_answer(engine, event).await;
    } else if let Outcome::NotOpen { .. } = &outcome
        && let Some(event) = completed_event(engine, id)
    {
        // The second of two clicks leads to the same page, and no sooner than the first.
        await_answer(engine, &event).await;
    }
    Ok(outcome)
}

async fn await_answer(engine: &Engine, event: &str) {
    let mut commits = engine.watch();
    let answered = async {
        // The first answer of every endpoint ends the wait, a bad one too: retries come later,
        // and nobody should stare at a spinner for an endpoint that is down.
        while !engine.is_answered(event) && !engine.is_closed() {
            if commits.changed().await.is_err() {
                break;
            }
        }
    };
    if tokio::time::timeout(ACKNOWLEDGEMENT_WAIT, answered)
        .await
        .is_err()
    {
        tracing::warn!("{event} was not answered in time; the customer is sent on");
    }
}

fn completed_event(engine: &Engine, session: &str) -> Option<String> {
    engine.read(|state| checkout_session::completed_event(state, session))
}

/// The merchant's page, with the session's id where the template asks for it.
fn success_url(session: &Entry) -> String {
    let template = session
        .object
        .get("success_url")
        .and_then(Value::as_str)
        .unwrap_or("/");
    template.replace("{CHECKOUT_SESSION_ID}", &session.id)
}
