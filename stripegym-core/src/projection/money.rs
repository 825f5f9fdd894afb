//! Customers, refunds, disputes.

use super::{ProjectionError, livemode_of, text};
use crate::customer::Customer;
use crate::dispute::Dispute;
use crate::object::Expandable;
use crate::refund::Refund;
use crate::store::{CustomerRow, DisputeRow, RefundRow};

pub(super) fn customer(told: &Customer, livemode: bool) -> Result<CustomerRow, ProjectionError> {
    Ok(CustomerRow {
        id: told.customer_id()?,
        default_payment_method: told.default_payment_method()?.map(|Expandable(id)| id),
        balance: told.balance()?.unwrap_or(0),
        currency: told.currency()?,
        delinquent: told.delinquent()?.unwrap_or(false),
        created: told.created()?.unwrap_or(0),
        livemode: livemode_of(told.object(), livemode)?,
    })
}

pub(super) fn refund(told: &Refund, livemode: bool) -> Result<RefundRow, ProjectionError> {
    Ok(RefundRow {
        id: told.refund_id()?,
        payment_intent: told.payment_intent()?.map(|Expandable(id)| id),
        charge: told.charge()?.map(|Expandable(id)| id),
        amount: told.amount()?,
        currency: told.currency()?,
        status: told.status()?,
        reason: told.reason()?,
        failure_reason: text(told.failure_reason()?),
        created: told.created()?,
        livemode,
    })
}

pub(super) fn dispute(told: &Dispute, livemode: bool) -> Result<DisputeRow, ProjectionError> {
    let Expandable(charge) = told.charge()?;
    Ok(DisputeRow {
        id: told.dispute_id()?,
        payment_intent: told.payment_intent()?.map(|Expandable(id)| id),
        charge,
        amount: told.amount()?,
        currency: told.currency()?,
        status: told.status()?,
        reason: text(Some(told.reason()?)).unwrap_or_default(),
        evidence_due_by: told.evidence_due_by()?,
        created: told.created()?,
        livemode: livemode_of(told.object(), livemode)?,
    })
}
