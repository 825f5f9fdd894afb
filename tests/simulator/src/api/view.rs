//! What the API shows of a world at one moment.

use std::fmt::Write;

use bytes::Bytes;
use http::{Method, Request};

use super::query::Query;
use crate::world::World;
use crate::world::id::{Id, Kind};

/// Fewer than Stripe would put on a page, so that lists have several.
const PAGE_MAX: usize = 20;
/// How far back events are listed.
const EVENTS_REACH_S: i64 = 30 * 86_400;

/// The error body of Stripe.
pub(super) fn error(code: &str, message: &str) -> String {
    let kind = if code == "api_error" {
        code
    } else {
        "invalid_request_error"
    };
    format!("{{\"error\":{{\"type\":\"{kind}\",\"code\":\"{code}\",\"message\":\"{message}\"}}}}")
}

/// Answers a GET with the state of this moment.
pub(super) fn get(world: &World, request: &Request<Bytes>, now_ms: i64) -> (u16, String) {
    let path = request.uri().path();
    let query = Query::parse(request.uri().query());
    if request.method() != Method::GET {
        return (404, error("url_invalid", "This world is only looked at."));
    }
    if let Some(unknown) = query.unknown {
        return (400, error("parameter_unknown", unknown));
    }
    let Some(rest) = path.strip_prefix("/v1/") else {
        return (404, error("url_invalid", path));
    };
    if rest == "events" {
        return (200, events(world, &query, now_ms));
    }
    let (collection, id) = match rest.rsplit_once('/') {
        Some(("checkout", "sessions")) | None => (rest, None),
        Some((collection, id)) => (collection, Some(id)),
    };
    let Some(kind) = kind_of(collection) else {
        return (404, error("url_invalid", path));
    };
    match id {
        Some(id) => one(world, (kind, id), &query, now_ms),
        None => (200, list(world, (kind, path), &query, now_ms)),
    }
}

fn kind_of(collection: &str) -> Option<Kind> {
    Some(match collection {
        "customers" => Kind::Customer,
        "checkout/sessions" => Kind::Session,
        "payment_intents" => Kind::Intent,
        "charges" => Kind::Charge,
        "invoices" => Kind::Invoice,
        "invoice_payments" => Kind::InvoicePayment,
        "subscriptions" => Kind::Subscription,
        "subscription_schedules" => Kind::Schedule,
        "refunds" => Kind::Refund,
        "disputes" => Kind::Dispute,
        "balance_transactions" | "balance/history" => Kind::Txn,
        "payouts" => Kind::Payout,
        _ => return None,
    })
}

/// The object as it was then; `None` before it was made.
fn at(world: &World, id: Id, now_ms: i64) -> Option<&str> {
    let past = world.past.get(&id)?;
    let until = past.partition_point(|(from, _)| *from <= now_ms);
    let (_, json) = past.get(until.checked_sub(1)?)?;
    std::str::from_utf8(json).ok()
}

fn one(world: &World, (kind, id): (Kind, &str), query: &Query<'_>, now_ms: i64) -> (u16, String) {
    let known = Id::parse(id).filter(|known| known.kind == kind);
    let found = known.and_then(|known| Some((known, at(world, known, now_ms)?)));
    let Some((id, json)) = found else {
        let message = format!("No such object: '{id}'");
        return (404, error("resource_missing", &message));
    };
    let mut json = json.to_owned();
    if query.expands("payments") {
        add_payments(world, id, &mut json, now_ms);
    }
    if query.expands("source") {
        expand_source(world, id, &mut json, now_ms);
    }
    if query.expands("payment_intent") {
        expand_intent(world, id, &mut json, now_ms);
    }
    (200, json)
}

/// `payments` is there only when asked for.
fn add_payments(world: &World, invoice: Id, json: &mut String, now_ms: i64) {
    let payments = world.payments.iter().filter(|p| p.invoice == invoice);
    let mut data = String::new();
    for payment in payments.filter_map(|payment| at(world, payment.id, now_ms)) {
        if !data.is_empty() {
            data.push(',');
        }
        data.push_str(payment);
    }
    json.pop();
    let _never_fails = write!(
        json,
        ",\"payments\":{{\"object\":\"list\",\"has_more\":false,\"url\":\"/v1/invoice_payments\",\"data\":[{data}]}}}}"
    );
}

