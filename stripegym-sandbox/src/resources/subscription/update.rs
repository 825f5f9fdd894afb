//! Changing a subscription: items, prorations, anchors, trials.

use serde_json::{Value, json};

use super::{create, cycle, items};
use crate::calendar::Date;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, dig, integer, set, text};
use crate::params::Args;
use crate::resources::invoice::{self, Draft, Presence};
use crate::resources::invoice_item::{self, Pending};
use crate::resources::payment_intent::Verdict;
use crate::resources::{Call, Reply, show};
use crate::state::Entry;
use crate::tx::{Order, Tx};

/// As seen from Stripe for an upgrade that is billed at once.
const CHANGING: Order = Order {
    well: &[
        "charge.succeeded",
        "customer.updated",
        "customer.discount.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "invoiceitem.created",
        "charge.updated",
    ],
    otherwise: &[
        "customer.discount.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.updated",
        "customer.updated",
        "customer.subscription.updated",
        "invoiceitem.created",
    ],
};

pub(super) fn update(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    let entry = tx.open(Kind::Subscription, &call.id)?;
    check_state(&entry.object, &call.args)?;
    from_args(tx, entry, &call.args)?;
    show(tx, Kind::Subscription, &call.id)
}

fn check_state(subscription: &Object, args: &Args) -> Result<(), ApiError> {
    let allowed: &[&str] = match text(subscription, "status") {
        Some("canceled" | "incomplete_expired") => &["metadata", "cancellation_details"],
        Some("incomplete") => &["metadata", "default_payment_method"],
        _ => return check_schedule(subscription, args),
    };
    if args.0.keys().all(|name| allowed.contains(&name.as_str())) {
        return Ok(());
    }
    let status = text(subscription, "status").unwrap_or_default();
    Err(ApiError::invalid(format!(
        "A subscription with a status of {status} can only update its {}.",
        allowed.join(" and ")
    ))
    .while_executing())
}

/// While a schedule manages it, its end is the schedule's business.
fn check_schedule(subscription: &Object, args: &Args) -> Result<(), ApiError> {
    let ends = args.has("cancel_at") || args.has("cancel_at_period_end");
    match text(subscription, "schedule").filter(|_| ends) {
        None => Ok(()),
        Some(schedule) => Err(ApiError::invalid(format!(
            "The subscription is managed by the subscription schedule `{schedule}`, and updating \
             any cancelation behavior directly is not allowed. Please update the schedule instead."
        ))
        .while_executing()),
    }
}

/// Applies checked parameters; everything that follows from them happens here.
pub(crate) fn from_args(tx: &mut Tx<'_>, entry: Entry, args: &Args) -> Result<(), ApiError> {
    tx.in_order(&CHANGING, |tx| change(tx, entry, args))
}

