//! The page of one object.

use maud::{Markup, html};

use super::frame::{alert, badge, link, moment};
use super::{Page, json, lists, name_of};
use crate::engine::Engine;
use crate::kind::Kind;
use crate::object::{dig, integer, text};
use crate::resources::payment_intent;
use crate::state::{Delivery, Entry, State};

const RELATED_MAX: usize = 10;

/// What is known about the object of this id; `problem` is what went wrong with a button.
pub(super) fn page(
    engine: &Engine,
    id: &str,
    version: Option<&str>,
    problem: Option<&str>,
) -> Option<Page> {
    let entry = engine.read(|state| state.entries.get(id).cloned())?;
    let section = lists::LISTS.iter().find(|list| list.kind == entry.kind);
    let section = match entry.kind {
        Kind::TestClock => "clocks",
        Kind::BalanceTransaction => "balance",
        _ => section.map_or("none", |list| list.slug),
    };
    let (name, version) = json::version(version);
    let body = html! {
        h1 {
            span.kind { (entry.kind.name().replace(['_', '.'], " ")) } " "
            (name_of(&entry.object))
        }
        (alert(problem))
        (facts(&entry))
        @match entry.kind {
            Kind::Event => (deliveries(engine, &entry)),
            Kind::TestClock => (super::panels::advance_form(&entry)),
            _ => (engine.read(|state| related(state, &entry))),
        }
        h2 id="json" { "JSON" }
        nav.tabs aria-label="API versions" {
            @for (label, _) in json::VERSIONS {
                a href={ "?version=" (label) "#json" } aria-current=[(label == name).then_some("true")] {
                    (label)
                }
            }
        }
        p.soft { "As version " code { (version) } " shows it." }
        (json::block(engine, &entry, version))
    };
    Some(Page::new(entry.id, section, body))
}

fn facts(entry: &Entry) -> Markup {
    let object = &entry.object;
    let open = text(object, "status") == Some("open");
    let page = match entry.kind {
        Kind::CheckoutSession if open => {
            Some(("Pay as the customer", format!("/c/pay/{}", entry.id)))
        }
        Kind::Invoice if text(object, "hosted_invoice_url").is_some() => {
            Some(("Open the customer's page", format!("/i/{}", entry.id)))
        }
        Kind::PaymentIntent if payment_intent::is_promised(entry) => Some((
            "Answer for the store or the bank",
            format!("/c/later/{}", entry.id),
        )),
        Kind::PaymentIntent | Kind::SetupIntent
            if text(object, "status") == Some("requires_action") =>
        {
            Some((
                "Answer for the customer's bank",
                format!("/c/3ds/{}", entry.id),
            ))
        }
        _ => None,
    };
    html! {
        dl.facts {
            dt { "Id" } dd { code { (entry.id) } }
            @if let Some(status) = text(object, "status") { dt { "Status" } dd { (badge(status)) } }
            @if let Some(created) = integer(object, "created") {
                dt { "Created" } dd { (moment(created)) " UTC" }
            }
            @if let Some(time) = integer(object, "frozen_time") {
                dt { "Its time" } dd { (moment(time)) " UTC" }
            }
            @if let Some(clock) = &entry.clock { dt { "Test clock" } dd { (link(clock)) } }
        }
        @if let Some((label, href)) = page { p { a.button.small href=(href) { (label) } } }
    }
}

/// The latest events about it.
fn related(state: &State, entry: &Entry) -> Markup {
    let events = state.entries.newest_first(Kind::Event);
    let about = events.filter(|event| *dig(&event.object, "data.object.id") == entry.id.as_str());
    let about: Vec<&Entry> = about.take(RELATED_MAX).collect();
    html! {
        @if !about.is_empty() {
            h2 { "Events" }
            div.scroll tabindex="0" role="region" aria-label="Events" {
                table { tbody { @for event in about {
                    tr {
                        td { (text(&event.object, "type").unwrap_or_default()) }
                        td { (link(&event.id)) }
                        td { (moment(integer(&event.object, "created").unwrap_or_default())) }
                    }
                } } }
            }
        }
    }
}

fn deliveries(engine: &Engine, entry: &Entry) -> Markup {
    let all: Vec<(Delivery, String)> = engine.read(|state| {
        let url = |delivery: &Delivery| {
            let endpoint = state.entries.get(&delivery.key.endpoint);
            let url = endpoint.and_then(|endpoint| text(&endpoint.object, "url"));
            url.unwrap_or("an endpoint that is gone").to_owned()
        };
        let deliveries = state.deliveries.of_event(&entry.id);
        deliveries
            .map(|delivery| (delivery.clone(), url(delivery)))
            .collect()
    });
    html! {
        h2 { "Deliveries" }
        @if all.is_empty() {
            p { "No endpoint listens for this type. "
                a href={ (super::PATH) "/endpoints" } { "Register one" } ", then resend the event." }
        }
        @for (delivery, url) in &all {
            section.card {
                h3 { (link(&delivery.key.endpoint)) " " span.soft { (url) } }
                p {
                    @if delivery.acknowledged { (badge("delivered")) } @else { (badge("not delivered")) }
                    @if let Some(next) = delivery.next_at_ms {
                        " next attempt at " (moment(next.div_euclid(1000))) " UTC"
                    }
                }
                (attempts(delivery))
            }
        }
        form method="post" action={ (super::PATH) "/objects/" (entry.id) "/resend" } {
            button.small { "Resend this event" }
        }
    }
}

fn attempts(delivery: &Delivery) -> Markup {
    html! {
        @if delivery.attempts.is_empty() {
            p.soft { "Not tried yet." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Attempts" {
                table {
                    thead { tr {
                        th scope="col" { "Attempt" } th scope="col" { "Time (UTC)" }
                        th scope="col" { "Answer" }
                    } }
                    tbody { @for attempt in &delivery.attempts {
                        tr {
                            td { (attempt.number) @if attempt.manual { " (by hand)" } }
                            td { (moment(attempt.at)) }
                            td {
                                @if let Some(status) = attempt.status { (status) " " }
                                @if let Some(error) = &attempt.error { span.soft { (error) } }
                            }
                        }
                    } }
                }
            }
        }
    }
}
