//! Subscriptions: created, changed, paused, resumed and ended by requests, moved by time.

mod create;
mod cycle;
mod first;
mod item;
mod items;
mod preview;
mod tables;
mod upcoming;
mod update;

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, invoice, show};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, integer, set, text};
use crate::params::{Args, PAGE};
use crate::state::Entry;
use crate::tx::Tx;

pub(crate) use create::paid_by as create_paid;
pub(crate) use cycle::{finalize_cycle, has_ended, invoice_failed, invoice_paid, overdue};
pub(crate) use item::ITEMS;
pub(crate) use items::{of as items_of, period as period_of};
pub(crate) use preview::{change_for_preview, create_for_preview, next_invoice};
pub(crate) use tables::ITEM;
pub(crate) use update::from_args as change;

const PATH: &str = "/v1/subscriptions";
const ONE: &str = "/v1/subscriptions/{id}";

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::Subscription,
    expandable: &[
        "customer",
        "default_payment_method",
        "discounts",
        "latest_invoice",
        "pending_setup_intent",
        "schedule",
        "test_clock",
    ],
    includable: &[],
    wake: Some(cycle::wake),
    endpoints: &[
        Endpoint::post(PATH, &[tables::CREATE, tables::FIELDS], create::create),
        Endpoint::get(PATH, &[PAGE, tables::LIST], list),
        Endpoint::get(ONE, &[], |tx, call| show(tx, Kind::Subscription, &call.id)),
        Endpoint::post(ONE, &[tables::UPDATE, tables::FIELDS], update::update),
        Endpoint::delete(ONE, &[tables::CANCEL], cancel),
        Endpoint::post("/v1/subscriptions/{id}/pause", &[tables::PAUSE], pause),
        Endpoint::post("/v1/subscriptions/{id}/resume", &[tables::RESUME], resume),
    ],
};

fn list(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let status = args.text("status");
    let price = args.text("price");
    list::page(tx, call, Kind::Subscription, PATH, |subscription| {
        let own = text(subscription, "status").unwrap_or_default();
        let fits = match status {
            None => own != "canceled",
            Some("all") => true,
            Some("ended") => has_ended(subscription),
            Some(status) => own == status,
        };
        fits && ["collection_method", "customer", "test_clock"]
            .iter()
            .all(|name| {
                args.value(name)
                    .is_none_or(|w| subscription.get(*name) == Some(w))
            })
            && price.is_none_or(|price| {
                items::of(subscription)
                    .iter()
                    .any(|item| item["price"]["id"] == price)
            })
    })
}

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.open(Kind::Subscription, &call.id)?;
    if has_ended(&entry.object) {
        return Err(ApiError::not_found("subscription", &call.id));
    }
    Reply::ok(cancel_with(tx, entry, &call.args)?)
}

pub(crate) fn cancel_with(
    tx: &mut Tx<'_>,
    mut entry: Entry,
    args: &Args,
) -> Result<Object, ApiError> {
    let kept = entry
        .object
        .get_mut("cancellation_details")
        .and_then(Value::as_object_mut);
    if let (Some(given), Some(kept)) = (args.hash("cancellation_details"), kept) {
        kept.extend(given.0);
    }
    if args.boolean("prorate") == Some(true) {
        let items = items::of(&entry.object);
        let now = tx.now();
        for item in update::prorate(tx, &entry, (&items, &[]), now) {
            tx.create(item, "invoiceitem.created");
        }
    }
    if args.boolean("invoice_now") == Some(true) {
        let customer = text(&entry.object, "customer").unwrap_or_default();
        let customer = tx.known(Kind::Customer, customer)?;
        let currency = text(&entry.object, "currency")
            .unwrap_or_default()
            .to_owned();
        let now = tx.now();
        let draft = invoice::Draft {
            customer: &customer,
            subscription: Some(&entry),
            reason: "subscription_update",
            currency: &currency,
            lines: Vec::new(),
            period: (now, now),
            auto_advance: true,
            discounts: Vec::new(),
        };
        let made = invoice::open(tx, &draft)?;
        set(&mut entry.object, "latest_invoice", made.id.as_str());
        update::collect_now(tx, made, &Args::default())?;
    }
    end(tx, entry, "cancellation_requested")
}

/// Ends it now; its open invoices are not collected any more.
pub(crate) fn end(tx: &mut Tx<'_>, mut entry: Entry, reason: &str) -> Result<Object, ApiError> {
    let now = tx.now();
    let subscription = &mut entry.object;
    set(subscription, "status", "canceled");
    set(subscription, "ended_at", now);
    if integer(subscription, "canceled_at").is_none() {
        set(subscription, "canceled_at", now);
    }
    if let Some(details) = subscription.get_mut("cancellation_details")
        && details["reason"].is_null()
    {
        details["reason"] = json!(reason);
    }
    entry.wake_at = None;
    let ended = entry.object.clone();
    let open = |invoice: &&Entry| {
        invoice::subscription_of(&invoice.object) == Some(&entry.id)
            && matches!(text(&invoice.object, "status"), Some("draft" | "open"))
    };
    let invoices = tx.state().entries.newest_first(Kind::Invoice).filter(open);
    let invoices: Vec<Entry> = invoices.cloned().collect();
    for mut invoice in invoices {
        set(&mut invoice.object, "auto_advance", false);
        set(&mut invoice.object, "next_payment_attempt", Value::Null);
        invoice.wake_at = None;
        tx.put(invoice);
    }
    tx.create(entry, "customer.subscription.deleted");
    Ok(ended)
}

