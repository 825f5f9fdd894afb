//! `/c/later/{id}`: the store or the bank of a payment whose money comes later, with two buttons.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use maud::html;

use super::language::Language;
use super::page;
use crate::engine::Engine;
use crate::kind::Kind;
use crate::money;
use crate::object::{integer, text};
use crate::resources::payment_intent;
use crate::tx::Origin;
use crate::web::{self, redirect};

/// Answers `/c/later/{id}`.
pub(crate) fn respond(engine: &Engine, request: &Request<Bytes>, id: &str) -> Response<Bytes> {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let language = Language::from_header(accepted);
    if let Err(error) = engine.wake() {
        return page::failure(language, &error);
    }
    let find = |state: &crate::state::State| state.entries.of(Kind::PaymentIntent, id).cloned();
    let Some(intent) = engine.read(find) else {
        return page::not_found(language);
    };
    let waits = payment_intent::is_promised(&intent);
    if *request.method() == Method::POST && waits {
        let paid = request.body().as_ref() == b"answer=yes";
        let settled = engine.transact(Origin::default(), |tx| payment_intent::settle(tx, id, paid));
        return match settled {
            Ok(()) => redirect(&format!("/c/later/{id}")),
            Err(error) => page::failure(language, &error),
        };
    }
    let words = language.words();
    let title = match text(&intent.object, "status") {
        _ if waits => words.promised,
        Some("succeeded") => words.promised_paid,
        _ => words.promised_failed,
    };
    let merchant = &engine.settings.merchant_name;
    let currency = text(&intent.object, "currency").unwrap_or_default();
    let amount = integer(&intent.object, "amount").unwrap_or_default();
    let note = html! { strong { (words.sandbox_note) } };
    let body = html! {
        main.notice {
            p.merchant { (merchant) }
            h1 { (title) }
            p.amount { strong { (money::format(currency, amount)) } }
            @if waits {
                p { (words.promised_text) }
                form method="post" {
                    button name="answer" value="yes" { (words.promised_yes) }
                    button.second name="answer" value="no" { (words.promised_no) }
                }
            }
        }
    };
    let title = format!("{title} - {merchant}");
    web::page((words.code, &title), &note, &body, StatusCode::OK)
}
