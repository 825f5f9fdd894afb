//! Creating a subscription, and its first invoice with it.

use serde_json::{Value, json};

use super::{cycle, first, items};
use crate::calendar::DAY;
use crate::error::ApiError;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{Object, integer, object, set, text};
use crate::params::{Args, merge_metadata};
use crate::resources::discount::{Holder, make_all};
use crate::resources::invoice::Presence;
use crate::resources::{Call, Reply, payment_method};
use crate::state::Entry;
use crate::tx::{Order, Tx, assign};
use crate::version::ApiVersion;

const ID: IdShape = IdShape::Modern("sub_");
const SUBSCRIPTIONS_MAX: usize = 500;
const TRIAL_SECONDS_MAX: i64 = 5 * 366 * DAY;

/// As seen from Stripe; when the payment does not go through, as it is described.
const CREATING: Order = Order {
    well: &[
        "charge.succeeded",
        "payment_method.attached",
        "customer.updated",
        "customer.discount.created",
        "customer.subscription.created",
        "setup_intent.created",
        "setup_intent.succeeded",
        "payment_intent.succeeded",
        "payment_intent.created",
        "customer.subscription.trial_will_end",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "charge.updated",
    ],
    otherwise: &[
        "payment_method.attached",
        "customer.updated",
        "customer.discount.created",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.updated",
    ],
};

pub(super) fn create(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(from_args(tx, &call.args)?.object)
}

/// Makes one out of checked parameters.
pub(crate) fn from_args(tx: &mut Tx<'_>, args: &Args) -> Result<Entry, ApiError> {
    paid_by(tx, args, None)
}

/// As [`from_args`], with a first invoice that an intent has paid already.
pub(crate) fn paid_by(
    tx: &mut Tx<'_>,
    args: &Args,
    intent: Option<&str>,
) -> Result<Entry, ApiError> {
    let customer = args.text("customer").unwrap_or_default();
    let customer = tx.refer(Kind::Customer, customer, "customer")?.clone();
    tx.enter_clock(customer.clock.as_deref());
    check_room(tx, &customer)?;
    let mut entry = build(tx, &customer, args)?;
    let behavior = args.text("payment_behavior").unwrap_or("allow_incomplete");
    if behavior == "pending_if_incomplete" {
        let message = "pending_if_incomplete can only be used when updating a subscription.";
        return Err(ApiError::invalid(message).param("payment_behavior"));
    }
    let mut presence = Presence::Customer;
    if args.boolean("off_session") == Some(true) {
        presence = Presence::Nobody;
    }
    set(&mut entry.hidden, "creating", true);
    if let Some(intent) = intent {
        set(&mut entry.hidden, "paid_by", intent);
    }
    tx.in_order(&CREATING, |tx| {
        discounts(tx, &mut entry, args)?;
        tx.put(entry.clone());
        first::bill(tx, &mut entry, &customer, (behavior, presence))?;
        let mut entry = tx.known(Kind::Subscription, &entry.id)?;
        entry.hidden.remove("creating");
        entry.hidden.remove("paid_by");
        cycle::plan(tx, &mut entry);
        tx.create(entry.clone(), "customer.subscription.created");
        Ok(entry)
    })
}

fn check_room(tx: &Tx<'_>, customer: &Entry) -> Result<(), ApiError> {
    let living = |entry: &&Entry| {
        text(&entry.object, "customer") == Some(&customer.id) && !cycle::has_ended(&entry.object)
    };
    let all = tx.state().entries.newest_first(Kind::Subscription);
    let (most, what) = match customer.clock {
        Some(_) => (3, "in a test clock"),
        None => (SUBSCRIPTIONS_MAX, "at a time"),
    };
    if all.filter(living).count() < most {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "A customer can have at most {most} subscriptions {what}."
    ))
    .code("customer_max_subscriptions")
    .while_executing())
}

fn build(tx: &mut Tx<'_>, customer: &Entry, args: &Args) -> Result<Entry, ApiError> {
    let id = tx.new_id(ID);
    let given = args.hashes("items");
    if given.is_empty() {
        return Err(ApiError::missing("items"));
    }
    let mut items = items::change(tx, &id, &[], &given)?;
    let now = tx.now();
    let trial_end = trial_end(args, now)?;
    let interval = items::interval(&items);
    let anchor = match (trial_end, args.integer("billing_cycle_anchor")) {
        (Some(end), _) => end,
        (None, Some(at)) if at <= now || at > interval.after(now, 1) => {
            return Err(ApiError::invalid(
                "billing_cycle_anchor must be in the future and no later than the next natural \
                 billing date.",
            )
            .param("billing_cycle_anchor"));
        }
        (None, Some(at)) => at,
        (None, None) => now,
    };
    let end = if anchor > now {
        anchor
    } else {
        interval.after(now, 1)
    };
    items::set_period(&mut items, (now, end));
    let currency = items.first().map(|item| item["price"]["currency"].clone());
    let mut subscription = blank(tx, args);
    set(&mut subscription, "currency", currency);
    set(&mut subscription, "customer", customer.id.as_str());
    set(&mut subscription, "billing_cycle_anchor", anchor);
    set(&mut subscription, "items", items::list(&id, items));
    if let Some(trial_end) = trial_end {
        set(&mut subscription, "status", "trialing");
        set(&mut subscription, "trial_start", now);
        set(&mut subscription, "trial_end", trial_end);
    }
    let mut entry = tx.entry(Kind::Subscription, id, subscription);
    apply(tx, &mut entry, args)?;
    Ok(entry)
}

