//! `GET /`: what this is, how to talk to it, and what happened last.

use maud::html;

use super::Page;
use super::frame::path_of;
use super::lists::{LISTS, table};
use crate::engine::Engine;
use crate::sandbox::SECRET_KEY;

const ROWS_MAX: usize = 8;

pub(super) fn page(engine: &Engine) -> Page {
    let url = &engine.settings.public_url;
    let faults = engine.faults();
    let rules = faults["rules"].as_array().map_or(0, Vec::len);
    let lists = engine.read(|state| {
        html! {
            ul.tiles {
                @for list in &LISTS {
                    li { a href=(path_of(list.slug)) {
                        strong { (state.entries.count(list.kind)) } " " (list.slug)
                    } }
                }
            }
            @for list in LISTS.iter().filter(|list| ["checkout", "events"].contains(&list.slug)) {
                h2 { "Latest " (list.title.to_lowercase()) }
                (table(state, list, None, ROWS_MAX))
            }
        }
    });
    let body = html! {
        h1 { "A local Stripe" }
        p { "It keeps state, sends signed webhooks and shows a checkout page. Point any Stripe SDK "
            "at it." }
        dl.facts {
            dt { "API base" } dd { code { (url) } }
            dt { "Secret key" } dd { code { (SECRET_KEY) } " (any " code { "sk_test_..." } " works)" }
            dt { "Faults" } dd {
                a href=(path_of("faults")) {
                    @if rules == 0 { "none" } @else if let Some(name) = faults["profile"].as_str() {
                        (name)
                    } @else { (rules) " rules" }
                }
            }
            dt { "Health" } dd { a href="/_sandbox/health" { "/_sandbox/health" } }
        }
        pre tabindex="0" { code { "curl " (url) "/v1/customers -u " (SECRET_KEY) ": -d email=ann@example.com" } }
        (lists)
    };
    Page::new("Overview", "", body)
}
