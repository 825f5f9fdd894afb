//! `/c/3ds/{id}`: the bank's question about a payment or a card, with two buttons.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use maud::{Markup, html};

use super::language::{Language, Words};
use super::{await_answer, page, success_url};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::form::{self, Node};
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, integer, text};
use crate::resources::checkout_session::{self, Outcome};
use crate::resources::{payment_intent, setup_intent};
use crate::state::Entry;
use crate::tx::{Origin, Tx};
use crate::web::{self, redirect};

/// Answers `/c/3ds/{id}`.
pub(crate) async fn respond(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    id: &str,
) -> Response<Bytes> {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let language = Language::from_header(accepted);
    let found = engine.read(|state| {
        let intent = state.entries.of(Kind::PaymentIntent, id);
        intent
            .or_else(|| state.entries.of(Kind::SetupIntent, id))
            .cloned()
    });
    let Some(intent) = found else {
        return page::not_found(language);
    };
    let merchant = &engine.settings.merchant_name;
    if payment_intent::is_promised(&intent) {
        return page::not_found(language);
    }
    if text(&intent.object, "status") != Some("requires_action") {
        return answered(language, merchant, &intent.object);
    }
    match *request.method() {
        Method::GET => question(language, merchant, &intent.object),
        Method::POST => {
            let approved = is_approved(request.body());
            match decide(engine, &intent, approved).await {
                Ok(Some(url)) => redirect(&url),
                Ok(None) => {
                    let now = engine.object(&intent.id).unwrap_or_default();
                    let now = now.as_object().cloned().unwrap_or_default();
                    answered(language, merchant, &now)
                }
                Err(error) => page::failure(language, &error),
            }
        }
        _ => page::not_found(language),
    }
}

fn is_approved(body: &[u8]) -> bool {
    let body = std::str::from_utf8(body).unwrap_or_default();
    let form = form::decode("", body).unwrap_or_else(|_| Node::empty());
    matches!(form, Node::Hash(fields) if fields.get("answer") == Some(&Node::Text("yes".to_owned())))
}

/// Tells the intent what the bank said; answers where the browser goes next.
pub(crate) async fn decide(
    engine: &Arc<Engine>,
    intent: &Entry,
    approved: bool,
) -> Result<Option<String>, ApiError> {
    let origin = Origin {
        request_id: Some(engine.request_id()),
        ..Origin::default()
    };
    let (url, event) = engine.transact(origin, |tx| settle(tx, intent, approved))?;
    if let Some(event) = event {
        await_answer(engine, &event).await;
    }
    Ok(url)
}

type Next = (Option<String>, Option<String>);

fn settle(tx: &mut Tx<'_>, intent: &Entry, approved: bool) -> Result<Next, ApiError> {
    let back = payment_intent::return_url(&intent.object).map(ToOwned::to_owned);
    if intent.kind == Kind::SetupIntent {
        setup_intent::resolve(tx, &intent.id, approved)?;
        let now = tx.known(Kind::SetupIntent, &intent.id)?;
        if let Some(session) = text(&intent.hidden, "checkout_session") {
            if !approved {
                return Ok((back, None));
            }
            let Outcome::Paid { event } = checkout_session::card_saved(tx, &now)? else {
                return Ok((back, None));
            };
            let session = tx.known(Kind::CheckoutSession, session)?;
            return Ok((Some(success_url(&session)), Some(event)));
        }
        let back = back.map(|url| with_status(&url, &intent.object, "setup_intent", approved));
        return Ok((back, None));
    }
    let news = payment_intent::resolve(tx, &intent.id, approved)?;
    let Some(session) = text(&intent.hidden, "checkout_session") else {
        payment_intent::told(tx, &intent.id, &news)?;
        let paid = !matches!(news.verdict, payment_intent::Verdict::Declined(_));
        let back = back.map(|url| with_status(&url, &intent.object, "payment_intent", paid));
        return Ok((back, None));
    };
    match checkout_session::authenticated(tx, intent, &news)? {
        Outcome::Paid { event } => {
            let session = tx.known(Kind::CheckoutSession, session)?;
            Ok((Some(success_url(&session)), Some(event)))
        }
        _ => Ok((back, None)),
    }
}

/// The return address with what Stripe adds to it.
fn with_status(url: &str, intent: &Object, name: &str, succeeded: bool) -> String {
    let field = |field: &str| text(intent, field).unwrap_or_default();
    let (id, secret) = (field("id"), field("client_secret"));
    let status = if succeeded { "succeeded" } else { "failed" };
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{name}={id}&{name}_client_secret={secret}&redirect_status={status}")
}

fn notice(words: &Words, merchant: &str, title: &str, text: &Markup) -> Response<Bytes> {
    let note = html! { strong { (words.sandbox_note) } };
    let body = html! {
        main.notice {
            p.merchant { (merchant) }
            h1 { (title) }
            (text)
        }
    };
    let title = format!("{title} - {merchant}");
    web::page((words.code, &title), &note, &body, StatusCode::OK)
}

fn question(language: Language, merchant: &str, intent: &Object) -> Response<Bytes> {
    let words = language.words();
    let currency = text(intent, "currency");
    let amount = integer(intent, "amount").zip(currency);
    let text = html! {
        p { (words.bank_text) }
        @if let Some((amount, currency)) = amount {
            p.amount { strong { (money::format(currency, amount)) } }
        }
        form method="post" {
            button type="submit" name="answer" value="yes" { (words.bank_yes) }
            button.second type="submit" name="answer" value="no" { (words.bank_no) }
        }
    };
    notice(words, merchant, words.bank, &text)
}

fn answered(language: Language, merchant: &str, intent: &Object) -> Response<Bytes> {
    let words = language.words();
    let good = matches!(
        text(intent, "status"),
        Some("succeeded" | "requires_capture" | "processing")
    );
    let title = if good {
        words.bank_done
    } else {
        words.bank_failed
    };
    notice(words, merchant, title, &html! { p { (words.bank_close) } })
}
