//! Subscription schedules: phases that a subscription goes through by itself.

mod phases;
mod tables;

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply, Resource, show, subscription};
use crate::calendar::DAY;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::list;
use crate::object::{Object, dig, integer, object, set, text};
use crate::params::{Args, PAGE, Param, merge_metadata};
use crate::state::Entry;
use crate::tx::{Tx, assign};

const ID: IdShape = IdShape::Modern("sub_sched_");
const PATH: &str = "/v1/subscription_schedules";
/// Stripe tells of the end of a schedule seven days ahead.
const EXPIRING_SECONDS: i64 = 7 * DAY;
const ONE: &str = "/v1/subscription_schedules/{id}";
pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::SubscriptionSchedule,
    expandable: &["customer", "subscription", "test_clock"],
    includable: &[],
    wake: Some(wake),
    endpoints: &[
        Endpoint::post(PATH, &[tables::CREATE], create),
        Endpoint::get(PATH, &[PAGE, tables::LIST], |tx, call| {
            list::matching(tx, call, Kind::SubscriptionSchedule, PATH, &["customer"])
        }),
        Endpoint::get(ONE, &[], |tx, call| {
            show(tx, Kind::SubscriptionSchedule, &call.id)
        }),
        Endpoint::post(ONE, &[tables::UPDATE], update),
        Endpoint::post(
            "/v1/subscription_schedules/{id}/cancel",
            &[tables::CANCEL],
            cancel,
        ),
        Endpoint::post(
            "/v1/subscription_schedules/{id}/release",
            &[&[Param::not_yet("preserve_cancel_date")]],
            |tx, call| {
                let entry = active(tx, &call.id)?;
                Reply::ok(release(tx, entry)?)
            },
        ),
    ],
};

fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let from = call.args.text("from_subscription").unwrap_or_default();
    let mut owner = tx
        .refer(Kind::Subscription, from, "from_subscription")?
        .clone();
    tx.enter_clock(owner.clock.as_deref());
    if let Some(schedule) = text(&owner.object, "schedule") {
        let message = format!("The subscription {from} already has the schedule {schedule}.");
        return Err(ApiError::invalid(message).while_executing());
    }
    if subscription::has_ended(&owner.object) {
        let message = "A schedule can only be made from a subscription that has not ended.";
        return Err(ApiError::invalid(message).while_executing());
    }
    let items = subscription::items_of(&owner.object);
    let (start, end) = subscription::period_of(&items);
    let plain: Vec<Value> = items
        .iter()
        .map(|item| phases::item(&item["price"]["id"], &item["quantity"]))
        .collect();
    let currency = owner.object.get("currency").cloned().unwrap_or_default();
    let first = phases::phase((start, end), plain, &currency, "create_prorations");
    let metadata = merge_metadata(None, call.args.value("metadata").unwrap_or(&json!({})))?;
    let schedule = json!({
        "application": null,
        "billing_mode": owner.object.get("billing_mode"),
        "canceled_at": null,
        "completed_at": null,
        "current_phase": { "end_date": end, "start_date": start },
        "customer": owner.object.get("customer"),
        "customer_account": null,
        "default_settings": {
            "application_fee_percent": null,
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": null,
            "collection_method": owner.object.get("collection_method"),
            "default_payment_method": owner.object.get("default_payment_method"),
            "description": null,
            "invoice_settings": { "issuer": { "type": "self" } },
            "on_behalf_of": null,
            "transfer_data": null,
        },
        "end_behavior": "release",
        "metadata": metadata,
        "pause_schedules": [],
        "phases": [first],
        "released_at": null,
        "released_subscription": null,
        "status": "active",
        "subscription": owner.id,
        "test_clock": tx.clock(),
    });
    let id = tx.new_id(ID);
    let mut entry = tx.entry(Kind::SubscriptionSchedule, id, object(schedule));
    plan(tx, &mut entry);
    let shown = entry.object.clone();
    let before = owner.object.clone();
    set(&mut owner.object, "schedule", entry.id.as_str());
    tx.create(entry, "subscription_schedule.created");
    tx.update(&before, owner, "customer.subscription.updated");
    Reply::ok(shown)
}

/// The schedule of the path, if it still has something to do.
fn active(tx: &mut Tx<'_>, id: &str) -> Result<Entry, ApiError> {
    let entry = tx.open(Kind::SubscriptionSchedule, id)?;
    let status = text(&entry.object, "status").unwrap_or_default();
    if status == "active" {
        return Ok(entry);
    }
    let message = format!("You cannot change a subscription schedule that is {status}.");
    Err(ApiError::invalid(message).while_executing())
}

fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let args = &call.args;
    let mut entry = active(tx, &call.id)?;
    let before = entry.object.clone();
    assign(&mut entry.object, args, &["end_behavior"]);
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(before.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    if args.has("phases") {
        let phases = phases::of(tx, args, &before)?;
        set(&mut entry.object, "phases", phases);
        enter(tx, &mut entry);
        apply_current(tx, &entry, args.text("proration_behavior"))?;
    }
    let after = entry.object.clone();
    tx.update(&before, entry, "subscription_schedule.updated");
    Reply::ok(after)
}

/// Finds the phase of now, and when it ends.
fn enter(tx: &Tx<'_>, entry: &mut Entry) {
    let now = tx.now();
    let current = current(&entry.object, now);
    let bounds = current
        .as_ref()
        .map(|phase| json!({ "end_date": phase["end_date"], "start_date": phase["start_date"] }));
    set(&mut entry.object, "current_phase", bounds);
    plan(tx, entry);
}

/// Sets when it wants to be woken: at the end of its phase, or to say that its end is near.
fn plan(tx: &Tx<'_>, entry: &mut Entry) {
    let phase = current(&entry.object, tx.now());
    let over = phase.and_then(|phase| phase["end_date"].as_i64());
    entry.wake_at = over.map(|over| expiring_at(entry).map_or(over, |at| at.min(over)));
}

fn end_of(schedule: &Object) -> Option<i64> {
    let last = dig(schedule, "phases").as_array()?.last()?;
    last["end_date"].as_i64()
}

/// When its end has to be told, if that is still to be done. A schedule that is shorter than
/// the notice goes without.
fn expiring_at(entry: &Entry) -> Option<i64> {
    let end = end_of(&entry.object)?;
    let at = end.saturating_sub(EXPIRING_SECONDS);
    let made = integer(&entry.object, "created").unwrap_or_default();
    (at > made && integer(&entry.hidden, "expiring") != Some(end)).then_some(at)
}

fn current(schedule: &Object, now: i64) -> Option<Value> {
    let phases = dig(schedule, "phases").as_array()?;
    let contains = |phase: &&Value| {
        phase["start_date"].as_i64() <= Some(now) && phase["end_date"].as_i64() > Some(now)
    };
    phases.iter().find(contains).cloned()
}

/// Makes the subscription what the phase of now says, if it is not that already.
fn apply_current(tx: &mut Tx<'_>, entry: &Entry, proration: Option<&str>) -> Result<(), ApiError> {
    let Some(phase) = current(&entry.object, tx.now()) else {
        return Ok(());
    };
    let id = text(&entry.object, "subscription").unwrap_or_default();
    let owner = tx.known(Kind::Subscription, id)?;
    let now = subscription::items_of(&owner.object);
    let plain = |price: &Value, quantity: &Value| (price.clone(), quantity.clone());
    let have: Vec<_> = now
        .iter()
        .map(|i| plain(&i["price"]["id"], &i["quantity"]))
        .collect();
    let wanted = phase["items"].as_array().cloned().unwrap_or_default();
    let want: Vec<_> = wanted
        .iter()
        .map(|i| plain(&i["price"], &i["quantity"]))
        .collect();
    let mut args = Args::default();
    if have != want {
        // The first items keep their ids; what is too many goes, what is missing comes.
        let mut items = Vec::new();
        for at in 0..now.len().max(wanted.len()) {
            let id = now.get(at).map(|item| item["id"].clone());
            items.push(match (id, wanted.get(at)) {
                (Some(id), None) => json!({ "id": id, "deleted": true }),
                (None, Some(new)) => json!({ "price": new["price"], "quantity": new["quantity"] }),
                (Some(id), Some(new)) => {
                    json!({ "id": id, "price": new["price"], "quantity": new["quantity"] })
                }
                (None, None) => Value::Null,
            });
        }
        set(&mut args.0, "items", items);
    }
    if phase["metadata"]
        .as_object()
        .is_some_and(|metadata| !metadata.is_empty())
    {
        set(&mut args.0, "metadata", phase["metadata"].clone());
    }
    if args.0.is_empty() {
        return Ok(());
    }
    let (_, period_end) = subscription::period_of(&now);
    let behavior = match proration.or(phase["proration_behavior"].as_str()) {
        // At the end of a period nothing is left to prorate.
        _ if period_end <= tx.now() => "none",
        behavior => behavior.unwrap_or("create_prorations"),
    };
    set(&mut args.0, "proration_behavior", behavior);
    subscription::change(tx, owner, &args)
}

