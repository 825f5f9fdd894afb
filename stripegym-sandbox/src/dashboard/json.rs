//! An object's JSON, with links where it names other objects.

use maud::{Markup, html};
use serde_json::Value;

use super::frame::link;
use crate::engine::Engine;
use crate::kind::Kind;
use crate::render::{render, render_event};
use crate::state::{Entry, State};
use crate::version::ApiVersion;

/// The shapes that a page can show, newest first.
pub(super) const VERSIONS: [(&str, &str); 5] = [
    ("endive", ApiVersion::DEFAULT),
    ("dahlia", ApiVersion::DAHLIA),
    ("clover", ApiVersion::CLOVER),
    ("basil", ApiVersion::BASIL),
    ("acacia", "2024-09-30.acacia"),
];

/// The version of this name, or the newest.
pub(super) fn version(name: Option<&str>) -> (&'static str, &'static str) {
    let named = VERSIONS.iter().find(|(known, _)| Some(*known) == name);
    *named.unwrap_or(&VERSIONS[0])
}

/// The object as this version of the API shows it.
pub(super) fn block(engine: &Engine, entry: &Entry, version: &str) -> Markup {
    let version = ApiVersion::from_header(Some(version)).unwrap_or_default();
    engine.read(|state| {
        let mut object = entry.object.clone();
        let value = if entry.kind == Kind::Event {
            render_event(state, &mut object, &version);
            Value::Object(object)
        } else {
            let mut value = Value::Object(object);
            render(state, &mut value, &version);
            value
        };
        let text = format!("{value:#}");
        html! {
            pre.json tabindex="0" aria-label="JSON" {
                code { @for line in text.lines() { (linked(state, &entry.id, line)) "\n" } }
            }
        }
    })
}

/// A line such as `  "customer": "cus_1",`; the id becomes a link.
fn linked(state: &State, own: &str, line: &str) -> Markup {
    let parts = line.trim_end_matches(',').strip_suffix('"');
    let parts = parts.and_then(|text| text.rsplit_once('"'));
    match parts {
        Some((before, id)) if id != own && state.entries.get(id).is_some() => {
            let comma = if line.ends_with(',') { "," } else { "" };
            html! { (before) "\"" (link(id)) "\"" (comma) }
        }
        _ => html! { (line) },
    }
}
