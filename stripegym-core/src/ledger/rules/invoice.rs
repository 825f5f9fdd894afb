//! Sales through invoices: subscriptions, and Checkout that makes an invoice.

use crate::invoice::Invoice;
use crate::ledger::rules::invoice_payments::{KnownPayments, Origins, origins};
use crate::ledger::rules::not_negative;
use crate::ledger::{Account, Posting, PostingKey, RuleError, Transaction};
use crate::money::Amount;
use crate::object::Expandable;

/// A paid invoice: what was paid goes to clearing, by payment, or to out of
/// band; what the customer's balance took or gave goes to customer credit;
/// against sales and tax.
///
/// The signs follow Stripe's: an invoice with a negative total debits sales
/// and credits the customer, one below the least that Stripe charges debits
/// the customer until the next invoice. An invoice that moves nothing posts
/// nothing. It occurred when it was paid; `occurred_at` is for those that do
/// not say.
///
/// Every API version is read. Since basil an invoice does not name its
/// payments, so they are told beside it; before, it names its one payment, and
/// none need be told. <https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices>
///
/// # Errors
/// [`RuleError::PaymentsIncomplete`] when the payments told do not make what
/// was paid: ask Stripe for them and try again. Any other error is for good:
/// the invoice lacks something, does not add up, or has amounts that no rule
/// is for, such as credit notes from before the payment.
pub fn invoice_paid(
    invoice: &Invoice,
    payments: KnownPayments<'_>,
    occurred_at: i64,
) -> Result<Option<Transaction>, RuleError> {
    if !invoice.is_paid()? {
        return Ok(None);
    }
    let totals = Totals::of(invoice)?;
    let Origins {
        clearing,
        out_of_band,
    } = origins(invoice, totals.paid, payments)?;
    let mut postings: Vec<Posting> = clearing
        .iter()
        .map(|(reference, amount)| {
            Posting::debit(Account::StripeClearing, *amount).matching(reference)
        })
        .collect();
    postings.extend([
        Posting::debit(Account::OutOfBand, out_of_band),
        Posting::debit(Account::CustomerCredit, totals.by_balance),
        Posting::credit(Account::Sales, totals.sales)?,
        Posting::credit(Account::Tax, totals.tax)?,
    ]);
    let key = PostingKey {
        rule: "invoice_paid",
        object_id: invoice.invoice_id()?.as_str().to_owned(),
    };
    let occurred_at = invoice.paid_at()?.unwrap_or(occurred_at);
    let customer = invoice.customer()?.map(|Expandable(id)| id);
    let booked = Transaction::new(key, occurred_at, customer, postings)?;
    Ok((!booked.postings().is_empty()).then_some(booked))
}

/// The amounts of an invoice, once they are known to add up.
struct Totals {
    sales: Amount,
    tax: Amount,
    paid: Amount,
    /// What the customer's balance paid; negative when it was given something.
    by_balance: Amount,
}

impl Totals {
    fn of(invoice: &Invoice) -> Result<Self, RuleError> {
        let currency = invoice.currency()?;
        let amount = |minor| Amount::new(minor, currency);
        for (field, told) in [
            (
                "pre_payment_credit_notes_amount",
                invoice.pre_payment_credit_notes_amount()?,
            ),
            ("amount_overpaid", invoice.amount_overpaid()?),
        ] {
            let amount = amount(told.unwrap_or(0));
            if !amount.is_zero() {
                return Err(RuleError::NoRule { field, amount });
            }
        }
        let paid = not_negative("amount_paid", amount(invoice.amount_paid()?))?;
        // The balance is negative while the customer has credit, so it grows
        // by what the invoice takes of it.
        let before = amount(invoice.starting_balance()?.unwrap_or(0));
        let after = invoice.ending_balance()?.map_or(before, amount);
        let by_balance = after.checked_sub(before)?;
        let total = amount(invoice.total()?);
        add_up("total", total, paid.checked_add(by_balance)?)?;
        let tax = amount(invoice.tax_total()?);
        let sales = total.checked_sub(tax)?;
        if let Some(told) = invoice.total_excluding_tax()? {
            add_up("total_excluding_tax", amount(told), sales)?;
        }
        Ok(Self {
            sales,
            tax,
            paid,
            by_balance,
        })
    }
}

fn add_up(what: &'static str, told: Amount, sum: Amount) -> Result<(), RuleError> {
    if told == sum {
        Ok(())
    } else {
        Err(RuleError::Off { what, told, sum })
    }
}

#[cfg(test)]
mod tests;
