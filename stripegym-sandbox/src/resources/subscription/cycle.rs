//! The clockwork: trials end, periods turn, subscriptions expire and end, payments change them.

use serde_json::{Value, json};

use super::{items, upcoming};
use crate::calendar::{DAY, HOUR};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, dig, integer, set, text};
use crate::params::Args;
use crate::resources::invoice::{self, Draft, Presence};
use crate::resources::{discount, schedule, subscription};
use crate::settings::AfterRetries;
use crate::state::Entry;
use crate::tx::{Order, Tx};

/// How long the first payment may take.
const INCOMPLETE_SECONDS: i64 = 23 * HOUR;
const REMINDER_SECONDS: i64 = 3 * DAY;

const TURNING: Order = Order {
    well: &[
        "customer.discount.deleted",
        "customer.subscription.updated",
        "invoice.created",
    ],
    otherwise: &[],
};

/// Whether nothing more will happen.
pub(crate) fn has_ended(subscription: &Object) -> bool {
    matches!(
        text(subscription, "status"),
        Some("canceled" | "incomplete_expired")
    )
}

/// Sets when the entry wants to be woken next.
pub(super) fn plan(tx: &Tx<'_>, entry: &mut Entry) {
    let subscription = &entry.object;
    let status = text(subscription, "status").unwrap_or_default();
    let (_, period_end) = items::period(&items::of(subscription));
    let trial_end = integer(subscription, "trial_end").filter(|_| status == "trialing");
    let reminder = trial_end
        .filter(|_| !entry.hidden.contains_key("reminded"))
        .map(|end| end.saturating_sub(REMINDER_SECONDS).max(tx.now()));
    let resumes = dig(subscription, "pause_collection.resumes_at").as_i64();
    entry.wake_at = match status {
        "canceled" | "incomplete_expired" | "paused" => None,
        "incomplete" => integer(subscription, "created").map(|c| c + INCOMPLETE_SECONDS),
        _ => [
            trial_end,
            reminder,
            resumes,
            integer(subscription, "cancel_at"),
            Some(period_end),
            upcoming::at(tx, entry),
        ]
        .into_iter()
        .flatten()
        .min(),
    };
}

/// Stores a changed subscription with its next wake-up, and tells the world.
pub(super) fn save(tx: &mut Tx<'_>, before: &Object, mut entry: Entry) {
    plan(tx, &mut entry);
    tx.update(before, entry, "customer.subscription.updated");
}

/// One thing at a time: what else is due wakes it again at once.
pub(super) fn wake(tx: &mut Tx<'_>, entry: &Entry) {
    let mut cleared = entry.clone();
    cleared.wake_at = None;
    tx.put(cleared.clone());
    if let Err(error) = act(tx, cleared) {
        tracing::error!("{} did not go on: {}", entry.id, error.message());
    }
}

fn act(tx: &mut Tx<'_>, mut entry: Entry) -> Result<(), ApiError> {
    let now = tx.now();
    let before = entry.object.clone();
    let due = |at: Option<i64>| at.is_some_and(|at| at <= now);
    let status = text(&before, "status").unwrap_or_default();
    let trial_end = integer(&before, "trial_end").filter(|_| status == "trialing");
    if status == "incomplete" {
        return expire(tx, entry);
    }
    if due(integer(&before, "cancel_at")) {
        return subscription::end(tx, entry, "cancellation_requested").map(|_ended| ());
    }
    if due(dig(&before, "pause_collection.resumes_at").as_i64()) {
        set(&mut entry.object, "pause_collection", Value::Null);
        save(tx, &before, entry);
        return Ok(());
    }
    if due(trial_end) {
        return end_trial(tx, entry);
    }
    if trial_end.is_some() && !entry.hidden.contains_key("reminded") {
        set(&mut entry.hidden, "reminded", true);
        plan(tx, &mut entry);
        tx.create(entry, "customer.subscription.trial_will_end");
        return Ok(());
    }
    if due(Some(items::period(&items::of(&before)).1)) {
        return match text(&before, "schedule") {
            Some(schedule) => turn_scheduled(tx, &entry.id, schedule),
            None => turn(tx, entry, &before),
        };
    }
    if due(upcoming::at(tx, &entry)) {
        return upcoming::tell(tx, entry);
    }
    plan(tx, &mut entry);
    tx.put(entry);
    Ok(())
}

/// A phase that ends with the period goes first: the new period is billed as the next one says.
fn turn_scheduled(tx: &mut Tx<'_>, id: &str, schedule: &str) -> Result<(), ApiError> {
    schedule::advance(tx, schedule)?;
    let mut entry = tx.known(Kind::Subscription, id)?;
    let before = entry.object.clone();
    let due = items::period(&items::of(&before)).1 <= tx.now();
    if due && !has_ended(&before) {
        return turn(tx, entry, &before);
    }
    plan(tx, &mut entry);
    tx.put(entry);
    Ok(())
}

