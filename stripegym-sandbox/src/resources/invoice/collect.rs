//! Finalizing and collecting: from a draft to money, or to a failure that is tried again.

use serde_json::{Value, json};

use crate::calendar::DAY;
use crate::error::ApiError;
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, dig, integer, set, text};
use crate::params::Args;
use crate::resources::payment_intent::{self, Attempt, News, Verdict};
use crate::resources::{invoice_payment, subscription};
use crate::state::Entry;
use crate::tx::{Order, Tx};

/// A collected invoice, in the order of Stripe's own account of a renewal.
pub(crate) const COLLECTING: Order = Order {
    well: &[
        "invoice.finalized",
        "payment_intent.created",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "payment_intent.succeeded",
        "charge.succeeded",
        "customer.updated",
        "customer.subscription.updated",
        "invoice_payment.paid",
    ],
    otherwise: &[
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
        "customer.subscription.deleted",
    ],
};

/// After these, only another card helps: the schedule goes on, but nothing is charged.
const HARD_DECLINES: [&str; 7] = [
    "authentication_required",
    "highest_risk_level",
    "incorrect_number",
    "lost_card",
    "pickup_card",
    "stolen_card",
    "transaction_not_allowed",
];

/// Fixes a draft: its number, the customer's balance, the intent that will pay it.
pub(crate) fn finalize(tx: &mut Tx<'_>, mut entry: Entry) -> Result<Entry, ApiError> {
    let customer = text(&entry.object, "customer").unwrap_or_default();
    let mut customer = tx.known(Kind::Customer, customer)?;
    let before = customer.object.clone();
    let sequence = integer(&before, "next_invoice_sequence").unwrap_or(1);
    let prefix = text(&before, "invoice_prefix").unwrap_or_default();
    let number = format!("{prefix}-{sequence:04}");
    set(
        &mut customer.object,
        "next_invoice_sequence",
        sequence.saturating_add(1),
    );
    let balance = use_balance(&mut entry.object, &before);
    set(&mut customer.object, "balance", balance);
    if before.get("currency").is_none_or(Value::is_null) {
        let currency = entry.object.get("currency").cloned().unwrap_or_default();
        set(&mut customer.object, "currency", currency);
    }
    let told = before.get("balance") != customer.object.get("balance")
        || before.get("currency") != customer.object.get("currency");
    if told {
        tx.update(&before, customer, "customer.updated");
    } else {
        tx.put(customer);
    }
    let (now, url) = (tx.now(), tx.settings.public_url.clone());
    let days = integer(&entry.hidden, "days_until_due");
    let id = entry.id.clone();
    let invoice = &mut entry.object;
    set(invoice, "number", number);
    set(invoice, "status", "open");
    set(invoice, "effective_at", now);
    set(invoice, "automatically_finalizes_at", Value::Null);
    set(invoice, "hosted_invoice_url", format!("{url}/i/{id}"));
    stamp(invoice, "finalized_at", now);
    if text(invoice, "collection_method") == Some("send_invoice") {
        let due = now.saturating_add(days.unwrap_or(30).saturating_mul(DAY));
        if dig(invoice, "due_date").is_null() {
            set(invoice, "due_date", due);
        }
        set(invoice, "next_payment_attempt", Value::Null);
        entry.wake_at = integer(invoice, "due_date");
    } else {
        entry.wake_at = None;
    }
    let paid_by = text(&entry.hidden, "payment_intent").map(ToOwned::to_owned);
    if integer(&entry.object, "amount_due").unwrap_or_default() > 0 {
        match &paid_by {
            Some(intent) => {
                let payment = invoice_payment::open(tx, &entry, intent);
                set(&mut entry.hidden, "payment", payment);
            }
            None => open_payment(tx, &mut entry),
        }
    }
    tx.create(entry.clone(), "invoice.finalized");
    if integer(&entry.object, "amount_due") == Some(0) {
        return mark_paid(tx, entry, 0);
    }
    Ok(entry)
}

/// The same for an invoice that Checkout has taken the money for.
pub(crate) fn finalize_paid(
    tx: &mut Tx<'_>,
    mut entry: Entry,
    intent: &str,
) -> Result<(), ApiError> {
    let mut paid = tx.known(Kind::PaymentIntent, intent)?;
    set(&mut paid.hidden, "invoice", entry.id.as_str());
    tx.put(paid);
    set(&mut entry.hidden, "payment_intent", intent);
    let open = finalize(tx, entry)?;
    if text(&open.object, "status") == Some("paid") {
        return Ok(());
    }
    let amount = integer(&open.object, "amount_due").unwrap_or_default();
    mark_paid(tx, open, amount).map(|_paid| ())
}

/// Sets one of `status_transitions`.
pub(super) fn stamp(invoice: &mut Object, field: &str, now: i64) {
    if let Some(transitions) = invoice.get_mut("status_transitions") {
        transitions[field] = json!(now);
    }
}

