//! The double-entry ledger: what moved, in minor units, append-only.
//!
//! Rules are pure functions from what Stripe said to a [`Transaction`]; a
//! transaction that does not sum to zero per currency cannot be built. Its key
//! is (rule, Stripe object), so the same fact told twice posts once.

mod rules;

use std::collections::BTreeMap;
use std::fmt;

use crate::id::CustomerId;
use crate::money::{Amount, Currency, MoneyError};

pub use rules::{
    BalanceSource, KnownPayments, Moved, RuleError, balance_transaction, checkout_paid,
    invoice_paid, payment_captured, refund,
};

/// The chart of accounts; one balance per account and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Asset: paid by the customer, not yet seen in Stripe's balance.
    StripeClearing,
    /// Asset: what Stripe holds for us.
    StripeBalance,
    /// Revenue.
    Sales,
    /// Liability: tax collected for the state.
    Tax,
    /// Contra revenue: given back.
    Refunds,
    /// Expense: kept by Stripe.
    Fees,
    /// Expense: withdrawn by disputes.
    Disputes,
    /// Liability: credit that customers may spend.
    CustomerCredit,
    /// Asset: paid outside Stripe.
    OutOfBand,
    /// Currency conversion.
    Fx,
    /// Asset: paid out.
    Bank,
}

impl Account {
    /// Every account, in the order of the chart.
    pub const ALL: [Self; 11] = [
        Self::StripeClearing,
        Self::StripeBalance,
        Self::Sales,
        Self::Tax,
        Self::Refunds,
        Self::Fees,
        Self::Disputes,
        Self::CustomerCredit,
        Self::OutOfBand,
        Self::Fx,
        Self::Bank,
    ];

    /// The name used in tables and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StripeClearing => "stripe:clearing",
            Self::StripeBalance => "stripe:balance",
            Self::Sales => "sales",
            Self::Tax => "tax",
            Self::Refunds => "refunds",
            Self::Fees => "fees",
            Self::Disputes => "disputes",
            Self::CustomerCredit => "customer_credit",
            Self::OutOfBand => "out_of_band",
            Self::Fx => "fx",
            Self::Bank => "bank",
        }
    }

    /// The account of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|account| account.as_str() == name)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line of a transaction. Debits are positive, credits negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// Minor units; positive debits, negative credits.
    pub amount: Amount,
    /// What this line will be matched with: a payment intent, on clearing.
    pub match_ref: Option<String>,
}

impl Posting {
    /// A debit.
    #[must_use]
    pub fn debit(account: Account, amount: Amount) -> Self {
        Self {
            account,
            amount,
            match_ref: None,
        }
    }

    /// A credit.
    ///
    /// # Errors
    /// For the one amount that has no opposite.
    pub fn credit(account: Account, amount: Amount) -> Result<Self, MoneyError> {
        Ok(Self {
            account,
            amount: amount.checked_neg()?,
            match_ref: None,
        })
    }

    /// Names what this line will be matched with.
    #[must_use]
    pub fn matching(self, reference: &str) -> Self {
        Self {
            match_ref: Some(reference.to_owned()),
            ..self
        }
    }
}

/// A key under which a fact is posted once and only once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostingKey {
    /// The rule that posted it.
    pub rule: &'static str,
    /// The Stripe object it is about.
    pub object_id: String,
}

/// A balanced set of postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    key: PostingKey,
    occurred_at: i64,
    customer: Option<CustomerId>,
    postings: Vec<Posting>,
}

impl Transaction {
    /// Builds a transaction; lines of zero are left out.
    ///
    /// # Errors
    /// When a currency does not sum to zero, or a sum does not fit 64 bits.
    pub fn new(
        key: PostingKey,
        occurred_at: i64,
        customer: Option<CustomerId>,
        postings: Vec<Posting>,
    ) -> Result<Self, LedgerError> {
        let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
        for Posting { amount, .. } in &postings {
            let currency = amount.currency();
            let sum = sums.entry(currency).or_insert(Amount::new(0, currency));
            *sum = sum.checked_add(*amount)?;
        }
        if let Some(off) = sums.into_values().find(|sum| !sum.is_zero()) {
            return Err(LedgerError::Unbalanced { off });
        }
        let postings = postings
            .into_iter()
            .filter(|posting| !posting.amount.is_zero())
            .collect();
        Ok(Self {
            key,
            occurred_at,
            customer,
            postings,
        })
    }

    /// The key that makes it unique.
    #[must_use]
    pub fn key(&self) -> &PostingKey {
        &self.key
    }

    /// When it happened at Stripe, in seconds since the Unix epoch.
    #[must_use]
    pub fn occurred_at(&self) -> i64 {
        self.occurred_at
    }

    /// Whose it is, where Stripe knows a customer.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    /// The lines, in the order of the rule.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

/// Why a transaction cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// Debits and credits differ.
    #[error("debits and credits differ by {off}")]
    Unbalanced {
        /// The difference.
        off: Amount,
    },
    /// Sums that do not fit.
    #[error("the postings cannot be summed")]
    Money(#[from] MoneyError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PostingKey {
        PostingKey {
            rule: "test",
            object_id: "pi_1".to_owned(),
        }
    }

    #[test]
    fn a_lopsided_transaction_cannot_be_built() {
        let yen = |minor| Amount::new(minor, Currency::JPY);
        let lines = vec![
            Posting::debit(Account::StripeClearing, yen(4980)),
            Posting::credit(Account::Sales, yen(4979)).unwrap(),
        ];
        let error = Transaction::new(key(), 0, None, lines).unwrap_err();
        assert_eq!(error, LedgerError::Unbalanced { off: yen(1) });
    }

    #[test]
    fn currencies_balance_each_on_their_own() {
        let lines = vec![
            Posting::debit(Account::StripeClearing, Amount::new(100, Currency::JPY)),
            Posting::credit(Account::Sales, Amount::new(100, Currency::USD)).unwrap(),
        ];
        assert!(Transaction::new(key(), 0, None, lines).is_err());
    }

    #[test]
    fn account_names_read_back() {
        for account in Account::ALL {
            assert_eq!(Account::from_name(account.as_str()), Some(account));
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_built_sums_to_zero(amounts in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..8)) {
            let mut lines: Vec<_> = amounts
                .iter()
                .map(|minor| Posting::debit(Account::Sales, Amount::new(*minor, Currency::USD)))
                .collect();
            let off: i64 = amounts.iter().sum();
            lines.push(Posting::credit(Account::Tax, Amount::new(off, Currency::USD)).unwrap());
            let built = Transaction::new(key(), 0, None, lines).unwrap();
            let sum: i64 = built.postings().iter().map(|line| line.amount.minor()).sum();
            proptest::prop_assert_eq!(sum, 0);
            proptest::prop_assert!(built.postings().iter().all(|line| !line.amount.is_zero()));
        }
    }
}
