//! The pages that are more than a list: balance, clocks, faults.

use maud::{Markup, html};

use super::frame::{alert, moment};
use super::lists::{CLOCKS, TRANSACTIONS, table};
use super::{PATH, Page};
use crate::engine::Engine;
use crate::faults::PROFILES;
use crate::money;
use crate::resources::balance;
use crate::state::{Entry, State};

const ROWS_MAX: usize = 25;

/// Days that a clock can be moved by with one press.
const STEPS: [(u16, &str); 4] = [
    (1, "1 day"),
    (7, "7 days"),
    (31, "31 days"),
    (62, "62 days"),
];

pub(super) fn balance(state: &State, after: Option<&str>) -> Page {
    let sums = balance::sums(state);
    let body = html! {
        h1 { "Balance" }
        @if !sums.is_empty() {
            ul.tiles {
                @for (currency, (available, pending)) in &sums {
                    li { strong { (money::format(currency, *available)) } " available" }
                    li { strong { (money::format(currency, *pending)) } " pending" }
                }
            }
        }
        h2 { "Transactions" }
        (table(state, &TRANSACTIONS, after, ROWS_MAX))
    };
    Page::new("Balance", "balance", body)
}

pub(super) fn clocks(engine: &Engine, problem: Option<&str>) -> Page {
    let now = engine.now_ms().div_euclid(1000);
    let body = html! {
        h1 { "Clocks" }
        (alert(problem))
        h2 { "The sandbox's own time" }
        p { "It is " strong { (moment(now)) } " UTC. Moving it ahead lets sessions expire, "
            "subscriptions renew and webhooks retry, each at its own time. It does not go back." }
        (steps("clocks/advance"))
        h2 { "Test clocks" }
        (engine.read(|state| table(state, &CLOCKS, None, ROWS_MAX)))
        p.soft { "Open a clock to advance it." }
    };
    Page::new("Clocks", "clocks", body)
}

/// The buttons that advance a test clock.
pub(super) fn advance_form(entry: &Entry) -> Markup {
    html! {
        h2 { "Advance" }
        p { "Everything on the way happens in order. Stripe allows two intervals of the shortest "
            "subscription at a time." }
        (steps(&format!("objects/{}/advance", entry.id)))
    }
}

fn steps(action: &str) -> Markup {
    html! {
        form.inline method="post" action={ (PATH) "/" (action) } {
            @for (days, label) in STEPS {
                button.small name="days" value=(days) { (label) }
            }
        }
    }
}

pub(super) fn faults(engine: &Engine, problem: Option<(&str, &str)>) -> Page {
    let faults = engine.faults();
    let rules = faults["rules"].as_array().map_or(&[][..], Vec::as_slice);
    let profile = faults["profile"].as_str();
    let body = html! {
        h1 { "Faults" }
        (alert(problem.map(|(_, message)| message)))
        @if rules.is_empty() {
            p { strong { "Nothing goes wrong. " } "Choose a profile, or write rules below, and see "
                "whether your code survives." }
        } @else {
            p { "Seed " code { (faults["seed"]) } @if let Some(name) = profile { ", profile " strong { (name) } }
                ". The same seed and the same requests bring the same faults." }
            div.scroll tabindex="0" role="region" aria-label="Rules" {
                table {
                    thead { tr { th scope="col" { "Rule" } th.number scope="col" { "Asked" }
                        th.number scope="col" { "Hit" } } }
                    tbody { @for rule in rules {
                        tr {
                            td { code { (rule["rule"].as_str().unwrap_or_default()) } }
                            td.number { (rule["asked"]) }
                            td.number { (rule["hit"]) }
                        }
                    } }
                }
            }
        }
        h2 { "Profiles" }
        form method="post" action={ (PATH) "/faults" } {
            ul.profiles {
                @for (name, spec) in PROFILES {
                    li {
                        button.small.second name="faults" value=(name)
                            aria-pressed=[(profile == Some(name)).then_some("true")] { (name) }
                        span.soft { @if spec.is_empty() { "nothing goes wrong" } @else { (spec) } }
                    }
                }
            }
        }
        (own_rules(rules, problem.map(|(typed, _)| typed)))
    };
    Page::new("Faults", "faults", body)
}

fn own_rules(rules: &[serde_json::Value], typed: Option<&str>) -> Markup {
    let rules = rules.iter().filter_map(|rule| rule["rule"].as_str());
    let current = rules.collect::<Vec<_>>().join("\n");
    html! {
        h2 { "Rules of your own" }
        form method="post" action={ (PATH) "/faults" } {
            p.field {
                label for="rules" { "One per line, such as "
                    code { "duplicate 30%" } ", "
                    code { "drop of invoice.* on http://127.0.0.1:8080/*" } ", "
                    code { "fail-after times=1 on POST /v1/customers" } }
                textarea id="rules" name="faults" rows="6" spellcheck="false" {
                    (typed.unwrap_or(&current))
                }
            }
            p.field {
                label for="seed" { "Seed (a number; empty keeps the one it has)" }
                input id="seed" name="seed" inputmode="numeric" autocomplete="off";
            }
            button.small { "Let it go wrong" }
        }
    }
}
