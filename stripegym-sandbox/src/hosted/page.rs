//! The pages themselves.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use serde_json::Value;

use super::form::Typed;
use super::language::{Language, Words};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::money;
use crate::object::{integer, text};
use crate::resources::checkout_session::{lines, needs_card, offers};
use crate::resources::delayed::Delayed;
use crate::state::Entry;
use crate::web;

/// What has to be put right before the form can go through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Problem {
    Email,
    Name,
    Iban,
    Card(CardError),
}

impl Problem {
    /// The field that is wrong.
    fn field(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::Iban => "iban",
            Self::Card(error) => match error.code {
                "invalid_expiry_month" | "invalid_expiry_year" | "expired_card" => "expiry",
                "invalid_cvc" | "incorrect_cvc" => "cvc",
                _ => "number",
            },
        }
    }

    fn message(self, language: Language) -> &'static str {
        match self {
            Self::Email => language.words().email_invalid,
            Self::Name => language.words().name_missing,
            Self::Iban => language.words().iban_invalid,
            Self::Card(error) => language.card_error(error),
        }
    }
}

/// The form, fresh or with what went wrong.
pub(super) fn checkout(
    language: Language,
    merchant: &str,
    session: &Entry,
    typed: &Typed,
    problem: Option<Problem>,
) -> Response<Bytes> {
    let words = language.words();
    let prefix = problem.map_or(String::new(), |_| format!("{}: ", words.error_title));
    let form = Form { words, problem };
    let delayed = delayed(session);
    let note = html! { strong { (words.sandbox_note) } " " (words.sandbox_hint) };
    let body = html! {
        main.checkout {
            (summary(words, merchant, session))
            section.payment {
                form method="post" novalidate {
                    @if let Some(problem) = problem {
                        div.alert role="alert" id="problem" { (problem.message(language)) }
                    }
                    (form.contact(typed))
                    (form.methods(session, typed))
                    (form.field(&Field {
                        value: &typed.name,
                        autocomplete: "cc-name",
                        ..Field::new("name", if delayed.is_empty() { words.name } else { words.full_name })
                    }))
                    button type="submit" { (label(words, session)) }
                }
                @if let Some(cancel) = text(&session.object, "cancel_url") {
                    a.cancel href=(cancel) { (words.cancel) }
                }
            }
        }
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(Problem::Card(error)) if error.decline_code.is_some() => StatusCode::PAYMENT_REQUIRED,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let title = format!("{prefix}{merchant}");
    web::page((words.code, &title), &note, &body, status)
}

/// What the button says.
fn label(words: &Words, session: &Entry) -> String {
    let total = integer(&session.object, "amount_total").unwrap_or_default();
    match text(&session.object, "mode").unwrap_or_default() {
        "setup" => words.save_card.to_owned(),
        "subscription" => words.subscribe.to_owned(),
        _ if total == 0 => words.place_order.to_owned(),
        _ => words
            .pay_amount
            .replace("{}", &amount(session, "amount_total")),
    }
}

/// The methods whose money comes later.
fn delayed(session: &Entry) -> Vec<Delayed> {
    let offered = |method: &Delayed| offers(&session.object, method.name());
    Delayed::ALL.into_iter().filter(offered).collect()
}

fn amount(session: &Entry, field: &str) -> String {
    let currency = text(&session.object, "currency").unwrap_or_default();
    money::format(
        currency,
        integer(&session.object, field).unwrap_or_default(),
    )
}

fn summary(words: &Words, merchant: &str, session: &Entry) -> Markup {
    let mode = text(&session.object, "mode").unwrap_or_default();
    html! {
        section.summary {
            p.merchant { (merchant) }
            @if mode == "setup" {
                h1 { (words.save_card) }
            } @else {
                h1 {
                    @if mode == "subscription" { (words.subscribe) } @else { (words.pay) }
                    " "
                    span.amount { (amount(session, "amount_total")) }
                }
                ul.lines {
                    @for item in lines(session) { (line(words, session, item)) }
                }
                dl.totals {
                    dt { (words.subtotal) }
                    dd { (amount(session, "amount_subtotal")) }
                    dt.total { (words.total) }
                    dd.total { (amount(session, "amount_total")) }
                }
            }
        }
    }
}

fn line(words: &Words, session: &Entry, item: &Value) -> Markup {
    let currency = text(&session.object, "currency").unwrap_or_default();
    let quantity = item["quantity"].as_i64().unwrap_or_default();
    let unit = item["price"]["unit_amount"]
        .as_i64()
        .filter(|_| quantity > 1);
    let total = item["amount_total"].as_i64().unwrap_or_default();
    html! {
        li {
            span.what {
                span.title { (item["description"].as_str().unwrap_or_default()) }
                span.detail {
                    (words.quantity) " " (quantity)
                    @if let Some(unit) = unit {
                        " · " (words.each.replace("{}", &money::format(currency, unit)))
                    }
                }
            }
            span.amount { (money::format(currency, total)) }
        }
    }
}

struct Form {
    words: &'static Words,
    problem: Option<Problem>,
}

struct Field<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: &'a str,
    autocomplete: &'static str,
    inputmode: &'static str,
    placeholder: &'static str,
    locked: bool,
    optional: bool,
}

impl Field<'_> {
    fn new(name: &'static str, label: &'static str) -> Self {
        Field {
            name,
            label,
            kind: "text",
            value: "",
            autocomplete: "off",
            inputmode: "text",
            placeholder: "",
            locked: false,
            optional: false,
        }
    }
}