fn change(tx: &mut Tx<'_>, mut entry: Entry, args: &Args) -> Result<(), ApiError> {
    let before = entry.object.clone();
    if args.text("payment_behavior") == Some("pending_if_incomplete") {
        return Err(ApiError::unsupported("payment_behavior", "pending updates"));
    }
    create::apply(tx, &mut entry, args)?;
    create::discounts(tx, &mut entry, args)?;
    details(&mut entry.object, args);
    let old_items = items::of(&before);
    let mut new_items = items::change(tx, &entry.id, &old_items, &args.hashes("items"))?;
    let now = tx.now();
    let trialing = text(&before, "status") == Some("trialing");
    let trial = trial(&mut entry.object, args, now)?;
    let rhythm_changed = items::interval(&old_items) != items::interval(&new_items);
    let paid_from_free = items::amount(&old_items) == 0 && items::amount(&new_items) > 0;
    let anchored = anchor_now(args);
    let restarts = match trial {
        Trial::Ended => true,
        Trial::Set(_) => false,
        Trial::Kept if trialing => false,
        Trial::Kept => rhythm_changed || anchored || paid_from_free,
    };
    let period = match trial {
        Trial::Set(end) => (now, end),
        _ if restarts => (now, items::interval(&new_items).after(now, 1)),
        _ => items::period(&old_items),
    };
    if restarts || matches!(trial, Trial::Set(_)) {
        set(
            &mut entry.object,
            "billing_cycle_anchor",
            if restarts { now } else { period.1 },
        );
    }
    items::set_period(&mut new_items, period);
    let behavior = args
        .text("proration_behavior")
        .unwrap_or("create_prorations");
    let at = args.integer("proration_date").unwrap_or(now);
    let mut prorations = Vec::new();
    if behavior != "none" && !trialing && !is_idle(&before) {
        let debits = if restarts { &[][..] } else { &new_items[..] };
        prorations = prorate(tx, &entry, (&old_items, debits), at);
    }
    set(
        &mut entry.object,
        "items",
        items::list(&entry.id, new_items),
    );
    tx.put(entry.clone());
    for item in prorations {
        tx.create(item, "invoiceitem.created");
    }
    if restarts || behavior == "always_invoice" && !trialing {
        bill(tx, &mut entry, args, restarts)?;
    }
    // Paying may have changed its status meanwhile.
    if let Some(stored) = tx.state().entries.get(&entry.id)
        && stored.object.get("status") != before.get("status")
        && before.get("status") == entry.object.get("status")
    {
        let status = stored.object.get("status").cloned().unwrap_or_default();
        set(&mut entry.object, "status", status);
    }
    cycle::save(tx, &before, entry);
    Ok(())
}

/// Nothing is billed for what is not running.
fn is_idle(subscription: &Object) -> bool {
    matches!(
        text(subscription, "status"),
        Some("paused" | "unpaid" | "incomplete")
    )
}

fn details(subscription: &mut Object, args: &Args) {
    if let Some(pause) = args.value("pause_collection") {
        let mut pause = pause.clone();
        if let Some(fields) = pause.as_object_mut() {
            fields.entry("resumes_at").or_insert(Value::Null);
        }
        set(subscription, "pause_collection", pause);
    }
    let given = args.hash("cancellation_details");
    let kept = subscription
        .get_mut("cancellation_details")
        .and_then(Value::as_object_mut);
    if let (Some(given), Some(kept)) = (given, kept) {
        kept.extend(given.0);
    }
}

#[derive(Clone, Copy)]
enum Trial {
    Kept,
    Ended,
    Set(i64),
}

fn trial(subscription: &mut Object, args: &Args, now: i64) -> Result<Trial, ApiError> {
    if !args.has("trial_end") {
        return Ok(Trial::Kept);
    }
    let trialing = text(subscription, "status") == Some("trialing");
    match create::trial_end(args, now)? {
        None if trialing => {
            set(subscription, "trial_end", now);
            set(subscription, "status", "active");
            Ok(Trial::Ended)
        }
        None => Ok(Trial::Kept),
        Some(end) => {
            if !trialing {
                set(subscription, "trial_start", now);
            }
            set(subscription, "trial_end", end);
            set(subscription, "status", "trialing");
            Ok(Trial::Set(end))
        }
    }
}

fn anchor_now(args: &Args) -> bool {
    let hash = args.hash("billing_cycle_anchor");
    let kind = hash.as_ref().and_then(|hash| hash.text("type"));
    kind.or(args.text("billing_cycle_anchor")) == Some("now")
}

