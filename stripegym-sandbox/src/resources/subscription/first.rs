//! The first invoice of a subscription.

use serde_json::Value;

use super::{cycle, items};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::money;
use crate::object::{dig, integer, set, text};
use crate::resources::invoice::{self, Draft, Presence};
use crate::resources::payment_intent::Verdict;
use crate::resources::setup_intent;
use crate::state::Entry;
use crate::tx::Tx;

/// The first invoice, and what becomes of the subscription with it.
pub(super) fn bill(
    tx: &mut Tx<'_>,
    entry: &mut Entry,
    customer: &Entry,
    (behavior, presence): (&str, Presence),
) -> Result<(), ApiError> {
    let items = items::of(&entry.object);
    let (start, end) = items::period(&items);
    let trial = text(&entry.object, "status") == Some("trialing");
    let whole = items::interval(&items);
    let full_start = whole.after(end, -1);
    let lines = items.iter().map(|item| {
        let full = items::item_amount(item);
        let amount = match (trial, full_start < start) {
            (true, _) => Some(0),
            (false, true) => Some(money::share(full, end - start, end - full_start)),
            (false, false) => None,
        };
        invoice::item_line(tx, &entry.id, item, (start, end), amount)
    });
    let lines = lines.collect();
    let sends = text(&entry.object, "collection_method") == Some("send_invoice");
    let currency = text(&entry.object, "currency")
        .unwrap_or_default()
        .to_owned();
    let draft = Draft {
        customer,
        subscription: Some(&*entry),
        reason: "subscription_create",
        currency: &currency,
        lines,
        period: (start, start),
        auto_advance: true,
        discounts: dig(&entry.object, "discounts")
            .as_array()
            .cloned()
            .unwrap_or_default(),
    };
    let mut first = invoice::open(tx, &draft)?;
    cycle::used_discounts(entry);
    set(&mut entry.object, "latest_invoice", first.id.as_str());
    if let Some(days) = integer(&entry.object, "days_until_due") {
        set(&mut first.hidden, "days_until_due", days);
    }
    let due = integer(&first.object, "total").unwrap_or_default();
    let missing = invoice::method_of(tx, &first.object)?.is_none()
        && text(&entry.object, "default_payment_method").is_none();
    if !trial && !sends && due > 0 {
        if missing && behavior == "allow_incomplete" {
            return Err(no_method());
        }
        set(&mut entry.object, "status", "incomplete");
    }
    tx.put(entry.clone());
    if sends && due > 0 {
        tx.put(first);
        return Ok(());
    }
    set(&mut first.object, "next_payment_attempt", Value::Null);
    if let Some(intent) = text(&entry.hidden, "paid_by") {
        return invoice::finalize_paid(tx, first, intent);
    }
    let first = invoice::finalize(tx, first)?;
    if trial || text(&first.object, "status") == Some("paid") {
        return prepare_card(tx, &entry.id, missing);
    }
    pay_first(tx, first, behavior, presence)
}

fn no_method() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider \
         adding a default payment method. For more information, visit \
         https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    )
    .code("resource_missing")
    .while_executing()
}

/// Nothing is due now, but later: without a card, one is asked for.
fn prepare_card(tx: &mut Tx<'_>, id: &str, missing: bool) -> Result<(), ApiError> {
    if !missing {
        return Ok(());
    }
    let mut entry = tx.known(Kind::Subscription, id)?;
    let customer = text(&entry.object, "customer")
        .unwrap_or_default()
        .to_owned();
    let intent = setup_intent::open(tx, Some(&customer), "off_session");
    set(
        &mut entry.object,
        "pending_setup_intent",
        intent.id.as_str(),
    );
    tx.create(intent, "setup_intent.created");
    tx.put(entry);
    Ok(())
}

fn pay_first(
    tx: &mut Tx<'_>,
    first: Entry,
    behavior: &str,
    presence: Presence,
) -> Result<(), ApiError> {
    if behavior == "default_incomplete" {
        return Ok(());
    }
    let verdict = invoice::collect(tx, first, None, presence)?;
    if behavior != "error_if_incomplete" {
        return Ok(());
    }
    match verdict {
        Some(Verdict::Succeeded | Verdict::Authorized) => Ok(()),
        Some(Verdict::Declined(error)) => Err(ApiError::card(error)),
        Some(Verdict::NeedsAction) => Err(ApiError::failed(
            "Payment for this subscription requires additional user action before it can be \
             completed successfully.",
        )
        .code("subscription_payment_intent_requires_action")),
        None => Err(no_method()),
    }
}
