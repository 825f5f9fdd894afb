//! What is to be booked for an object, whatever became of its row.

use crate::checkout::CheckoutSession;
use crate::clock::Timestamp;
use crate::event::Event;
use crate::invoice::Invoice;
use crate::invoice_payment::InvoicePayment;
use crate::ledger::{self, KnownPayments, RuleError, Transaction};
use crate::object::{Field, Object, View};
use crate::payment_intent::{CaptureMethod, PaymentIntent};
use crate::process::HandlerError;
use crate::refund::Refund;
use crate::store::{ObjectKind, StoreError, Tx};

/// What a booking needs is not in the payload, and there is nobody to ask.
#[derive(Debug, thiserror::Error)]
#[error(
    "a paid invoice is booked by its payments: give the processor a Stripe client to fetch them"
)]
pub(super) struct NobodyToAsk;

/// The facts in an event's payload, of any kind of object.
pub(super) fn of_payload(event: &Event, object: &Object) -> Result<Vec<Transaction>, RuleError> {
    let at = event.created();
    match object.get::<&str>("object") {
        Ok(CheckoutSession::OBJECT) => {
            ledger::checkout_paid(&object.view(), at).map(Vec::from_iter)
        }
        Ok(PaymentIntent::OBJECT) => {
            ledger::payment_captured(&object.view(), at).map(Vec::from_iter)
        }
        Ok(Invoice::OBJECT) => {
            match ledger::invoice_paid(&object.view(), KnownPayments::Some(&[]), at) {
                // Booked before, or about to be fetched.
                Err(RuleError::PaymentsIncomplete { .. }) => Ok(Vec::new()),
                booked => booked.map(Vec::from_iter),
            }
        }
        Ok(Refund::OBJECT) => ledger::refund(&object.view(), at),
        _ => Ok(Vec::new()),
    }
}

/// Whether something is to be booked that the payload alone does not tell:
/// since basil (2025-03-31) an invoice does not name its payments.
pub(super) async fn payload_lacks(
    tx: &mut dyn Tx,
    kind: ObjectKind,
    object: &Object,
) -> Result<bool, HandlerError> {
    if kind != ObjectKind::Invoice {
        return Ok(false);
    }
    let invoice: Invoice = object.view();
    let told = ledger::invoice_paid(&invoice, KnownPayments::Some(&[]), 0);
    if !matches!(told, Err(RuleError::PaymentsIncomplete { .. })) {
        return Ok(false);
    }
    let id = invoice.invoice_id().map_err(HandlerError::permanent)?;
    Ok(!tx.is_posted("invoice_paid", id.as_str()).await?)
}

/// The facts in an object that was fetched with what payloads lack.
pub(crate) fn of_object(
    kind: ObjectKind,
    object: &Object,
    at: i64,
) -> Result<Vec<Transaction>, RuleError> {
    match kind {
        ObjectKind::CheckoutSession => of_session(&object.view(), at),
        ObjectKind::Invoice => of_invoice(&object.view(), at),
        ObjectKind::Refund => ledger::refund(&object.view(), at),
        ObjectKind::Customer
        | ObjectKind::Subscription
        | ObjectKind::SubscriptionSchedule
        | ObjectKind::Dispute => Ok(Vec::new()),
    }
}

/// Money that is captured by hand may be less than the session's total; its
/// payment says how much.
fn of_session(session: &CheckoutSession, at: i64) -> Result<Vec<Transaction>, RuleError> {
    if let Some(payment) = session.payment_intent_object()?
        && payment.capture_method()? == CaptureMethod::Manual
    {
        return ledger::payment_captured(&payment, at).map(Vec::from_iter);
    }
    ledger::checkout_paid(session, at).map(Vec::from_iter)
}

fn of_invoice(invoice: &Invoice, at: i64) -> Result<Vec<Transaction>, RuleError> {
    let booked = match invoice.payments()? {
        Field::Value(payments) => {
            let told: &[InvoicePayment] = payments.data();
            let known = if payments.has_more() {
                KnownPayments::Some(told)
            } else {
                KnownPayments::All(told)
            };
            ledger::invoice_paid(invoice, known, at)
        }
        Field::Absent | Field::Null => ledger::invoice_paid(invoice, KnownPayments::Some(&[]), at),
    };
    booked.map(Vec::from_iter)
}

/// Books facts; those that stand already stay as they are.
pub(crate) async fn book(
    tx: &mut dyn Tx,
    facts: &[Transaction],
    now: Timestamp,
) -> Result<(), StoreError> {
    for fact in facts {
        tx.post(fact, now).await?;
    }
    Ok(())
}

/// Payments may be told later; everything else stays as wrong as it is.
pub(crate) fn verdict(error: RuleError) -> HandlerError {
    match error {
        RuleError::PaymentsIncomplete { .. } => HandlerError::transient(error),
        other => HandlerError::permanent(other),
    }
}
