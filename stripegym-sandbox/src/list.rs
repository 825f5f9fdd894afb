//! Lists: newest first, with cursors.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, integer, object, set};
use crate::params::Args;
use crate::resources::{Call, Reply};
use crate::state::Entry;
use crate::tx::Tx;

const LIMIT_DEFAULT: i64 = 10;

/// A page of one kind, filtered.
pub(crate) fn page(
    tx: &Tx<'_>,
    call: &Call,
    kind: Kind,
    url: &str,
    keep: impl Fn(&Object) -> bool,
) -> Result<Reply, ApiError> {
    page_of(tx, call, (kind, url), |entry| keep(&entry.object))
}

/// As [`page`], for filters that need to know more than the object shows.
pub(crate) fn page_of(
    tx: &Tx<'_>,
    call: &Call,
    (kind, url): (Kind, &str),
    keep: impl Fn(&Entry) -> bool,
) -> Result<Reply, ApiError> {
    let created = call.args.value("created");
    let visible = tx
        .state()
        .entries
        .newest_first(kind)
        .filter(|entry| !entry.is_deleted());
    let wanted = visible
        .filter(|entry| created.is_none_or(|range| in_range(&entry.object, range)) && keep(entry))
        .map(|entry| &entry.object);
    // The cursor's own place counts even if a filter hides it, so it is looked up among all.
    let order = |id: &str| tx.state().entries.of(kind, id).map(|entry| entry.seq);
    slice(wanted, &call.args, (kind, url), order).map(|body| Reply { status: 200, body })
}

/// A page of one kind whose fields equal the parameters of the same names.
pub(crate) fn matching(
    tx: &Tx<'_>,
    call: &Call,
    kind: Kind,
    url: &str,
    fields: &[&str],
) -> Result<Reply, ApiError> {
    page(tx, call, kind, url, |object| {
        let same = |name: &&str| {
            let wanted = call.args.value(name);
            wanted.is_none_or(|wanted| object.get(*name) == Some(wanted))
        };
        fields.iter().all(same)
    })
}

/// A page of objects that live inside another one, in their own order.
pub(crate) fn embedded(
    items: &[Value],
    args: &Args,
    noun: &str,
    url: &str,
) -> Result<Reply, ApiError> {
    let (limit, cursor) = cursor(args)?;
    let position = |id: &str, param: &str| {
        let found = items.iter().position(|item| item["id"] == id);
        found.ok_or_else(|| ApiError::no_such(noun, id, param))
    };
    let (range, has_more) = match cursor {
        None => (0..items.len().min(limit), items.len() > limit),
        Some(Cursor::After(id)) => {
            let from = position(id, "starting_after")? + 1;
            let to = items.len().min(from + limit);
            (from..to, items.len() > to)
        }
        Some(Cursor::Before(id)) => {
            let to = position(id, "ending_before")?;
            let from = to.saturating_sub(limit);
            (from..to, from > 0)
        }
    };
    let data = items.get(range).unwrap_or_default().to_vec();
    Reply::ok(envelope(url, data, has_more))
}

fn slice<'a>(
    newest_first: impl Iterator<Item = &'a Object>,
    args: &Args,
    (kind, url): (Kind, &str),
    order: impl Fn(&str) -> Option<u64>,
) -> Result<Value, ApiError> {
    let (limit, cursor) = cursor(args)?;
    let seq_of = |object: &Object| object.get("id").and_then(Value::as_str).and_then(&order);
    let place =
        |id: &str, param: &str| order(id).ok_or_else(|| ApiError::no_such(kind.name(), id, param));
    let more_than_limit = limit.saturating_add(1);
    let (mut found, from_the_old_end): (Vec<&Object>, bool) = match cursor {
        None => (newest_first.take(more_than_limit).collect(), false),
        Some(Cursor::After(id)) => {
            let after = place(id, "starting_after")?;
            let older = newest_first.filter(|object| seq_of(object) < Some(after));
            (older.take(more_than_limit).collect(), false)
        }
        Some(Cursor::Before(id)) => {
            let before = place(id, "ending_before")?;
            let newer: Vec<_> = newest_first
                .take_while(|object| seq_of(object) > Some(before))
                .collect();
            (newer, true)
        }
    };
    let has_more = found.len() > limit;
    if from_the_old_end {
        // The page next to the cursor: its oldest ones.
        found.drain(..found.len().saturating_sub(limit));
    } else {
        found.truncate(limit);
    }
    let data = found.into_iter().cloned().map(Value::Object).collect();
    Ok(envelope(url, data, has_more))
}

/// The list object itself.
pub(crate) fn envelope(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    let mut list = object(json!({ "object": "list", "url": url, "has_more": has_more }));
    set(&mut list, "data", data);
    Value::Object(list)
}

enum Cursor<'a> {
    After(&'a str),
    Before(&'a str),
}

fn cursor(args: &Args) -> Result<(usize, Option<Cursor<'_>>), ApiError> {
    let limit = args.integer("limit").unwrap_or(LIMIT_DEFAULT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let cursor = match (args.text("starting_after"), args.text("ending_before")) {
        (Some(_), Some(_)) => {
            return Err(ApiError::exclusive(&["starting_after", "ending_before"]));
        }
        (Some(id), None) => Some(Cursor::After(id)),
        (None, Some(id)) => Some(Cursor::Before(id)),
        (None, None) => None,
    };
    Ok((limit, cursor))
}

fn in_range(object: &Object, range: &Value) -> bool {
    let created = integer(object, "created").unwrap_or_default();
    if let Some(exact) = range.as_i64() {
        return created == exact;
    }
    let bound = |name: &str| range.get(name).and_then(Value::as_i64);
    bound("gt").is_none_or(|bound| created > bound)
        && bound("gte").is_none_or(|bound| created >= bound)
        && bound("lt").is_none_or(|bound| created < bound)
        && bound("lte").is_none_or(|bound| created <= bound)
}
