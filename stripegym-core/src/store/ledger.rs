//! What can be asked of the ledger.

use async_trait::async_trait;

use crate::id::CustomerId;
use crate::ledger::{Account, Posting};
use crate::money::{Amount, Currency};
use crate::store::StoreError;

/// How many open payments [`LedgerRead::open_clearing`] looks at.
pub const OPEN_CLEARING_MAX: u32 = 1000;

/// Questions to the ledger. They see what was committed.
///
/// Lists are newest first in the order of posting, which is that of the
/// ledger's own numbers and not always that of `occurred_at`: what happened
/// yesterday may be posted after what happens today. Pages go on from a
/// cursor, so that the last page costs no more than the first.
#[async_trait]
pub trait LedgerRead: Send {
    /// The lines of one account in one currency, newest first, at most
    /// `limit`, from after `cursor`.
    ///
    /// # Errors
    /// When the database fails.
    async fn statement(
        &mut self,
        account: Account,
        currency: Currency,
        cursor: Option<StatementCursor>,
        limit: u32,
    ) -> Result<Vec<StatementLine>, StoreError>;

    /// The transactions of one Stripe customer, newest first, at most `limit`,
    /// from after `cursor`. Not every transaction has a customer: a payout has
    /// none, and of a dispute, or a refund before API version 2026-07-29,
    /// Stripe does not say whose it is.
    ///
    /// # Errors
    /// When the database fails.
    async fn customer_statement(
        &mut self,
        customer: &CustomerId,
        cursor: Option<TransactionCursor>,
        limit: u32,
    ) -> Result<Vec<PostedTransaction>, StoreError>;

    /// What has not drained from clearing, the longest open first, at most
    /// `limit`. Of more than [`OPEN_CLEARING_MAX`] payments that are open only
    /// those are looked at that were posted first. Reads every line on
    /// clearing: a question for a person or for a metric, not for each request.
    ///
    /// # Errors
    /// When the database fails.
    async fn open_clearing(&mut self, limit: u32) -> Result<Vec<OpenClearing>, StoreError>;
}

/// A line of an account, with the transaction that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Where it stands.
    pub cursor: StatementCursor,
    /// The rule that posted it.
    pub rule: String,
    /// The Stripe object that it is about.
    pub object_id: String,
    /// Whose it is, where Stripe knows a customer.
    pub customer: Option<CustomerId>,
    /// When it happened at Stripe, in seconds since the Unix epoch.
    pub occurred_at: i64,
    /// Minor units; positive debits, negative credits.
    pub amount: Amount,
    /// What it is matched with: a payment intent or a charge, on clearing.
    pub match_ref: Option<String>,
}

/// A place in the statement of an account: the list goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatementCursor {
    /// The ledger's number of the transaction.
    pub transaction: i64,
    /// Which of its lines.
    pub line: i32,
}

/// A place in the statement of a customer: the list goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionCursor(pub i64);

/// A transaction as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedTransaction {
    /// Where it stands.
    pub cursor: TransactionCursor,
    /// The rule that posted it.
    pub rule: String,
    /// The Stripe object that it is about.
    pub object_id: String,
    /// When it happened at Stripe, in seconds since the Unix epoch.
    pub occurred_at: i64,
    /// Its lines, in the order of the rule.
    pub postings: Vec<Posting>,
}

/// Money that is on its way: paid, refunded or settled, but not yet both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenClearing {
    /// The payment intent or charge; `None` for lines that nothing matches.
    pub match_ref: Option<String>,
    /// Debits less credits: positive while Stripe has not settled a payment,
    /// negative while a settled one has not been told of.
    pub amount: Amount,
    /// When it last began to be open, in seconds since the Unix epoch: the
    /// first movement since all of it was drained. So a refund of an old
    /// purchase is as old as the refund. Without a reference, the first line.
    pub since: i64,
}
