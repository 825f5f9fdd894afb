//! The portal's page.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use serde_json::Value;

use super::words::Words;
use super::{View, price_name};
use crate::calendar::Date;
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, dig, integer, is_true, text};
use crate::resources::subscription;
use crate::state::{Entry, State};
use crate::web;

const INVOICES_SHOWN: usize = 24;

fn frame(
    words: &Words,
    merchant: &str,
    (title, text): (&str, &Markup),
    status: StatusCode,
) -> Response<Bytes> {
    let note = html! { strong { (words.note) } };
    let body = html! {
        main.portal {
            p.merchant { (merchant) }
            h1 { (title) }
            (text)
        }
    };
    let title = format!("{title} - {merchant}");
    web::page((words.code, &title), &note, &body, status)
}

/// Everything the customer may see and do.
pub(super) fn show(
    view: &View<'_>,
    state: &State,
    merchant: &str,
    problem: Option<&str>,
) -> Response<Bytes> {
    let words = view.words;
    let text = html! {
        @if let Some(problem) = problem { div.alert role="alert" { (problem) } }
        (subscriptions(view, state))
        @if is_enabled(&view.features, "payment_method_update") { (card(view, state)) }
        @if is_enabled(&view.features, "invoice_history") { (invoices(view, state)) }
        @if let Some(back) = text(&view.session.object, "return_url") {
            a.cancel href=(back) { (words.back) }
        }
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    frame(words, merchant, (words.title, &text), status)
}

pub(super) fn is_enabled(features: &Object, name: &str) -> bool {
    *dig(features, &format!("{name}.enabled")) == true
}

fn date(at: i64) -> String {
    let date = Date::of(at);
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn subscriptions(view: &View<'_>, state: &State) -> Markup {
    html! {
        h2 { (view.words.subscriptions) }
        @if view.subscriptions.is_empty() { p { (view.words.none) } }
        @for entry in &view.subscriptions {
            section.card { (one_subscription(view, state, entry)) }
        }
    }
}

fn one_subscription(view: &View<'_>, state: &State, entry: &Entry) -> Markup {
    let words = view.words;
    let items = subscription::items_of(&entry.object);
    let (_, period_end) = subscription::period_of(&items);
    let ending = integer(&entry.object, "cancel_at");
    let sentence = if ending.is_some() {
        words.ends
    } else {
        words.renews
    };
    let name = |item: &Value| {
        let price = item["price"].as_object().cloned().unwrap_or_default();
        let name = price_name(state, &price);
        match item["quantity"].as_i64().unwrap_or(1) {
            1 => name,
            quantity => format!("{name} × {quantity}"),
        }
    };
    html! {
        @for item in &items {
            p {
                strong { (name(item)) }
                " " (text(&entry.object, "status").unwrap_or_default())
            }
        }
        p { (sentence.replace("{}", &date(ending.unwrap_or(period_end)))) }
        (actions(view, state, entry))
    }
}

fn actions(view: &View<'_>, state: &State, entry: &Entry) -> Markup {
    let words = view.words;
    let is_ending = integer(&entry.object, "cancel_at").is_some();
    let confirm = dig(
        &view.session.object,
        "flow.subscription_update_confirm.subscription",
    );
    let plans = view.plans(state, entry);
    html! {
        @if is_enabled(&view.features, "subscription_cancel") {
            @if is_ending {
                (button(entry, "resume", words.resume))
            } @else {
                (button(entry, "cancel", words.cancel))
            }
        }
        @if *confirm == entry.id.as_str() { (button(entry, "confirm", words.confirm)) }
        @if is_enabled(&view.features, "subscription_update") && !plans.is_empty() {
            form method="post" {
                input type="hidden" name="subscription" value=(entry.id);
                p.field {
                    label {
                        (words.plan) " "
                        select name="price" {
                            @for plan in &plans {
                                option value=(plan.id) { (price_name(state, &plan.object)) }
                            }
                        }
                    }
                }
                button name="action" value="switch" { (words.switch) }
            }
        }
    }
}

fn button(entry: &Entry, action: &str, label: &str) -> Markup {
    html! {
        form method="post" {
            input type="hidden" name="subscription" value=(entry.id);
            button.second name="action" value=(action) { (label) }
        }
    }
}

fn card(view: &View<'_>, state: &State) -> Markup {
    let words = view.words;
    let default = dig(
        &view.customer.object,
        "invoice_settings.default_payment_method",
    );
    let method = default.as_str().and_then(|id| state.entries.get(id));
    let line = method.map(|method| {
        let field = |name: &str| match dig(&method.object, &format!("card.{name}")) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (month, year) = (field("exp_month"), field("exp_year"));
        format!("{} •••• {}, {month}/{year}", field("brand"), field("last4"))
    });
    let fields = [
        ("number", "cc-number", words.number),
        ("expiry", "cc-exp", words.expiry),
        ("cvc", "cc-csc", words.cvc),
    ];
    html! {
        h2 { (words.method) }
        p { (line.as_deref().unwrap_or(words.no_card)) }
        form method="post" autocomplete="off" {
            @for (name, autocomplete, label) in fields {
                p.field {
                    label for=(name) { (label) }
                    input required inputmode="numeric" id=(name) name=(name)
                        autocomplete=(autocomplete);
                }
            }
            button name="action" value="card" { (words.save) }
        }
    }
}

fn invoices(view: &View<'_>, state: &State) -> Markup {
    let mine = state.entries.newest_first(Kind::Invoice).filter(|invoice| {
        text(&invoice.object, "customer") == Some(&view.customer.id)
            && text(&invoice.object, "number").is_some()
    });
    let mine: Vec<&Entry> = mine.take(INVOICES_SHOWN).collect();
    let number = |entry: &Entry, field| integer(&entry.object, field).unwrap_or_default();
    let field = |entry: &Entry, name| text(&entry.object, name).unwrap_or_default().to_owned();
    html! {
        h2 { (view.words.invoices) }
        @if mine.is_empty() {
            p { (view.words.none) }
        } @else {
            table {
                @for invoice in mine {
                    tr {
                        td { (field(invoice, "number")) }
                        td { (date(number(invoice, "created"))) }
                        td.number {
                            (money::format(&field(invoice, "currency"), number(invoice, "total")))
                        }
                        td { (field(invoice, "status")) }
                    }
                }
            }
        }
    }
}

/// A short message instead of the page.
pub(super) fn notice(
    words: &Words,
    merchant: &str,
    (title, body): (&'static str, &str),
    status: StatusCode,
) -> Response<Bytes> {
    frame(words, merchant, (title, &html! { p { (body) } }), status)
}

/// Whether a price may be switched to at all.
pub(super) fn is_plan(price: &Object) -> bool {
    is_true(price, "active") && text(price, "type") == Some("recurring")
}