/// Credits for what was paid and is not used, debits for what is used and was not paid.
pub(super) fn prorate(
    tx: &mut Tx<'_>,
    entry: &Entry,
    (old, new): (&[Value], &[Value]),
    at: i64,
) -> Vec<Entry> {
    let (start, end) = items::period(old);
    let at = at.clamp(start, end);
    let same = |one: &Value, other: &Value| {
        one["id"] == other["id"]
            && one["price"]["id"] == other["price"]["id"]
            && one["quantity"] == other["quantity"]
    };
    let gone = old
        .iter()
        .filter(|item| !new.iter().any(|other| same(item, other)));
    let come = new
        .iter()
        .filter(|item| !old.iter().any(|other| same(item, other)));
    let changes = gone
        .map(|item| (item, -1))
        .chain(come.map(|item| (item, 1)));
    let changes: Vec<(Value, i64)> = changes.map(|(item, sign)| (item.clone(), sign)).collect();
    let date = day(at);
    let mut made = Vec::new();
    for (item, sign) in changes {
        let full = items::item_amount(&item).saturating_mul(sign);
        let price = item["price"].as_object().cloned().unwrap_or_default();
        let quantity = item["quantity"].as_i64().unwrap_or(1);
        let name = invoice::product_name(tx, &price);
        let what = if sign < 0 { "Unused" } else { "Remaining" };
        let pending = Pending {
            customer: text(&entry.object, "customer").unwrap_or_default(),
            subscription: Some(&entry.id),
            amount: money::share(full, end - at, end - start),
            currency: text(&entry.object, "currency").unwrap_or_default(),
            description: json!(format!("{what} time on {quantity} × {name} after {date}")),
            quantity,
            price: &item["price"],
            period: (at, end),
            proration: true,
        };
        made.push(invoice_item::build(tx, &pending));
    }
    made
}

fn day(at: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = Date::of(at);
    let month = usize::try_from(date.month)
        .ok()
        .and_then(|month| MONTHS.get(month - 1));
    format!(
        "{} {} {}",
        date.day,
        month.copied().unwrap_or_default(),
        date.year
    )
}

/// An invoice at once: of the prorations alone, or of a period that begins now.
fn bill(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    args: &Args,
    whole_period: bool,
) -> Result<(), ApiError> {
    let now = tx.now();
    let made = if whole_period {
        cycle::draft(tx, entry, "subscription_update", (now, now))?
    } else {
        let customer = text(&entry.object, "customer").unwrap_or_default();
        let customer = tx.known(Kind::Customer, customer)?;
        let currency = text(&entry.object, "currency")
            .unwrap_or_default()
            .to_owned();
        let draft = Draft {
            customer: &customer,
            subscription: Some(&*entry),
            reason: "subscription_update",
            currency: &currency,
            lines: Vec::new(),
            period: (now, now),
            auto_advance: true,
            discounts: dig(&entry.object, "discounts")
                .as_array()
                .cloned()
                .unwrap_or_default(),
        };
        invoice::open(tx, &draft)?
    };
    set(&mut entry.object, "latest_invoice", made.id.as_str());
    tx.put(entry.clone());
    collect_now(tx, made, args)
}

/// Finalizes and collects while the caller waits.
pub(super) fn collect_now(tx: &mut Tx<'_>, mut made: Entry, args: &Args) -> Result<(), ApiError> {
    set(&mut made.object, "next_payment_attempt", Value::Null);
    let open = invoice::finalize(tx, made)?;
    let sends = text(&open.object, "collection_method") == Some("send_invoice");
    let behavior = args.text("payment_behavior").unwrap_or("allow_incomplete");
    if integer(&open.object, "amount_due") == Some(0) || sends || behavior == "default_incomplete" {
        return Ok(());
    }
    let presence = match args.boolean("off_session") {
        Some(true) => Presence::Nobody,
        _ => Presence::Customer,
    };
    let verdict = invoice::collect(tx, open, None, presence)?;
    match verdict {
        Some(Verdict::Declined(error)) if behavior == "error_if_incomplete" => {
            Err(ApiError::card(error))
        }
        Some(Verdict::NeedsAction) | None if behavior == "error_if_incomplete" => {
            Err(ApiError::failed(
                "Payment for this subscription requires a payment method or additional user \
                 action before it can be completed successfully.",
            )
            .code("subscription_payment_intent_requires_action"))
        }
        _ => Ok(()),
    }
}
