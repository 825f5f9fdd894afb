//! What a balance transaction came from, as far as the ledger asks.

use serde_json::Value;

use crate::balance_transaction::BalanceTransaction;
use crate::charge::Charge;
use crate::dispute::Dispute;
use crate::id::CustomerId;
use crate::ledger::RuleError;
use crate::ledger::rules::{not_negative, refund};
use crate::money::Amount;
use crate::object::{Expandable, View};
use crate::refund::Refund;

/// What a balance transaction came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BalanceSource {
    /// A charge.
    Charge(Moved),
    /// A refund.
    Refund(Moved),
    /// A dispute.
    Dispute {
        /// The payment intent that is disputed, or its charge.
        match_ref: String,
    },
    /// A payout, a fee or something else that the ledger asks nothing of.
    Other,
    /// An object of which only the id is known.
    NotExpanded,
}

/// A payment, or its refund, as the customer saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What was taken or given back, in the currency of the payment; not negative.
    pub amount: Amount,
    /// What its clearing lines are matched by: a payment intent, or a charge.
    pub match_ref: String,
    /// Whose it is, where Stripe knows a customer.
    pub customer: Option<CustomerId>,
}

impl BalanceSource {
    /// Reads the source of a balance transaction that was retrieved or listed
    /// with `source` expanded (`data.source` in lists).
    ///
    /// # Errors
    /// When the source lacks what a booking needs; see [`RuleError`].
    pub fn of(transaction: &BalanceTransaction) -> Result<Self, RuleError> {
        match transaction.object().json().get("source") {
            Some(Value::Object(source)) => match source.get("object").and_then(Value::as_str) {
                Some(Charge::OBJECT) => Self::of_charge(&Charge::from_object(source.clone())),
                Some(Refund::OBJECT) => Self::of_refund(&Refund::from_object(source.clone())),
                Some(Dispute::OBJECT) => Self::of_dispute(&Dispute::from_object(source.clone())),
                _ => Ok(Self::Other),
            },
            None | Some(Value::Null) => Ok(Self::Other),
            Some(_) => Ok(Self::NotExpanded),
        }
    }

    /// A charge that was retrieved by itself.
    ///
    /// # Errors
    /// When it lacks what a booking needs; see [`RuleError`].
    pub fn of_charge(charge: &Charge) -> Result<Self, RuleError> {
        let taken: Option<i64> = charge.object().get("amount_captured")?;
        let taken = taken.map_or_else(|| charge.amount(), Ok)?;
        let match_ref = match charge.payment_intent()? {
            Some(Expandable(id)) => id.as_str().to_owned(),
            None => charge.id()?.to_owned(),
        };
        Ok(Self::Charge(Moved {
            amount: not_negative("amount_captured", Amount::new(taken, charge.currency()?))?,
            match_ref,
            customer: charge.customer()?.map(|Expandable(id)| id),
        }))
    }

    /// A refund that was retrieved by itself.
    ///
    /// # Errors
    /// When it lacks what a booking needs; see [`RuleError`].
    pub fn of_refund(refund: &Refund) -> Result<Self, RuleError> {
        let given = Amount::new(refund.amount()?, refund.currency()?);
        Ok(Self::Refund(Moved {
            amount: not_negative("amount", given)?,
            match_ref: refund::reference(refund)?,
            customer: refund.customer()?.value().map(|Expandable(id)| id),
        }))
    }

    /// A dispute that was retrieved by itself.
    ///
    /// # Errors
    /// When it lacks what a booking needs; see [`RuleError`].
    pub fn of_dispute(dispute: &Dispute) -> Result<Self, RuleError> {
        let match_ref = match dispute.payment_intent()? {
            Some(Expandable(id)) => id.as_str().to_owned(),
            None => dispute.charge()?.0.as_str().to_owned(),
        };
        Ok(Self::Dispute { match_ref })
    }
}
