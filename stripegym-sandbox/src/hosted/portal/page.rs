//! The portal's page.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::words::Words;
use super::{View, price_name};
use crate::calendar::Date;
use crate::html::Html;
use crate::money;
use crate::object::{Object, dig, integer, is_true, text};
use crate::resources::subscription;
use crate::state::{Entry, State};

fn frame(words: &Words, merchant: &str, title: &'static str) -> Html {
    let mut page = Html::document(words.code, &format!("{title} - {merchant}"));
    page.markup("<p class=\"note\" role=\"note\"><strong>")
        .text(words.note);
    page.markup("</strong></p><main class=\"portal\"><p class=\"merchant\">")
        .text(merchant);
    page.markup("</p>").element("h1", title);
    page
}

/// Everything the customer may see and do.
pub(super) fn show(
    view: &View<'_>,
    state: &State,
    merchant: &str,
    problem: Option<&str>,
) -> Response<Bytes> {
    let words = view.words;
    let mut page = frame(words, merchant, words.title);
    if let Some(problem) = problem {
        page.markup("<div class=\"alert\" role=\"alert\">")
            .text(problem)
            .markup("</div>");
    }
    subscriptions(&mut page, view, state);
    if is_enabled(&view.features, "payment_method_update") {
        card(&mut page, view, state);
    }
    if is_enabled(&view.features, "invoice_history") {
        invoices(&mut page, view, state);
    }
    if let Some(back) = text(&view.session.object, "return_url") {
        page.link("cancel", back, words.back);
    }
    page.markup("</main>");
    page.respond(match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    })
}

pub(super) fn is_enabled(features: &Object, name: &str) -> bool {
    *dig(features, &format!("{name}.enabled")) == true
}

fn date(at: i64) -> String {
    let date = Date::of(at);
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn subscriptions(page: &mut Html, view: &View<'_>, state: &State) {
    let words = view.words;
    page.element("h2", words.subscriptions);
    if view.subscriptions.is_empty() {
        page.element("p", words.none);
    }
    for entry in &view.subscriptions {
        page.markup("<section class=\"card\">");
        for item in subscription::items_of(&entry.object) {
            page.markup("<p><strong>");
            let price = item["price"].as_object().cloned().unwrap_or_default();
            let quantity = item["quantity"].as_i64().unwrap_or(1);
            page.text(&price_name(state, &price));
            if quantity != 1 {
                page.text(&format!(" × {quantity}"));
            }
            page.markup("</strong> ")
                .text(text(&entry.object, "status").unwrap_or_default());
            page.markup("</p>");
        }
        let (_, period_end) = subscription::period_of(&subscription::items_of(&entry.object));
        let ending = integer(&entry.object, "cancel_at");
        let sentence = if ending.is_some() {
            words.ends
        } else {
            words.renews
        };
        page.element(
            "p",
            &sentence.replace("{}", &date(ending.unwrap_or(period_end))),
        );
        actions(page, view, state, entry);
        page.markup("</section>");
    }
}

fn actions(page: &mut Html, view: &View<'_>, state: &State, entry: &Entry) {
    let words = view.words;
    if is_enabled(&view.features, "subscription_cancel") {
        if integer(&entry.object, "cancel_at").is_some() {
            button(page, entry, "resume", words.resume);
        } else {
            button(page, entry, "cancel", words.cancel);
        }
    }
    let confirm = dig(
        &view.session.object,
        "flow.subscription_update_confirm.subscription",
    );
    if *confirm == entry.id.as_str() {
        button(page, entry, "confirm", words.confirm);
    }
    let plans = view.plans(state, entry);
    if is_enabled(&view.features, "subscription_update") && !plans.is_empty() {
        page.markup("<form method=\"post\"><input type=\"hidden\" name=\"subscription\" value=\"");
        page.text(&entry.id).markup("\"><p class=\"field\"><label>");
        page.text(words.plan).markup(" <select name=\"price\">");
        for plan in &plans {
            page.markup("<option value=\"").text(&plan.id).markup("\">");
            page.text(&price_name(state, &plan.object))
                .markup("</option>");
        }
        page.markup("</select></label></p><button name=\"action\" value=\"switch\">");
        page.text(words.switch).markup("</button></form>");
    }
}

fn button(page: &mut Html, entry: &Entry, action: &'static str, label: &str) {
    page.markup("<form method=\"post\"><input type=\"hidden\" name=\"subscription\" value=\"");
    page.text(&entry.id)
        .markup("\"><button class=\"second\" name=\"action\" value=\"");
    page.markup(action)
        .markup("\">")
        .text(label)
        .markup("</button></form>");
}

fn card(page: &mut Html, view: &View<'_>, state: &State) {
    let words = view.words;
    page.element("h2", words.method);
    let default = dig(
        &view.customer.object,
        "invoice_settings.default_payment_method",
    );
    let method = default.as_str().and_then(|id| state.entries.get(id));
    match method {
        Some(method) => {
            let field = |name: &str| match dig(&method.object, &format!("card.{name}")) {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let line = format!(
                "{} •••• {}, {}/{}",
                field("brand"),
                field("last4"),
                field("exp_month"),
                field("exp_year")
            );
            page.element("p", &line);
        }
        None => {
            page.element("p", words.no_card);
        }
    }
    page.markup("<form method=\"post\" autocomplete=\"off\">");
    input(page, "number", "cc-number", words.number);
    input(page, "expiry", "cc-exp", words.expiry);
    input(page, "cvc", "cc-csc", words.cvc);
    page.markup("<button name=\"action\" value=\"card\">")
        .text(words.save);
    page.markup("</button></form>");
}

fn input(page: &mut Html, name: &'static str, autocomplete: &'static str, label: &str) {
    page.markup("<p class=\"field\"><label for=\"")
        .markup(name)
        .markup("\">")
        .text(label);
    page.markup("</label><input required inputmode=\"numeric\" id=\"")
        .markup(name);
    page.markup("\" name=\"")
        .markup(name)
        .markup("\" autocomplete=\"")
        .markup(autocomplete);
    page.markup("\"></p>");
}

fn invoices(page: &mut Html, view: &View<'_>, state: &State) {
    let words = view.words;
    page.element("h2", words.invoices);
    let mine = state
        .entries
        .newest_first(crate::kind::Kind::Invoice)
        .filter(|invoice| {
            text(&invoice.object, "customer") == Some(&view.customer.id)
                && text(&invoice.object, "number").is_some()
        });
    let mine: Vec<&Entry> = mine.take(INVOICES_SHOWN).collect();
    if mine.is_empty() {
        page.element("p", words.none);
        return;
    }
    page.markup("<table>");
    for invoice in mine {
        let field = |name: &str| text(&invoice.object, name).unwrap_or_default();
        let created = integer(&invoice.object, "created").unwrap_or_default();
        let total = integer(&invoice.object, "total").unwrap_or_default();
        page.markup("<tr>")
            .element("td", field("number"))
            .element("td", &date(created));
        page.element("td", &money::format(field("currency"), total));
        page.element("td", field("status")).markup("</tr>");
    }
    page.markup("</table>");
}

const INVOICES_SHOWN: usize = 24;

/// A short message instead of the page.
pub(super) fn notice(
    words: &Words,
    merchant: &str,
    (title, body): (&'static str, &str),
    status: StatusCode,
) -> Response<Bytes> {
    let mut page = frame(words, merchant, title);
    page.element("p", body).markup("</main>");
    page.respond(status)
}

/// Whether a price may be switched to at all.
pub(super) fn is_plan(price: &Object) -> bool {
    is_true(price, "active") && text(price, "type") == Some("recurring")
}