impl Form {
    fn contact(&self, typed: &Typed) -> Markup {
        html! {
            h2 { (self.words.contact) }
            (self.field(&Field {
                kind: "email",
                value: &typed.email,
                autocomplete: "email",
                inputmode: "email",
                locked: typed.email_locked,
                ..Field::new("email", self.words.email)
            }))
        }
    }

    /// What the customer pays with; a choice if there is more than a card.
    fn methods(&self, session: &Entry, typed: &Typed) -> Markup {
        let words = self.words;
        let delayed = delayed(session);
        let card = needs_card(&session.object) && offers(&session.object, "card");
        let chosen = typed
            .delayed()
            .or_else(|| delayed.first().copied().filter(|_| !card));
        let choice = |name: &str, label: &str, is_chosen: bool| {
            html! {
                label.choice { input type="radio" name="method" value=(name) checked[is_chosen]; " " (label) }
            }
        };
        html! {
            @if !delayed.is_empty() {
                fieldset {
                    legend { (words.method) }
                    @if card { (choice("card", words.card, chosen.is_none())) }
                    @for method in &delayed {
                        (choice(method.name(), self.label_of(*method), chosen == Some(*method)))
                    }
                }
            }
            @if card { div.of-card { (self.card()) } }
            @for method in delayed { div class={ "of-" (method.name()) } { (self.delayed(method, typed)) } }
        }
    }

    fn label_of(&self, method: Delayed) -> &'static str {
        match method {
            Delayed::Konbini => self.words.konbini,
            Delayed::SepaDebit => self.words.sepa_debit,
        }
    }

    /// Empty each time: an account is not sent back either.
    fn delayed(&self, method: Delayed, typed: &Typed) -> Markup {
        match method {
            Delayed::Konbini => self.field(&Field {
                value: &typed.phone,
                autocomplete: "tel",
                inputmode: "tel",
                placeholder: "11111111110",
                optional: true,
                ..Field::new("phone", self.words.phone)
            }),
            Delayed::SepaDebit => self.field(&Field {
                placeholder: "DE89 3704 0044 0532 0130 00",
                ..Field::new("iban", self.words.iban)
            }),
        }
    }

    /// Empty each time: a card number is not sent back to where it came from.
    fn card(&self) -> Markup {
        let words = self.words;
        let digits = |name, label, autocomplete, placeholder| {
            self.field(&Field {
                inputmode: "numeric",
                autocomplete,
                placeholder,
                ..Field::new(name, label)
            })
        };
        html! {
            h2 { (words.card_details) }
            (digits("number", words.number, "cc-number", "4242 4242 4242 4242"))
            div.pair {
                (digits("expiry", words.expiry, "cc-exp", words.expiry_hint))
                (digits("cvc", words.cvc, "cc-csc", "123"))
            }
        }
    }

    fn field(&self, field: &Field<'_>) -> Markup {
        let wrong = self
            .problem
            .is_some_and(|problem| problem.field() == field.name);
        html! {
            p.field {
                label for=(field.name) { (field.label) }
                input required[!field.optional] id=(field.name) name=(field.name) type=(field.kind)
                    inputmode=(field.inputmode) autocomplete=(field.autocomplete)
                    placeholder=(field.placeholder) value=(field.value) readonly[field.locked]
                    aria-invalid=[wrong.then_some("true")]
                    aria-describedby=[wrong.then_some("problem")] autofocus[wrong];
            }
        }
    }
}

/// Paid already.
pub(super) fn complete(language: Language, merchant: &str, session: &Entry) -> Response<Bytes> {
    let words = language.words();
    let link = (super::success_url(session), words.go_on);
    notice(
        words,
        merchant,
        if text(&session.object, "payment_status") == Some("unpaid") {
            (words.complete_unpaid, words.complete_unpaid_text)
        } else {
            (words.complete, words.complete_text)
        },
        Some(link),
        StatusCode::OK,
    )
}

/// Too late.
pub(super) fn expired(language: Language, merchant: &str, session: &Entry) -> Response<Bytes> {
    let words = language.words();
    let link = text(&session.object, "cancel_url").map(|url| (url.to_owned(), words.go_back));
    notice(
        words,
        merchant,
        (words.expired, words.expired_text),
        link,
        StatusCode::GONE,
    )
}

/// No such session.
pub(super) fn not_found(language: Language) -> Response<Bytes> {
    let words = language.words();
    let texts = (words.not_found, words.not_found_text);
    notice(
        words,
        "stripegym-sandbox",
        texts,
        None,
        StatusCode::NOT_FOUND,
    )
}

/// A fault of the sandbox.
pub(super) fn failure(language: Language, error: &ApiError) -> Response<Bytes> {
    let words = language.words();
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    notice(
        words,
        "stripegym-sandbox",
        (words.failure, error.message()),
        None,
        status,
    )
}

fn notice(
    words: &Words,
    merchant: &str,
    (title, body): (&str, &str),
    link: Option<(String, &str)>,
    status: StatusCode,
) -> Response<Bytes> {
    let note = html! { strong { (words.sandbox_note) } };
    let body = html! {
        main.notice {
            p.merchant { (merchant) }
            h1 { (title) }
            p { (body) }
            @if let Some((url, label)) = link { a.button href=(url) { (label) } }
        }
    };
    let title = format!("{title} - {merchant}");
    web::page((words.code, &title), &note, &body, status)
}
