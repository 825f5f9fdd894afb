//! Checkout sessions: payments, subscriptions, and cards saved for later.

mod build;
mod later;
mod lines;
mod pay;
mod recurring;
mod tables;

use serde_json::{Value, json};

use super::{Call, Endpoint, Includable, Method, Reply, Resource};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, set, text};
use crate::params::{PAGE, merge_metadata};
use crate::state::{Entry, State};
use crate::tx::Tx;

pub(crate) use later::{offers, pay_later, promised, settled};
pub(crate) use pay::{Outcome, Payer, authenticated, completed_event, pay};
pub(crate) use recurring::{card_saved, needs_card};

const PATH: &str = "/v1/checkout/sessions";

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::CheckoutSession,
    expandable: &[
        "customer",
        "invoice",
        "payment_intent",
        "setup_intent",
        "subscription",
    ],
    includable: &[Includable {
        name: "line_items",
        make: included_lines,
    }],
    wake: Some(expire_in_time),
    endpoints: &[
        Endpoint {
            method: Method::Post,
            path: PATH,
            params: &[tables::CREATE],
            run: build::create,
        },
        Endpoint {
            method: Method::Get,
            path: PATH,
            params: &[PAGE, tables::LIST],
            run: list,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/checkout/sessions/{id}",
            params: &[],
            run: |tx, call| Reply::ok(tx.retrieve(Kind::CheckoutSession, &call.id)?.object.clone()),
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/checkout/sessions/{id}",
            params: &[tables::UPDATE],
            run: update,
        },
        Endpoint {
            method: Method::Post,
            path: "/v1/checkout/sessions/{id}/expire",
            params: &[],
            run: expire,
        },
        Endpoint {
            method: Method::Get,
            path: "/v1/checkout/sessions/{id}/line_items",
            params: &[PAGE],
            run: list_lines,
        },
    ],
};

/// The line items, which only `expand[]` and their own endpoint show.
pub(crate) fn lines(entry: &Entry) -> &[Value] {
    entry
        .hidden
        .get("line_items")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

const INCLUDED_MAX: usize = 10;

fn included_lines(_state: &State, entry: &Entry) -> Value {
    let lines = lines(entry);
    let shown = lines.iter().take(INCLUDED_MAX).cloned().collect();
    list::envelope(&lines_path(&entry.id), shown, lines.len() > INCLUDED_MAX)
}

fn lines_path(id: &str) -> String {
    format!("{PATH}/{id}/line_items")
}

fn list_lines(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.retrieve(Kind::CheckoutSession, &call.id)?;
    list::embedded(lines(entry), &call.args, "item", &lines_path(&call.id))
}

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let details = args.hash("customer_details").unwrap_or_default();
    let email = details.text("email");
    list::page(tx, call, Kind::CheckoutSession, PATH, |session| {
        let fields = [
            "customer",
            "payment_intent",
            "payment_link",
            "status",
            "subscription",
        ];
        let filled = session
            .get("customer_details")
            .and_then(|details| details.get("email"));
        fields.iter().all(|name| {
            args.value(name)
                .is_none_or(|w| session.get(*name) == Some(w))
        }) && email.is_none_or(|email| filled.is_some_and(|filled| filled == email))
    })
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.retrieve(Kind::CheckoutSession, &call.id)?.clone();
    if let Some(change) = call.args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    let shown = entry.object.clone();
    tx.put(entry);
    Reply::ok(shown)
}

fn expire(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.retrieve(Kind::CheckoutSession, &call.id)?.clone();
    let status = text(&entry.object, "status").unwrap_or_default();
    if status != "open" {
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of {status}."
        ))
        .while_executing());
    }
    Reply::ok(close(tx, entry))
}

fn expire_in_time(tx: &mut Tx<'_>, entry: &Entry) {
    if text(&entry.object, "status") == Some("open") {
        close(tx, entry.clone());
    } else {
        tx.put(Entry {
            wake_at: None,
            ..entry.clone()
        });
    }
}

fn close(tx: &mut Tx<'_>, mut entry: Entry) -> Object {
    set(&mut entry.object, "status", "expired");
    set(&mut entry.object, "url", Value::Null);
    entry.wake_at = None;
    let session = entry.object.clone();
    tx.put(entry);
    tx.emit("checkout.session.expired", &session, None);
    session
}

/// Where the page of a session is.
fn page_url(tx: &Tx<'_>, id: &str) -> String {
    format!("{}/c/pay/{id}", tx.settings.public_url)
}

/// Moves the pages of open sessions to where this process serves them.
pub(crate) fn refresh_urls(tx: &mut Tx<'_>) {
    let open: Vec<Entry> = tx
        .state()
        .entries
        .newest_first(Kind::CheckoutSession)
        .filter(|entry| text(&entry.object, "status") == Some("open"))
        .cloned()
        .collect();
    for mut entry in open {
        let url = json!(page_url(tx, &entry.id));
        if entry.object.get("url") != Some(&url) {
            set(&mut entry.object, "url", url);
            tx.put(entry);
        }
    }
}
