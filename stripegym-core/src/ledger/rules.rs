//! Posting rules: pure functions from what Stripe said to what is booked.
//!
//! A rule sees one object and nothing else: not what was booked before, not
//! what came first. So the same facts make the same ledger in any order and
//! told any number of times.

mod balance_source;
mod balance_transaction;
mod checkout;
mod error;
mod invoice;
mod invoice_payments;
mod payment_intent;
mod refund;
#[cfg(test)]
mod tests;

use crate::id::{CustomerId, PaymentIntentId};
use crate::ledger::{Account, Posting, PostingKey, Transaction};
use crate::money::Amount;

pub use balance_source::{BalanceSource, Moved};
pub use balance_transaction::balance_transaction;
pub use checkout::checkout_paid;
pub use error::RuleError;
pub use invoice::invoice_paid;
pub use invoice_payments::KnownPayments;
pub use payment_intent::payment_captured;
pub use refund::refund;

/// A sale that one payment intent paid for. Whichever rule tells of it, it has
/// one key and the same lines in the same order, so it is booked once.
struct Sale<'a> {
    payment_intent: &'a PaymentIntentId,
    customer: Option<CustomerId>,
    total: Amount,
    tax: Amount,
    /// How Stripe calls what is sales and what is tax, for the errors.
    fields: (&'static str, &'static str),
}

impl Sale<'_> {
    fn booked(self, occurred_at: i64) -> Result<Transaction, RuleError> {
        let tax = not_negative(self.fields.1, self.tax)?;
        let sales = not_negative(self.fields.0, self.total.checked_sub(tax)?)?;
        let reference = self.payment_intent.as_str();
        let key = PostingKey {
            rule: "checkout_paid",
            object_id: reference.to_owned(),
        };
        let postings = vec![
            Posting::debit(Account::StripeClearing, self.total).matching(reference),
            Posting::credit(Account::Sales, sales)?,
            Posting::credit(Account::Tax, tax)?,
        ];
        Ok(Transaction::new(key, occurred_at, self.customer, postings)?)
    }
}

fn not_negative(field: &'static str, amount: Amount) -> Result<Amount, RuleError> {
    if amount.minor() < 0 {
        Err(RuleError::Negative { field, amount })
    } else {
        Ok(amount)
    }
}
