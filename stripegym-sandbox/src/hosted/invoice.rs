//! `/i/{id}`: an invoice as its customer sees it, with a form to pay it while it is open.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use maud::html;

use super::form::Typed;
use super::language::{Language, Words};
use super::page;
use crate::cards::{Card, CardError, CardInput, year_and_month};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::money;
use crate::object::{dig, integer, text};
use crate::resources::invoice::{self, Presence};
use crate::resources::payment_intent::Verdict;
use crate::resources::payment_method;
use crate::state::Entry;
use crate::tx::{Origin, Tx};
use crate::web::{self, redirect};

/// Answers `/i/{id}`.
pub(crate) fn respond(engine: &Arc<Engine>, request: &Request<Bytes>, id: &str) -> Response<Bytes> {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let language = Language::from_header(accepted);
    let find = || {
        let found = engine.read(|state| state.entries.of(Kind::Invoice, id).cloned());
        found.filter(|entry| text(&entry.object, "hosted_invoice_url").is_some())
    };
    let Some(entry) = find() else {
        return page::not_found(language);
    };
    let open = text(&entry.object, "status") == Some("open");
    let mut problem = None;
    if *request.method() == Method::POST && open {
        let typed = Typed::read(request.body(), None);
        let origin = Origin {
            request_id: Some(engine.request_id()),
            ..Origin::default()
        };
        match engine.transact(origin, |tx| pay(tx, id, &typed)) {
            Ok(Paid::Done) => return redirect(&format!("/i/{id}")),
            Ok(Paid::Bank(url)) => return redirect(&url),
            Ok(Paid::Refused(error)) => problem = Some(language.card_error(error)),
            Err(error) => return page::failure(language, &error),
        }
    }
    let merchant = &engine.settings.merchant_name;
    show(
        language.words(),
        merchant,
        &find().unwrap_or(entry),
        problem,
    )
}

enum Paid {
    Done,
    Bank(String),
    Refused(CardError),
}

fn pay(tx: &mut Tx<'_>, id: &str, typed: &Typed) -> Result<Paid, ApiError> {
    let entry = tx.open(Kind::Invoice, id)?;
    let input = CardInput {
        number: &typed.number,
        expiry: &typed.expiry,
        cvc: &typed.cvc,
    };
    let card = match Card::check(input, year_and_month(tx.now())) {
        Ok(card) => card,
        Err(error) => return Ok(Paid::Refused(error)),
    };
    let email = text(&entry.object, "customer_email").unwrap_or_default();
    let method = payment_method::of_card(tx, &card, email, &typed.name);
    let intent = text(&entry.hidden, "payment_intent")
        .unwrap_or_default()
        .to_owned();
    let verdict = tx.in_order(&invoice::COLLECTING, |tx| {
        invoice::collect(tx, entry, Some(method), Presence::Customer)
    })?;
    Ok(match verdict {
        Some(Verdict::Declined(error)) => Paid::Refused(error),
        Some(Verdict::NeedsAction) => {
            Paid::Bank(format!("{}/c/3ds/{intent}", tx.settings.public_url))
        }
        _ => Paid::Done,
    })
}

fn show(words: &Words, merchant: &str, entry: &Entry, problem: Option<&str>) -> Response<Bytes> {
    let invoice = &entry.object;
    let field = |name: &str| text(invoice, name).unwrap_or_default();
    let amount = |minor: Option<i64>| money::format(field("currency"), minor.unwrap_or_default());
    let lines = dig(invoice, "lines.data").as_array();
    let fields = [
        ("number", words.number),
        ("expiry", words.expiry),
        ("cvc", words.cvc),
    ];
    let note = html! { strong { (words.sandbox_note) } };
    let body = html! {
        main.portal {
            p.merchant { (merchant) }
            h1 { (field("number")) }
            p { (field("status")) }
            table {
                @for line in lines.into_iter().flatten() {
                    tr {
                        td { (line["description"].as_str().unwrap_or_default()) }
                        td.number { (amount(line["amount"].as_i64())) }
                    }
                }
                tr { td { (words.total) } td.number { (amount(integer(invoice, "amount_due"))) } }
            }
            @if let Some(problem) = problem { div.alert role="alert" { (problem) } }
            @if field("status") == "open" {
                form method="post" autocomplete="off" {
                    @for (name, label) in fields {
                        p.field {
                            label for=(name) { (label) }
                            input required id=(name) name=(name) inputmode="numeric";
                        }
                    }
                    button {
                        (words.pay_amount.replace("{}", &amount(integer(invoice, "amount_remaining"))))
                    }
                }
            }
        }
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::PAYMENT_REQUIRED,
    };
    let title = format!("{} - {merchant}", field("number"));
    web::page((words.code, &title), &note, &body, status)
}