fn expand_source(world: &World, txn: Id, json: &mut String, now_ms: i64) {
    let found = world.txns.iter().find(|known| known.id == txn);
    let Some(source) = found.and_then(|txn| txn.source) else {
        return;
    };
    if let Some(object) = at(world, source, now_ms) {
        *json = json.replacen(
            &format!("\"source\":\"{source}\""),
            &format!("\"source\":{object}"),
            1,
        );
    }
}

fn expand_intent(world: &World, session: Id, json: &mut String, now_ms: i64) {
    let found = world.sessions.iter().find(|known| known.id == session);
    let Some(intent) = found.and_then(|session| session.intent) else {
        return;
    };
    if let Some(object) = at(world, intent, now_ms) {
        *json = json.replacen(
            &format!("\"payment_intent\":\"{intent}\""),
            &format!("\"payment_intent\":{object}"),
            1,
        );
    }
}

/// One page, the newest first.
fn list(world: &World, (kind, url): (Kind, &str), query: &Query<'_>, now_ms: i64) -> String {
    let of_kind = Id::new(kind, 0, 0)..=Id::last(kind);
    let mut all: Vec<(i64, Id, &str)> = world
        .past
        .range(of_kind)
        .filter_map(|(id, past)| Some((past.first()?.0, *id, at(world, *id, now_ms)?)))
        .filter(|(made, _, json)| fits(kind, (*made, json), query))
        .collect();
    all.sort_by_key(|(made, id, _)| std::cmp::Reverse((*made, *id)));
    let items = all.into_iter().map(|(_, id, json)| (id, json));
    page(items, url, query, |id, out, json| {
        let mut json = json.to_owned();
        if query.expands("data.source") {
            expand_source(world, id, &mut json, now_ms);
        }
        if query.expands("data.payment_intent") {
            expand_intent(world, id, &mut json, now_ms);
        }
        if query.expands("data.payments") {
            add_payments(world, id, &mut json, now_ms);
        }
        out.push_str(&json);
    })
}

fn fits(kind: Kind, (made_ms, json): (i64, &str), query: &Query<'_>) -> bool {
    let made = made_ms.div_euclid(1000);
    let has =
        |key: &str, value: &dyn std::fmt::Display| json.contains(&format!("\"{key}\":\"{value}\""));
    let status = match (kind, query.status) {
        (Kind::Subscription, None) => !has("status", &"canceled"),
        (_, None | Some("all")) => true,
        (_, Some(status)) => has("status", &status),
    };
    status
        && query.from.is_none_or(|from| made >= from)
        && query.before.is_none_or(|before| made < before)
        && query.fields.iter().all(|(key, id)| has(key, id))
        && !(kind == Kind::Customer && json.contains("\"deleted\":true"))
}

fn events(world: &World, query: &Query<'_>, now_ms: i64) -> String {
    let oldest = now_ms.div_euclid(1000) - EVENTS_REACH_S;
    let from = query.from.map_or(oldest, |from| from.max(oldest));
    let known = world.events.iter().rev().filter(|event| {
        let made = event.at_ms.div_euclid(1000);
        event.at_ms <= now_ms && made >= from && query.before.is_none_or(|before| made < before)
    });
    let items = known.map(|event| (event.id, std::str::from_utf8(&event.body).unwrap_or("{}")));
    page(items, "/v1/events", query, |_, out, json| {
        out.push_str(json)
    })
}

fn page<'a>(
    items: impl Iterator<Item = (Id, &'a str)>,
    url: &str,
    query: &Query<'_>,
    mut put: impl FnMut(Id, &mut String, &str),
) -> String {
    let after = query.starting_after.and_then(Id::parse);
    let mut items = items.skip_while(|(id, _)| after.is_some_and(|after| *id != after));
    if after.is_some() {
        items.next();
    }
    let mut out = String::with_capacity(4096);
    let _never_fails = write!(out, "{{\"object\":\"list\",\"url\":\"{url}\",\"data\":[");
    let limit = query.limit.clamp(1, PAGE_MAX);
    for (nth, (id, json)) in items.by_ref().take(limit).enumerate() {
        if nth > 0 {
            out.push(',');
        }
        put(id, &mut out, json);
    }
    let has_more = items.next().is_some();
    let _never_fails = write!(out, "],\"has_more\":{has_more}}}");
    out
}