/// A deleted customer takes them along.
pub(crate) fn cancel_all_of(tx: &mut Tx<'_>, customer: &str) -> Result<(), ApiError> {
    let living = |entry: &&Entry| {
        text(&entry.object, "customer") == Some(customer) && !has_ended(&entry.object)
    };
    let all = tx
        .state()
        .entries
        .newest_first(Kind::Subscription)
        .filter(living);
    let all: Vec<Entry> = all.cloned().collect();
    for entry in all {
        end(tx, entry, "cancellation_requested")?;
    }
    Ok(())
}

fn pause(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.open(Kind::Subscription, &call.id)?;
    if let Some(schedule) = text(&entry.object, "schedule") {
        return Err(ApiError::invalid(format!(
            "The subscription is managed by the subscription schedule `{schedule}`; it cannot be \
             paused."
        ))
        .while_executing());
    }
    let status = text(&entry.object, "status").unwrap_or_default();
    if !matches!(status, "active" | "trialing" | "past_due" | "unpaid") {
        let message = format!("A subscription with a status of {status} cannot be paused.");
        return Err(ApiError::invalid(message).while_executing());
    }
    Reply::ok(pause_entry(tx, entry, "pause_requested")?)
}

/// No invoices and no new periods until it is resumed.
pub(crate) fn pause_entry(
    tx: &mut Tx<'_>,
    mut entry: Entry,
    kind: &str,
) -> Result<Object, ApiError> {
    let before = entry.object.clone();
    set(&mut entry.object, "status", "paused");
    let details = json!({ "paused": {
        "subscription": { "type": kind },
        "transitioned_at": tx.now(),
        "type": "subscription",
    }});
    set(&mut entry.object, "status_details", details);
    let paused = entry.object.clone();
    tx.emit("customer.subscription.paused", &paused, None);
    cycle::save(tx, &before, entry);
    Ok(paused)
}

fn resume(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = tx.open(Kind::Subscription, &call.id)?;
    let status = text(&entry.object, "status").unwrap_or_default();
    if status != "paused" {
        let message = format!("A subscription with a status of {status} cannot be resumed.");
        return Err(ApiError::invalid(message).while_executing());
    }
    let before = entry.object.clone();
    let hash = call.args.hash("billing_cycle_anchor").unwrap_or_default();
    let anchor = hash.text("type").or(call.args.text("billing_cycle_anchor"));
    let mut items = items::of(&entry.object);
    let now = tx.now();
    let interval = items::interval(&items);
    let (_, period_end) = items::period(&items);
    let kept = anchor == Some("unchanged") && period_end > now;
    if !kept {
        let old = integer(&before, "billing_cycle_anchor").unwrap_or(now);
        let end = match anchor {
            Some("unchanged") => interval.next_after(old, now),
            _ => interval.after(now, 1),
        };
        items::set_period(&mut items, (now, end));
        set(&mut entry.object, "items", items::list(&call.id, items));
        if anchor != Some("unchanged") {
            set(&mut entry.object, "billing_cycle_anchor", now);
        }
    }
    set(&mut entry.hidden, "resuming", true);
    tx.in_order(&invoice::COLLECTING, |tx| {
        if kept {
            entry.hidden.remove("resuming");
            set(&mut entry.object, "status", "active");
            set(&mut entry.object, "status_details", Value::Null);
            tx.emit("customer.subscription.resumed", &entry.object, None);
            cycle::save(tx, &before, entry);
            return Ok(());
        }
        let made = cycle::draft(tx, &mut entry, "subscription_update", (now, now))?;
        set(&mut entry.object, "latest_invoice", made.id.as_str());
        cycle::save(tx, &before, entry);
        update::collect_now(tx, made, &Args::default())
    })?;
    show(tx, Kind::Subscription, &call.id)
}

/// The shortest interval of the subscriptions in a test clock, in seconds.
pub(crate) fn shortest_interval(tx: &Tx<'_>, clock: &str) -> Option<i64> {
    let all = tx.state().entries.newest_first(Kind::Subscription);
    let living = all.filter(|entry| {
        text(&entry.object, "test_clock") == Some(clock) && !has_ended(&entry.object)
    });
    living
        .map(|entry| items::interval(&items::of(&entry.object)).seconds_max())
        .min()
}
