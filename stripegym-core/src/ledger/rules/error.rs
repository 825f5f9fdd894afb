//! Why a fact is not booked.

use crate::ledger::LedgerError;
use crate::money::{Amount, MoneyError};
use crate::object::FieldError;

/// Why a fact could not be turned into postings. The event goes to the dead
/// letters with this reason: a guess would be worse.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// A field that the rule needs is not readable.
    #[error("a field needed for the ledger is not readable")]
    Field(#[from] FieldError),
    /// The amounts make no sense.
    #[error("the amounts cannot be booked")]
    Ledger(#[from] LedgerError),
    /// The amounts do not fit.
    #[error("the amounts do not fit")]
    Money(#[from] MoneyError),
    /// Negative totals are no sale.
    #[error("{field} is negative: {amount}")]
    Negative {
        /// The field.
        field: &'static str,
        /// Its value.
        amount: Amount,
    },
    /// Paid, and yet no payment intent to book it under.
    #[error("the session is paid but names no payment intent")]
    NoPaymentIntent,
    /// Neither a payment intent nor a charge to match the money by.
    #[error("{what} names neither payment intent nor charge")]
    NoReference {
        /// What should have named one.
        what: &'static str,
    },
    /// Part of an authorization was captured, and nobody says how much of it is tax.
    #[error("{received} of {asked} were captured, and how much of that is tax is not told")]
    PartialCaptureWithTax {
        /// What was captured.
        received: Amount,
        /// What had been set aside.
        asked: Amount,
    },
    /// Two sums that should be one.
    #[error("{what} is {told}, but what belongs to it makes {sum}")]
    Off {
        /// What does not add up.
        what: &'static str,
        /// What Stripe says it is.
        told: Amount,
        /// What its parts make.
        sum: Amount,
    },
    /// An amount that no rule says where to book.
    #[error("there is no rule for {field}: {amount}")]
    NoRule {
        /// The field.
        field: &'static str,
        /// Its value.
        amount: Amount,
    },
    /// Not all payments of the invoice are known yet: list them and try again.
    #[error("of {paid} paid on the invoice, payments of only {known} are known")]
    PaymentsIncomplete {
        /// What the known payments make.
        known: Amount,
        /// What the invoice says.
        paid: Amount,
    },
    /// A payment that pays another invoice.
    #[error("a payment of another invoice is among this one's")]
    OtherInvoice,
    /// A balance transaction that no rule is for, or an invoice paid by
    /// something that no rule is for.
    #[error("there is no rule for the type {0}")]
    UnknownType(Box<str>),
    /// A status that may or may not mean that money moved.
    #[error("there is no rule for the status {0}")]
    UnknownStatus(Box<str>),
    /// Only the id of a balance transaction's source is known: retrieve the
    /// transaction with `source` expanded and try again.
    #[error("the source of the balance transaction was not expanded")]
    SourceNeeded,
    /// A source that does not go with the type of the balance transaction.
    #[error("a balance transaction of type {0} comes from something else here")]
    SourceKind(Box<str>),
    /// Money that goes out where it should come in, or the other way round.
    #[error("a balance transaction of type {kind} moved {amount}")]
    WrongWay {
        /// The type.
        kind: Box<str>,
        /// What moved.
        amount: Amount,
    },
}