fn expire(tx: &mut Tx<'_>, mut entry: Entry) -> Result<(), ApiError> {
    let before = entry.object.clone();
    set(&mut entry.object, "status", "incomplete_expired");
    set(&mut entry.object, "ended_at", tx.now());
    save(tx, &before, entry);
    let latest = text(&before, "latest_invoice").unwrap_or_default();
    let latest = tx.known(Kind::Invoice, latest)?;
    if text(&latest.object, "status") == Some("open") {
        invoice::void(tx, latest)?;
    }
    Ok(())
}

fn end_trial(tx: &mut Tx<'_>, mut entry: Entry) -> Result<(), ApiError> {
    let before = entry.object.clone();
    let behavior = dig(
        &before,
        "trial_settings.end_behavior.missing_payment_method",
    );
    if !has_method(tx, &before) {
        match behavior.as_str() {
            Some("cancel") => {
                return subscription::end(tx, entry, "cancellation_requested").map(|_ended| ());
            }
            Some("pause") => {
                let kind = "trial_end_without_payment_method";
                return subscription::pause_entry(tx, entry, kind).map(|_paused| ());
            }
            _ => {}
        }
    }
    set(&mut entry.object, "status", "active");
    turn(tx, entry, &before)
}

fn has_method(tx: &Tx<'_>, subscription: &Object) -> bool {
    let customer = text(subscription, "customer").unwrap_or_default();
    let customer = tx.state().entries.of(Kind::Customer, customer);
    let default =
        customer.map(|customer| dig(&customer.object, "invoice_settings.default_payment_method"));
    text(subscription, "default_payment_method").is_some() || default.is_some_and(Value::is_string)
}

/// A new period begins where the old one ended: the items move on, an invoice is drafted.
fn turn(tx: &mut Tx<'_>, mut entry: Entry, before: &Object) -> Result<(), ApiError> {
    let mut items = items::of(&entry.object);
    let (_, start) = items::period(&items);
    let anchor = integer(&entry.object, "billing_cycle_anchor").unwrap_or(start);
    let last_start = items::period(&items).0;
    let end = items::interval(&items).next_after(anchor, start);
    items::set_period(&mut items, (start, end));
    set(&mut entry.object, "items", items::list(&entry.id, items));
    tx.in_order(&TURNING, |tx| {
        drop_discounts(tx, &mut entry);
        let draft = draft(tx, &mut entry, "subscription_cycle", (last_start, start))?;
        set(&mut entry.object, "latest_invoice", draft.id);
        save(tx, before, entry);
        Ok(())
    })
}

/// The invoice of the current period, as a draft.
pub(super) fn draft(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    reason: &'static str,
    window: (i64, i64),
) -> Result<Entry, ApiError> {
    let customer = text(&entry.object, "customer").unwrap_or_default();
    let customer = tx.known(Kind::Customer, customer)?;
    let items = items::of(&entry.object);
    let period = items::period(&items);
    let line = |item: &Value| invoice::item_line(tx, &entry.id, item, period, None);
    let lines = items.iter().map(line).collect();
    let kept = dig(&entry.object, "pause_collection.behavior") == "keep_as_draft";
    let unpaid = text(&entry.object, "status") == Some("unpaid");
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let draft = Draft {
        customer: &customer,
        subscription: Some(&*entry),
        reason,
        currency: &currency,
        lines,
        period: window,
        auto_advance: !kept && !unpaid,
        discounts: dig(&entry.object, "discounts")
            .as_array()
            .cloned()
            .unwrap_or_default(),
    };
    let mut made = invoice::open(tx, &draft)?;
    used_discounts(entry);
    if let Some(days) = integer(&entry.object, "days_until_due") {
        set(&mut made.hidden, "days_until_due", days);
        tx.put(made.clone());
    }
    Ok(made)
}

/// Remembers which discounts an invoice has had: some are good for one only.
pub(super) fn used_discounts(entry: &mut Entry) {
    let discounts = entry.object.get("discounts").cloned().unwrap_or_default();
    set(&mut entry.hidden, "used_discounts", discounts);
}

fn drop_discounts(tx: &mut Tx<'_>, entry: &mut Entry) {
    let ids = dig(&entry.object, "discounts")
        .as_array()
        .cloned()
        .unwrap_or_default();
    let used = entry.hidden.get("used_discounts").and_then(Value::as_array);
    let used = used.cloned().unwrap_or_default();
    let (kept, over) = discount::split(tx, &ids, &used);
    set(&mut entry.object, "discounts", kept);
    for id in over.iter().filter_map(Value::as_str) {
        if let Ok(discount) = tx.known(Kind::Discount, id) {
            tx.emit("customer.discount.deleted", &discount.object, None);
        }
    }
}

/// The hour of a draft is over. A paused collection decides what becomes of it.
pub(crate) fn finalize_cycle(tx: &mut Tx<'_>, entry: Entry) -> Result<(), ApiError> {
    let subscription = invoice::subscription_of(&entry.object);
    let subscription = subscription.and_then(|id| tx.state().entries.of(Kind::Subscription, id));
    let paused = subscription.map(|s| dig(&s.object, "pause_collection.behavior").clone());
    let open = invoice::finalize(tx, entry)?;
    if text(&open.object, "status") != Some("open") {
        return Ok(());
    }
    match paused.as_ref().and_then(Value::as_str) {
        Some("void") => invoice::void(tx, open).map(|_void| ()),
        Some("mark_uncollectible") => {
            invoice::give_up(tx, open);
            Ok(())
        }
        _ if text(&open.object, "collection_method") == Some("send_invoice") => {
            tx.emit("invoice.sent", &open.object, None);
            Ok(())
        }
        _ => invoice::collect(tx, open, None, Presence::Nobody).map(|_collected| ()),
    }
}

