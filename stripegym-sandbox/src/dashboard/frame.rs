//! The frame around each page, and the pieces they share.

use bytes::Bytes;
use http::Response;
use maud::{Markup, html};

use super::Page;
use crate::calendar::Date;
use crate::web;

/// The navigation: slug and title; the overview has no slug.
const SECTIONS: [(&str, &str); 11] = [
    ("", "Overview"),
    ("customers", "Customers"),
    ("checkout", "Checkout"),
    ("payments", "Payments"),
    ("subscriptions", "Subscriptions"),
    ("invoices", "Invoices"),
    ("balance", "Balance"),
    ("events", "Events"),
    ("endpoints", "Webhooks"),
    ("clocks", "Clocks"),
    ("faults", "Faults"),
];

pub(super) fn respond(page: &Page) -> Response<Bytes> {
    let note = html! { strong { "Sandbox: no money moves here." } };
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        header.top {
            a.brand href="/" { "stripegym-sandbox" }
            nav aria-label="Sections" {
                @for (slug, title) in SECTIONS {
                    a href=(path_of(slug)) aria-current=[(slug == page.section).then_some("page")] {
                        (title)
                    }
                }
            }
        }
        main.dashboard id="main" { (page.body) }
    };
    let title = format!("{} - stripegym-sandbox", page.title);
    web::page(("en", &title), &note, &body, page.status)
}

pub(super) fn path_of(slug: &str) -> String {
    if slug.is_empty() {
        "/".to_owned()
    } else {
        format!("{}/{slug}", super::PATH)
    }
}

/// A link to an object's page.
pub(super) fn link(id: &str) -> Markup {
    html! { a.id href={ (super::PATH) "/objects/" (id) } { (id) } }
}

/// `2026-11-22 16:04:31`, in UTC.
pub(super) fn moment(at: i64) -> String {
    let date = Date::of(at);
    let (hour, rest) = (date.second_of_day / 3600, date.second_of_day % 3600);
    format!(
        "{:04}-{:02}-{:02} {hour:02}:{:02}:{:02}",
        date.year,
        date.month,
        date.day,
        rest / 60,
        rest % 60
    )
}

/// A status as a badge: its colour only repeats what it says.
pub(super) fn badge(status: &str) -> Markup {
    let tone = match status {
        "succeeded" | "paid" | "active" | "complete" | "enabled" | "available" | "ready"
        | "delivered" => "good",
        "canceled"
        | "expired"
        | "uncollectible"
        | "failed"
        | "past_due"
        | "requires_payment_method"
        | "disabled"
        | "not delivered" => "bad",
        _ => "plain",
    };
    html! { span class={ "badge " (tone) } { (status.replace('_', " ")) } }
}

/// A message about what was just asked for.
pub(super) fn alert(problem: Option<&str>) -> Markup {
    html! { @if let Some(problem) = problem { div.alert role="alert" { (problem) } } }
}