/// Sets the amount due after the customer's balance; answers the balance that is left.
fn use_balance(invoice: &mut Object, customer: &Object) -> i64 {
    let total = integer(invoice, "total").unwrap_or_default();
    let balance = integer(customer, "balance").unwrap_or_default();
    let currency = text(invoice, "currency").unwrap_or_default();
    let open = total.saturating_add(balance);
    let due = if open >= money::minimum(currency) {
        open
    } else {
        0
    };
    let rest = open.saturating_sub(due);
    set(invoice, "starting_balance", balance);
    set(invoice, "ending_balance", rest);
    set(invoice, "amount_due", due);
    set(invoice, "amount_remaining", due);
    rest
}

fn open_payment(tx: &mut Tx<'_>, entry: &mut Entry) {
    let invoice = &entry.object;
    let amount = integer(invoice, "amount_due").unwrap_or_default();
    let currency = text(invoice, "currency").unwrap_or_default();
    let customer = text(invoice, "customer");
    let description = match text(invoice, "billing_reason") {
        Some("subscription_create") => "Subscription creation",
        Some("subscription_update" | "subscription_cycle") => "Subscription update",
        _ => "Payment for Invoice",
    };
    let mut data = Args::default();
    set(&mut data.0, "description", description);
    if subscription_of(invoice).is_some() {
        set(&mut data.0, "setup_future_usage", "off_session");
    }
    let mut intent = payment_intent::open(tx, amount, currency, customer, &data);
    set(&mut intent.hidden, "invoice", entry.id.as_str());
    let payment = invoice_payment::open(tx, entry, &intent.id);
    set(&mut entry.hidden, "payment_intent", intent.id.as_str());
    set(
        &mut entry.hidden,
        "client_secret",
        dig(&intent.object, "client_secret").clone(),
    );
    set(&mut entry.hidden, "payment", payment);
    tx.create(intent, "payment_intent.created");
}

/// The subscription that an invoice bills.
pub(crate) fn subscription_of(invoice: &Object) -> Option<&str> {
    dig(invoice, "parent.subscription_details.subscription").as_str()
}

/// Closes it as paid, tells the world, and lets the subscription know.
pub(crate) fn mark_paid(tx: &mut Tx<'_>, mut entry: Entry, amount: i64) -> Result<Entry, ApiError> {
    let now = tx.now();
    let invoice = &mut entry.object;
    set(invoice, "status", "paid");
    set(invoice, "attempted", true);
    set(invoice, "amount_paid", amount);
    set(invoice, "amount_remaining", 0);
    set(invoice, "next_payment_attempt", Value::Null);
    set(invoice, "auto_advance", false);
    stamp(invoice, "paid_at", now);
    entry.wake_at = None;
    tx.create(entry.clone(), "invoice.paid");
    tx.emit("invoice.payment_succeeded", &entry.object, None);
    if let Some(payment) = text(&entry.hidden, "payment") {
        invoice_payment::paid(tx, payment, amount)?;
    }
    if let Some(id) = subscription_of(&entry.object) {
        subscription::invoice_paid(tx, id, &entry)?;
    }
    Ok(entry)
}

/// Whether someone is there while money is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Customer,
    Nobody,
}

/// What one attempt came to; none if there was no method to try.
pub(crate) type Collected = Option<Verdict>;

/// Tries to collect an open invoice with `method`, or with what the customer keeps for that.
pub(crate) fn collect(
    tx: &mut Tx<'_>,
    entry: Entry,
    method: Option<Entry>,
    presence: Presence,
) -> Result<Collected, ApiError> {
    let method = match method {
        Some(method) => Some(method),
        None => method_of(tx, &entry.object)?,
    };
    let Some(method) = method else {
        failed(tx, &entry.id, presence)?;
        return Ok(None);
    };
    let intent = text(&entry.hidden, "payment_intent").unwrap_or_default();
    let intent = tx.known(Kind::PaymentIntent, intent)?;
    let attempt = Attempt {
        off_session: presence == Presence::Nobody,
        ..Attempt::default()
    };
    let mut entry = entry;
    set(&mut entry.hidden, "tried", method.id.as_str());
    tx.put(entry.clone());
    let news = payment_intent::run(tx, intent, &method, &attempt)?;
    news.tell(tx)?;
    settle(tx, &entry.id, &news, presence)?;
    Ok(Some(news.verdict))
}

/// What the outcome of its intent means for the invoice.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    id: &str,
    news: &News,
    presence: Presence,
) -> Result<(), ApiError> {
    let entry = tx.known(Kind::Invoice, id)?;
    match news.verdict {
        Verdict::Succeeded | Verdict::Authorized => {
            let amount = integer(&entry.object, "amount_due").unwrap_or_default();
            mark_paid(tx, entry, amount)?;
            Ok(())
        }
        Verdict::NeedsAction => {
            let mut entry = entry;
            set(&mut entry.object, "attempted", true);
            tx.create(entry, "invoice.payment_action_required");
            Ok(())
        }
        Verdict::Declined(error) => {
            let mut entry = entry;
            let code = error.decline_code.unwrap_or(error.code);
            set(&mut entry.hidden, "declined", code);
            tx.put(entry);
            failed(tx, id, presence)
        }
    }
}