/// An invoice was paid: whoever was late or waiting is in good standing again.
pub(crate) fn invoice_paid(tx: &mut Tx<'_>, id: &str, invoice: &Entry) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::Subscription, id)?;
    let before = entry.object.clone();
    let latest = text(&before, "latest_invoice") == Some(&invoice.id);
    let status = text(&before, "status").unwrap_or_default();
    let resumes = status == "paused" && entry.hidden.contains_key("resuming");
    if status == "incomplete" || (latest && matches!(status, "past_due" | "unpaid")) || resumes {
        set(&mut entry.object, "status", "active");
        set(&mut entry.object, "status_details", Value::Null);
        entry.hidden.remove("resuming");
    }
    if entry.hidden.contains_key("creating") {
        tx.put(entry);
    } else {
        save(tx, &before, entry);
        if resumes {
            let resumed = tx.known(Kind::Subscription, id)?;
            tx.emit("customer.subscription.resumed", &resumed.object, None);
        }
    }
    delinquent(tx, &before, false)?;
    invoice::remember_method(tx, &invoice.object)
}

/// An invoice was not paid; `exhausted` when no other attempt will come by itself.
pub(crate) fn invoice_failed(
    tx: &mut Tx<'_>,
    id: &str,
    invoice: &Entry,
    exhausted: bool,
) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::Subscription, id)?;
    let before = entry.object.clone();
    let latest = text(&before, "latest_invoice") == Some(&invoice.id);
    let status = text(&before, "status").unwrap_or_default();
    if entry.hidden.contains_key("creating") || has_ended(&before) || !latest {
        return Ok(());
    }
    delinquent(tx, &before, true)?;
    if exhausted {
        match tx.settings.after_retries {
            AfterRetries::Cancel => {
                return subscription::end(tx, entry, "payment_failed").map(|_ended| ());
            }
            AfterRetries::Pause => {
                let kind = "final_payment_failure";
                return subscription::pause_entry(tx, entry, kind).map(|_paused| ());
            }
            AfterRetries::MarkUnpaid => set(&mut entry.object, "status", "unpaid"),
            AfterRetries::LeavePastDue => set(&mut entry.object, "status", "past_due"),
        }
    } else if status == "active" || status == "trialing" {
        set(&mut entry.object, "status", "past_due");
    }
    save(tx, &before, entry);
    Ok(())
}

/// A sent invoice was not paid in time.
pub(crate) fn overdue(tx: &mut Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::Subscription, id)?;
    let before = entry.object.clone();
    if text(&before, "status") == Some("active") {
        set(&mut entry.object, "status", "past_due");
    }
    save(tx, &before, entry);
    Ok(())
}

fn delinquent(tx: &mut Tx<'_>, subscription: &Object, is: bool) -> Result<(), ApiError> {
    let customer = text(subscription, "customer").unwrap_or_default();
    let mut customer = tx.known(Kind::Customer, customer)?;
    let before = customer.object.clone();
    if before.get("delinquent") != Some(&json!(is)) {
        set(&mut customer.object, "delinquent", is);
        tx.update(&before, customer, "customer.updated");
    }
    Ok(())
}

/// `cancel_at`, `cancel_at_period_end` and what follows from them.
pub(super) fn set_end(tx: &Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    let (_, period_end) = items::period(&items::of(&entry.object));
    let now = tx.now();
    let subscription = &mut entry.object;
    let mut end = |at: Option<i64>, at_period_end: bool| {
        set(subscription, "cancel_at", at);
        set(subscription, "cancel_at_period_end", at_period_end);
        set(subscription, "canceled_at", at.map(|_| now));
        let reason = at.map(|_| "cancellation_requested");
        if let Some(details) = subscription.get_mut("cancellation_details") {
            details["reason"] = json!(reason);
        }
    };
    match (
        args.boolean("cancel_at_period_end"),
        args.value("cancel_at"),
    ) {
        (Some(true), Some(Value::String(_))) => {
            return Err(ApiError::exclusive(&["cancel_at", "cancel_at_period_end"]));
        }
        (Some(true), _) => end(Some(period_end), true),
        (_, Some(Value::String(text))) => match (text.as_str(), text.parse::<i64>()) {
            ("min_period_end" | "max_period_end", _) => end(Some(period_end), false),
            (_, Ok(at)) if at > now => end(Some(at), false),
            _ => {
                let message = "Invalid timestamp: must be in the future, `min_period_end` or \
                               `max_period_end`.";
                return Err(ApiError::invalid(message).param("cancel_at"));
            }
        },
        (Some(false), _) | (_, Some(_)) => end(None, false),
        (None, None) => {}
    }
    Ok(())
}