/// When a trial ends, if there is one.
pub(super) fn trial_end(args: &Args, now: i64) -> Result<Option<i64>, ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).param("trial_end"));
    match (args.text("trial_end"), args.integer("trial_period_days")) {
        (Some(_), Some(_)) => Err(ApiError::exclusive(&["trial_end", "trial_period_days"])),
        (None, None) | (Some("now"), None) => Ok(None),
        (None, Some(days)) => Ok(Some(now.saturating_add(days.saturating_mul(DAY)))),
        (Some(text), None) => match text.parse::<i64>() {
            Ok(at) if at > now.saturating_add(TRIAL_SECONDS_MAX) => {
                refuse("Invalid timestamp: can be no more than five years in the future")
            }
            Ok(at) if at > now => Ok(Some(at)),
            Ok(_) => refuse("Invalid timestamp: must be an integer Unix timestamp in the future"),
            Err(_) => refuse("Invalid timestamp: must be `now` or an integer Unix timestamp"),
        },
    }
}

fn blank(tx: &Tx<'_>, args: &Args) -> Object {
    let flexible = tx.origin.version.is_at_least(ApiVersion::CLOVER);
    let mode = args.hash("billing_mode").unwrap_or_default();
    let mode = mode
        .text("type")
        .unwrap_or(if flexible { "flexible" } else { "classic" });
    let flexible = (mode == "flexible").then(|| json!({ "proration_discounts": "included" }));
    object(json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor_config": null,
        "billing_mode": { "flexible": flexible, "type": mode },
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": "charge_automatically",
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": { "type": "self" },
        },
        "latest_invoice": null,
        "managed_payments": null,
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": tx.now(),
        "status": "active",
        "status_details": null,
        "test_clock": tx.clock(),
        "transfer_data": null,
        "trial_end": null,
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
        "trial_start": null,
    }))
}

/// Sets what needs no arithmetic; creating and updating share it.
pub(super) fn apply(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    assign(
        &mut entry.object,
        args,
        &["collection_method", "days_until_due", "description"],
    );
    if let Some(change) = args.value("metadata") {
        let merged = merge_metadata(entry.object.get("metadata"), change)?;
        set(&mut entry.object, "metadata", merged);
    }
    match args.value("default_payment_method") {
        Some(Value::String(id)) => {
            let method = payment_method::named(tx, id, "default_payment_method")?;
            let customer = text(&entry.object, "customer")
                .unwrap_or_default()
                .to_owned();
            payment_method::check_owner(&method, Some(&customer))?;
            let method = payment_method::attach(tx, &method, &customer)?;
            set(&mut entry.object, "default_payment_method", method.id);
        }
        Some(_) => set(&mut entry.object, "default_payment_method", Value::Null),
        None => {}
    }
    for (name, depth) in [("payment_settings", 1), ("trial_settings", 2)] {
        let (Some(given), Some(kept)) = (args.value(name), entry.object.get_mut(name)) else {
            continue;
        };
        if depth == 1
            && let (Some(kept), Some(given)) = (kept.as_object_mut(), given.as_object())
        {
            kept.extend(given.clone());
        } else {
            *kept = given.clone();
        }
    }
    let sends = text(&entry.object, "collection_method") == Some("send_invoice");
    if sends && integer(&entry.object, "days_until_due").is_none() {
        return Err(ApiError::missing("days_until_due"));
    }
    cycle::set_end(tx, entry, args)
}

/// `discounts` of the request become the subscription's own.
pub(super) fn discounts(tx: &mut Tx<'_>, entry: &mut Entry, args: &Args) -> Result<(), ApiError> {
    if args.has("discounts") {
        let customer = text(&entry.object, "customer")
            .unwrap_or_default()
            .to_owned();
        let holder = Holder {
            field: "subscription",
            id: &entry.id.clone(),
            customer: &customer,
        };
        let ids = make_all(tx, &args.hashes("discounts"), holder)?;
        set(&mut entry.object, "discounts", ids);
    }
    Ok(())
}
