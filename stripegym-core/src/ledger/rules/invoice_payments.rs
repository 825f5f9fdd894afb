//! How the money of one invoice came in.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{ChargeId, PaymentIntentId};
use crate::invoice::Invoice;
use crate::invoice_payment::{InvoicePayment, InvoicePaymentKind, InvoicePaymentStatus};
use crate::ledger::RuleError;
use crate::money::Amount;
use crate::object::Expandable;

/// The payments of an invoice, and whether these are all.
///
/// It matters for money that came from outside Stripe: what no payment brought
/// is only known to have come from elsewhere once no payment is missing.
#[derive(Debug, Clone, Copy)]
pub enum KnownPayments<'a> {
    /// Every page of `ListInvoicePayments`, read after the invoice was paid.
    All(&'a [InvoicePayment]),
    /// Those seen so far, such as by their events; none, if none was.
    Some(&'a [InvoicePayment]),
}

impl<'a> KnownPayments<'a> {
    fn payments(self) -> &'a [InvoicePayment] {
        match self {
            Self::All(payments) | Self::Some(payments) => payments,
        }
    }
}

/// Where the amount paid came from.
pub(super) struct Origins {
    /// Through Stripe: by payment intent or charge, in an order of its own, so
    /// that the lines are the same whatever order the payments were told in.
    pub(super) clearing: BTreeMap<String, Amount>,
    /// From elsewhere.
    pub(super) out_of_band: Amount,
}

/// Splits what was paid on an invoice by where it came from.
pub(super) fn origins(
    invoice: &Invoice,
    paid: Amount,
    known: KnownPayments<'_>,
) -> Result<Origins, RuleError> {
    let mut origins = Origins {
        clearing: BTreeMap::new(),
        out_of_band: Amount::new(0, paid.currency()),
    };
    let seen = Seen::among(invoice, known.payments())?;
    let mut sum = Amount::new(0, paid.currency());
    for payment in seen.paid.values() {
        let amount = amount_of(payment)?;
        sum = sum.checked_add(amount)?;
        match reference(payment)? {
            Some(reference) => add(&mut origins.clearing, reference, amount)?,
            None => origins.out_of_band = origins.out_of_band.checked_add(amount)?,
        }
    }
    let rest = paid.checked_sub(sum)?;
    if rest.is_zero() {
        return Ok(origins);
    }
    if rest.minor() < 0 {
        let what = "amount_paid";
        return Err(RuleError::Off {
            what,
            told: paid,
            sum,
        });
    }
    let all = matches!(known, KnownPayments::All(_)) && !seen.waits;
    let told = if known.payments().is_empty() {
        told_by_invoice(invoice)?
    } else {
        None
    };
    match (invoice.paid_out_of_band()?, told) {
        (Some(true), _) => origins.out_of_band = origins.out_of_band.checked_add(rest)?,
        (_, Some(reference)) => add(&mut origins.clearing, reference, rest)?,
        // Before basil the invoice itself says where its money came from.
        (Some(false), None) if known.payments().is_empty() => {
            let what = "the paid invoice";
            return Err(RuleError::NoReference { what });
        }
        (_, None) if all => origins.out_of_band = origins.out_of_band.checked_add(rest)?,
        (_, None) => return Err(RuleError::PaymentsIncomplete { known: sum, paid }),
    }
    Ok(origins)
}

/// The payments of one invoice, each once.
struct Seen<'a> {
    paid: BTreeMap<&'a str, &'a InvoicePayment>,
    /// One is still open: it may be about to be paid.
    waits: bool,
}

impl<'a> Seen<'a> {
    fn among(invoice: &Invoice, payments: &'a [InvoicePayment]) -> Result<Self, RuleError> {
        let id = invoice.invoice_id()?;
        let mut paid = BTreeMap::new();
        let mut open = BTreeSet::new();
        for payment in payments {
            let Expandable(pays) = payment.invoice()?;
            if pays != id {
                return Err(RuleError::OtherInvoice);
            }
            match payment.status()? {
                InvoicePaymentStatus::Paid => {
                    let told = amount_of(payment)?;
                    let twin = paid.insert(payment.id()?, payment);
                    let sum = twin.map_or(Ok(told), amount_of)?;
                    if told != sum {
                        let what = "amount_paid of an invoice payment told twice";
                        return Err(RuleError::Off { what, told, sum });
                    }
                }
                InvoicePaymentStatus::Canceled => {}
                InvoicePaymentStatus::Open => drop(open.insert(payment.id()?)),
                InvoicePaymentStatus::Unknown(status) => {
                    return Err(RuleError::UnknownStatus(status));
                }
            }
        }
        let waits = open.iter().any(|id| !paid.contains_key(id));
        Ok(Self { paid, waits })
    }
}

fn amount_of(payment: &InvoicePayment) -> Result<Amount, RuleError> {
    let minor = payment.object().get("amount_paid")?;
    super::not_negative(
        "amount_paid of an invoice payment",
        Amount::new(minor, payment.currency()?),
    )
}

/// What a payment's money is matched by; `None` when it never came through Stripe.
fn reference(payment: &InvoicePayment) -> Result<Option<String>, RuleError> {
    let nobody = || RuleError::NoReference {
        what: "the invoice payment",
    };
    match payment.kind()? {
        InvoicePaymentKind::PaymentIntent => {
            let Expandable(id) = payment.payment_intent()?.ok_or_else(nobody)?;
            Ok(Some(id.as_str().to_owned()))
        }
        InvoicePaymentKind::Charge => {
            let Expandable(id) = payment.charge()?.ok_or_else(nobody)?;
            Ok(Some(id.as_str().to_owned()))
        }
        InvoicePaymentKind::PaymentRecord => Ok(None),
        InvoicePaymentKind::Unknown(kind) => Err(RuleError::UnknownType(kind)),
    }
}

/// Before basil an invoice names its payment itself.
fn told_by_invoice(invoice: &Invoice) -> Result<Option<String>, RuleError> {
    let intent: Option<Expandable<PaymentIntentId>> = invoice.object().get("payment_intent")?;
    if let Some(Expandable(id)) = intent {
        return Ok(Some(id.as_str().to_owned()));
    }
    let charge: Option<Expandable<ChargeId>> = invoice.object().get("charge")?;
    Ok(charge.map(|Expandable(id)| id.as_str().to_owned()))
}

fn add(
    clearing: &mut BTreeMap<String, Amount>,
    reference: String,
    amount: Amount,
) -> Result<(), RuleError> {
    let zero = Amount::new(0, amount.currency());
    let sum = clearing.entry(reference).or_insert(zero);
    *sum = sum.checked_add(amount)?;
    Ok(())
}
