//! Answers to queries.

use crate::clock::Timestamp;
use crate::id::{CheckoutSessionId, InvoiceId};
use crate::ledger::Account;
use crate::money::Amount;
use crate::store::InboxState;

/// One purchase of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The Checkout Session through which it was made.
    pub session_id: CheckoutSessionId,
    /// What was bought, if the session said so.
    pub product_name: Option<String>,
    /// What was paid.
    pub amount: Amount,
    /// Whether the money is in the ledger.
    pub status: PurchaseStatus,
    /// When the session was made, in seconds since the Unix epoch.
    pub created: i64,
}

/// Whether the money of a purchase is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurchaseStatus {
    /// Booked in the ledger.
    Paid,
    /// Ordered; a delayed payment is under way.
    Processing,
    /// A delayed payment came to nothing.
    Failed,
}

impl PurchaseStatus {
    /// The word for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Processing => "processing",
            Self::Failed => "failed",
        }
    }
}

/// A place in an owner's list of purchases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseCursor {
    /// The last purchase's time.
    pub created: i64,
    /// The last purchase's session.
    pub session_id: String,
}

impl Purchase {
    /// The place after this purchase.
    #[must_use]
    pub fn cursor(&self) -> PurchaseCursor {
        PurchaseCursor {
            created: self.created,
            session_id: self.session_id.as_str().to_owned(),
        }
    }
}

/// A place in an owner's list of invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceCursor {
    /// The last invoice's time, in seconds since the Unix epoch.
    pub created: i64,
    /// The last invoice.
    pub id: InvoiceId,
}

/// The balance of one account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBalance {
    /// The account.
    pub account: Account,
    /// Debits less credits.
    pub balance: Amount,
}

/// How many events stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxSummary {
    /// Events per state; states without events are left out.
    pub counts: Vec<(InboxState, u64)>,
    /// When the oldest event that is neither done nor dead came in.
    pub oldest_open: Option<Timestamp>,
}

impl InboxSummary {
    /// The number of events in one state.
    #[must_use]
    pub fn count(&self, state: InboxState) -> u64 {
        self.counts
            .iter()
            .filter(|(s, _)| *s == state)
            .map(|(_, n)| n)
            .sum()
    }
}
