//! Subscriptions, their schedules, invoices.

use serde_json::{Value, json};

use super::{ProjectionError, livemode_of, text};
use crate::invoice::{Invoice, InvoiceStatus};
use crate::object::{Expandable, FieldError};
use crate::store::{
    InvoiceRow, SubscriptionFields, SubscriptionItemRow, SubscriptionRow, SubscriptionScheduleRow,
};
use crate::subscription::Subscription;
use crate::subscription_item::SubscriptionItem;
use crate::subscription_schedule::{SchedulePhase, SubscriptionSchedule};

pub(super) fn subscription(
    told: &Subscription,
    livemode: bool,
) -> Result<SubscriptionRow, ProjectionError> {
    let items = told.items()?;
    let mut items = items
        .data()
        .iter()
        .map(|one| item(told, one))
        .collect::<Result<Vec<_>, _>>()?;
    items.sort_by(|a, b| a.id.cmp(&b.id));
    let Expandable(customer) = told.customer()?;
    // Without items there is no period.
    let (start, end) =
        if items.is_empty() && told.object().json().get("current_period_end").is_none() {
            (None, None)
        } else {
            (
                Some(told.current_period_start()?),
                Some(told.current_period_end()?),
            )
        };
    let fields = SubscriptionFields {
        id: told.subscription_id()?,
        customer,
        status: told.status()?,
        current_period_start: start,
        current_period_end: end,
        cancel_at: told.cancel_at()?,
        cancel_at_period_end: told.cancel_at_period_end()?,
        canceled_at: told.canceled_at()?,
        ended_at: told.ended_at()?,
        trial_start: told.trial_start()?,
        trial_end: told.trial_end()?,
        pause_collection: told.pause_collection()?,
        pause_resumes_at: told.pause_collection_resumes_at()?,
        schedule: told.schedule()?.map(|Expandable(id)| id),
        collection_method: told.collection_method()?,
        default_payment_method: told.default_payment_method()?.map(|Expandable(id)| id),
        latest_invoice: told.latest_invoice()?.map(|Expandable(id)| id),
        created: told.created()?,
        livemode: livemode_of(told.object(), livemode)?,
    };
    Ok(SubscriptionRow { fields, items })
}

fn item(
    subscription: &Subscription,
    told: &SubscriptionItem,
) -> Result<SubscriptionItemRow, FieldError> {
    let Expandable(price) = told.price_id()?;
    let product = match told.object().json().get("price") {
        Some(Value::Object(_)) => Some(told.price()?.product()?.0),
        _ => None,
    };
    Ok(SubscriptionItemRow {
        id: told.subscription_item_id()?,
        subscription: subscription.subscription_id()?,
        price,
        product,
        quantity: told.quantity()?,
        current_period_start: told.current_period_start()?,
        current_period_end: told.current_period_end()?,
    })
}

pub(super) fn schedule(
    told: &SubscriptionSchedule,
    livemode: bool,
) -> Result<SubscriptionScheduleRow, ProjectionError> {
    let Expandable(customer) = told.customer()?;
    let subscription = match told.subscription()? {
        None => told.released_subscription()?,
        managed => managed,
    };
    let phases = told
        .phases()?
        .iter()
        .map(phase)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SubscriptionScheduleRow {
        id: told.subscription_schedule_id()?,
        customer,
        subscription: subscription.map(|Expandable(id)| id),
        status: told.status()?,
        end_behavior: told.end_behavior()?,
        current_phase_start: told.current_phase_start()?,
        current_phase_end: told.current_phase_end()?,
        phases: Value::Array(phases).to_string(),
        created: told.created()?,
        livemode: livemode_of(told.object(), livemode)?,
    })
}

fn phase(told: &SchedulePhase) -> Result<Value, FieldError> {
    let mut items = Vec::new();
    for item in told.items()? {
        let Expandable(price) = item.price()?;
        items.push(json!({ "price": price.as_str(), "quantity": item.quantity()? }));
    }
    Ok(json!({ "start": told.start_date()?, "end": told.end_date()?, "items": items }))
}

pub(super) fn invoice(told: &Invoice, livemode: bool) -> Result<InvoiceRow, ProjectionError> {
    Ok(InvoiceRow {
        id: told.invoice_id()?,
        customer: told.customer()?.map(|Expandable(id)| id),
        subscription: told.subscription_id()?,
        status: told.status()?.unwrap_or(InvoiceStatus::Draft),
        number: text(told.number()?),
        currency: told.currency()?,
        total: told.total()?,
        amount_due: told.amount_due()?,
        amount_paid: told.amount_paid()?,
        billing_reason: told.billing_reason()?,
        attempt_count: told.attempt_count()?,
        next_payment_attempt: told.next_payment_attempt()?,
        due_date: told.due_date()?,
        paid_at: told.paid_at()?,
        hosted_invoice_url: text(told.hosted_invoice_url()?),
        invoice_pdf: text(told.invoice_pdf()?),
        created: told.created()?,
        livemode: livemode_of(told.object(), livemode)?,
    })
}