/// Whether the phase that it is in has ended.
fn is_over(schedule: &Object, now: i64) -> bool {
    dig(schedule, "current_phase.end_date").as_i64() <= Some(now)
}

/// The phase is over: the next one begins, or the schedule ends.
pub(crate) fn advance(tx: &mut Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::SubscriptionSchedule, id)?;
    let before = entry.object.clone();
    let due = entry.wake_at.is_none_or(|at| at <= tx.now());
    if text(&before, "status") != Some("active") || !due {
        return Ok(());
    }
    let owner = text(&before, "subscription").unwrap_or_default();
    if subscription::has_ended(&tx.known(Kind::Subscription, owner)?.object) {
        // Delinquency or a request has ended what it was made for.
        set(&mut entry.object, "status", "canceled");
        set(&mut entry.object, "canceled_at", tx.now());
        finish(tx, entry, "subscription_schedule.aborted");
        return Ok(());
    }
    if expiring_at(&entry).is_some_and(|at| at <= tx.now()) {
        set(&mut entry.hidden, "expiring", end_of(&before));
        plan(tx, &mut entry);
        tx.create(entry.clone(), "subscription_schedule.expiring");
        if entry.wake_at.is_some_and(|at| at > tx.now()) && !is_over(&before, tx.now()) {
            return Ok(());
        }
    }
    enter(tx, &mut entry);
    if entry.wake_at.is_some() {
        apply_current(tx, &entry, None)?;
        tx.update(&before, entry, "subscription_schedule.updated");
        return Ok(());
    }
    if text(&before, "end_behavior") != Some("cancel") {
        return release(tx, entry).map(|_released| ());
    }
    set(&mut entry.object, "status", "completed");
    set(&mut entry.object, "completed_at", tx.now());
    let owner = text(&before, "subscription").unwrap_or_default();
    let owner = tx.known(Kind::Subscription, owner)?;
    tx.create(entry, "subscription_schedule.completed");
    subscription::end(tx, owner, "cancellation_requested").map(|_ended| ())
}

fn wake(tx: &mut Tx<'_>, entry: &Entry) {
    if let Err(error) = advance(tx, &entry.id) {
        tracing::error!("{} did not go on: {}", entry.id, error.message());
        tx.put(Entry {
            wake_at: None,
            ..entry.clone()
        });
    }
}

/// Lets the subscription go on by itself.
fn release(tx: &mut Tx<'_>, mut entry: Entry) -> Result<Object, ApiError> {
    let owner = text(&entry.object, "subscription")
        .unwrap_or_default()
        .to_owned();
    set(&mut entry.object, "status", "released");
    set(&mut entry.object, "released_at", tx.now());
    set(&mut entry.object, "released_subscription", owner.as_str());
    let released = finish(tx, entry, "subscription_schedule.released");
    let mut owner = tx.known(Kind::Subscription, &owner)?;
    let before = owner.object.clone();
    set(&mut owner.object, "schedule", Value::Null);
    tx.update(&before, owner, "customer.subscription.updated");
    Ok(released)
}

fn finish(tx: &mut Tx<'_>, mut entry: Entry, event: &str) -> Object {
    set(&mut entry.object, "current_phase", Value::Null);
    set(&mut entry.object, "subscription", Value::Null);
    entry.wake_at = None;
    let ended = entry.object.clone();
    tx.create(entry, event);
    ended
}

fn cancel(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let mut entry = active(tx, &call.id)?;
    let owner = text(&entry.object, "subscription").unwrap_or_default();
    let owner = tx.open(Kind::Subscription, owner)?;
    let mut args = call.args.clone();
    for name in ["invoice_now", "prorate"] {
        args.0.entry(name).or_insert(json!(true));
    }
    set(&mut entry.object, "status", "canceled");
    set(&mut entry.object, "canceled_at", tx.now());
    entry.wake_at = None;
    set(&mut entry.object, "current_phase", Value::Null);
    let shown = entry.object.clone();
    tx.create(entry, "subscription_schedule.canceled");
    if !subscription::has_ended(&owner.object) {
        subscription::cancel_with(tx, owner, &args)?;
    }
    Reply::ok(shown)
}