/// The method in the order that Stripe looks for it.
pub(crate) fn method_of(tx: &Tx<'_>, invoice: &Object) -> Result<Option<Entry>, ApiError> {
    let entries = &tx.state().entries;
    let customer = text(invoice, "customer").unwrap_or_default();
    let customer = entries.of(Kind::Customer, customer);
    let of_subscription = subscription_of(invoice)
        .and_then(|id| entries.of(Kind::Subscription, id))
        .and_then(|entry| text(&entry.object, "default_payment_method"));
    let of_customer =
        customer.and_then(|c| dig(&c.object, "invoice_settings.default_payment_method").as_str());
    let id = text(invoice, "default_payment_method")
        .or(of_subscription)
        .or(of_customer);
    id.map(|id| tx.known(Kind::PaymentMethod, id)).transpose()
}

/// A failed attempt: when the next one comes, or what its failure means in the end.
fn failed(tx: &mut Tx<'_>, id: &str, presence: Presence) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::Invoice, id)?;
    let before = entry.object.clone();
    let count = integer(&before, "attempt_count").unwrap_or_default();
    let by_hand = presence == Presence::Customer && count > 0;
    let count = if by_hand {
        count
    } else {
        count.saturating_add(1)
    };
    let invoice = &mut entry.object;
    set(invoice, "attempted", true);
    set(invoice, "attempt_count", count);
    let first = text(invoice, "billing_reason") == Some("subscription_create");
    let automatic = text(invoice, "collection_method") == Some("charge_automatically")
        && before.get("auto_advance") == Some(&json!(true));
    let mut exhausted = false;
    if !by_hand {
        let days = usize::try_from(count - 1).ok();
        let days = days.and_then(|at| tx.settings.retry_days.get(at)).copied();
        let next = days.filter(|_| automatic && !first);
        let next = next.map(|days| tx.now().saturating_add(days.saturating_mul(DAY)));
        set(invoice, "next_payment_attempt", next);
        entry.wake_at = next;
        exhausted = automatic && !first && next.is_none();
    }
    tx.put(entry.clone());
    tx.emit("invoice.payment_failed", &entry.object, None);
    let previous = crate::object::previous_attributes(&before, &entry.object);
    tx.emit("invoice.updated", &entry.object, Some(previous));
    if let Some(subscription) = subscription_of(&entry.object) {
        subscription::invoice_failed(tx, subscription, &entry, exhausted)?;
    }
    Ok(())
}

/// The next automatic attempt. After a hard decline it only counts, until another card is there.
pub(super) fn retry(tx: &mut Tx<'_>, entry: Entry) -> Result<(), ApiError> {
    let declined = text(&entry.hidden, "declined").unwrap_or_default();
    let method = method_of(tx, &entry.object)?;
    let same = method.as_ref().map(|method| method.id.as_str()) == text(&entry.hidden, "tried");
    if HARD_DECLINES.contains(&declined) && same {
        return failed(tx, &entry.id, Presence::Nobody);
    }
    collect(tx, entry, None, Presence::Nobody).map(|_collected| ())
}

/// Paid outside Stripe.
pub(super) fn out_of_band(tx: &mut Tx<'_>, entry: Entry) -> Result<(), ApiError> {
    if let Some(intent) = text(&entry.hidden, "payment_intent") {
        let intent = tx.known(Kind::PaymentIntent, intent)?;
        payment_intent::cancel_entry(tx, intent, Some("void_invoice"))?;
    }
    let amount = integer(&entry.object, "amount_due").unwrap_or_default();
    mark_paid(tx, entry, amount).map(|_paid| ())
}

/// The customer's own attempt, through the intent itself or the bank's page.
pub(crate) fn intent_moved(tx: &mut Tx<'_>, intent: &str, news: &News) -> Result<(), ApiError> {
    let entry = tx.known(Kind::PaymentIntent, intent)?;
    match text(&entry.hidden, "invoice") {
        Some(invoice) => settle(tx, invoice, news, Presence::Customer),
        None => Ok(()),
    }
}

/// Keeps the method for next time, as the first payment of a subscription does when asked to.
pub(crate) fn remember_method(tx: &mut Tx<'_>, invoice: &Object) -> Result<(), ApiError> {
    let Some(id) = subscription_of(invoice) else {
        return Ok(());
    };
    let mut entry = tx.known(Kind::Subscription, id)?;
    let wanted = dig(
        &entry.object,
        "payment_settings.save_default_payment_method",
    );
    if wanted != "on_subscription" {
        return Ok(());
    }
    let tried = text(invoice, "id").and_then(|id| tx.state().entries.of(Kind::Invoice, id));
    let method = tried.and_then(|invoice| text(&invoice.hidden, "tried"));
    if let Some(method) = method.map(ToOwned::to_owned) {
        set(&mut entry.object, "default_payment_method", method);
        tx.put(entry);
    }
    Ok(())
}
