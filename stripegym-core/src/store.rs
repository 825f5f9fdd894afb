//! What the library asks of a database.
//!
//! A [`Store`] opens transactions; a [`Tx`] is a set of small capabilities, and
//! everything done through one `Tx` commits together or not at all. Dropping a
//! `Tx` rolls it back. [`MemoryStore`] is the reference implementation; the
//! crate `stripegym-sqlx` has PostgreSQL and SQLite. One contract suite runs
//! over all of them.

mod drift;
mod error;
mod inbox;
mod journal;
mod ledger;
mod memory;
mod object_row;
mod objects;
mod operator;
pub(crate) mod outbox;
mod read;
pub(crate) mod record;
mod retention;
mod rows;

use std::any::Any;
use std::fmt;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::event::Event;
use crate::id::CustomerId;
use crate::ledger::Transaction;

pub use drift::{Drift, DriftKind};
pub use error::{StoreError, StoreErrorKind};
pub use inbox::{Claim, Claimed, InboxKey, InboxState, Lease, Receipt, Verdict, Wanted};
pub use journal::{
    CallKey, CallKeyError, CallState, FrozenCall, JournalEntry, JournalTx, Settlement,
};
pub use ledger::{
    LedgerRead, OPEN_CLEARING_MAX, OpenClearing, PostedTransaction, StatementCursor, StatementLine,
    TransactionCursor,
};
pub use memory::MemoryStore;
pub use object_row::{ObjectKind, ObjectRow};
pub use objects::{CustomerLink, Head, LastFetch, Owner, OwnerError};
pub use operator::{EventSelection, StoredEvent};
pub use outbox::{
    ClaimedEffect, Effect, EffectClaim, EffectError, EffectSelection, EffectState, OutboxRead,
    OutboxSummary, OutboxTx, StoredEffect,
};
pub use read::{
    AccountBalance, InboxSummary, InvoiceCursor, Purchase, PurchaseCursor, PurchaseStatus,
};
pub use record::{ColumnError, ColumnType, FieldChange, Record, Scalar};
pub use retention::{Pruned, RetentionTx};
pub use rows::{
    CheckoutSessionRow, CustomerRow, DisputeRow, InvoiceRow, RefundRow, SubscriptionFields,
    SubscriptionItemRow, SubscriptionRow, SubscriptionScheduleRow,
};

/// A database. Open: bring your own; run the contract suite over it.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Opens a transaction that may write.
    ///
    /// # Errors
    /// When the database cannot be reached or is busy for too long.
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;

    /// Opens a view for reading; writers are not held up by it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    async fn read(&self) -> Result<Box<dyn Read>, StoreError>;

    /// Listens for receipts that other processes commit. A store that cannot
    /// tell never does, and workers find such events at their next poll.
    ///
    /// # Errors
    /// When the database cannot be reached.
    async fn listen(&self) -> Result<Box<dyn Wakeups>, StoreError> {
        Ok(Box::new(Silence))
    }

    /// Tells those who listen that there is something to do. After a commit and
    /// not within it: PostgreSQL lets only one transaction at a time commit that
    /// announces, in all processes together, and each would wait for the disk.
    ///
    /// # Errors
    /// When the database cannot be reached; workers look by themselves as well.
    async fn announce(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// News of receipts.
#[async_trait]
pub trait Wakeups: Send {
    /// Returns when there may be something to do: too often is harmless.
    ///
    /// # Errors
    /// When the database is lost; listen anew then.
    async fn next(&mut self) -> Result<(), StoreError>;
}

/// Nobody else writes, or nobody can be heard.
struct Silence;

#[async_trait]
impl Wakeups for Silence {
    async fn next(&mut self) -> Result<(), StoreError> {
        std::future::pending().await
    }
}

/// An open transaction. Dropped without [`Tx::commit`], it never happened.
#[async_trait]
pub trait Tx:
    InboxTx + JournalTx + LedgerTx + ObjectTx + OutboxTx + RetentionTx + Send + 'static
{
    /// Makes everything durable at once.
    ///
    /// # Errors
    /// When the database refuses; then nothing of it happened, unless the
    /// connection broke during the commit itself, in which case it may have.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// The implementation behind the trait, so that a store can offer its own
    /// connection to users' statements within this transaction.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// The inbox of received events.
#[async_trait]
pub trait InboxTx: Send {
    /// Stores an event unless it is known.
    ///
    /// # Errors
    /// When the database fails.
    async fn receive(&mut self, event: &Event, now: Timestamp) -> Result<Receipt, StoreError>;

    /// Stores several events as [`InboxTx::receive`] would, one after the other;
    /// stores with a network between do so in one round trip. The receipts come
    /// in the order of the events.
    ///
    /// # Errors
    /// When the database fails; then none of them counts as stored.
    async fn receive_all(
        &mut self,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<Receipt>, StoreError> {
        let mut receipts = Vec::with_capacity(events.len());
        for event in events {
            receipts.push(self.receive(event, now).await?);
        }
        Ok(receipts)
    }

    /// Claims an event whose turn has come: one that waits, whose retry is due,
    /// or whose claim has run out. Never one whose object is being worked on.
    ///
    /// # Errors
    /// When the database fails.
    async fn claim(
        &mut self,
        wanted: Wanted<'_>,
        lease: Lease,
    ) -> Result<Option<Claimed>, StoreError>;

    /// Makes events that are done or dead wait to be processed anew, with their
    /// attempts forgotten; answers how many there were. Handlers do nothing
    /// twice, so an event that was done changes only what was missing.
    ///
    /// # Errors
    /// When the database fails.
    async fn revive(
        &mut self,
        selection: &EventSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Makes a claim hold for longer, under a new token, if it still holds.
    ///
    /// # Errors
    /// As [`InboxTx::complete`].
    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<Claim, StoreError>;

    /// Marks a claimed event done, if the claim still holds.
    ///
    /// # Errors
    /// [`StoreErrorKind::ClaimLost`] when somebody else took it over, and when
    /// the database fails: commit nothing then.
    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<(), StoreError>;

    /// Gives a claimed event back, to be tried again or to rest as dead.
    ///
    /// # Errors
    /// As [`InboxTx::complete`].
    async fn give_back(
        &mut self,
        claim: &Claim,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), StoreError>;
}

/// The ledger.
#[async_trait]
pub trait LedgerTx {
    /// Posts a transaction under its key, once. Posting the same again changes nothing.
    ///
    /// # Errors
    /// [`StoreErrorKind::PostingConflict`] when the key already stands with
    /// other lines, and when the database fails.
    async fn post(&mut self, entry: &Transaction, now: Timestamp) -> Result<(), StoreError>;

    /// Whether something is posted under this key, within this transaction
    /// or before it: to spare the work of finding out what to post.
    ///
    /// # Errors
    /// When the database fails.
    async fn is_posted(&mut self, rule: &str, object_id: &str) -> Result<bool, StoreError>;
}

/// Projections of Stripe's objects, and who owns them.
#[async_trait]
pub trait ObjectTx {
    /// The head of an object, locked until the transaction ends; `None` for one
    /// that we never heard of.
    ///
    /// # Errors
    /// When the database fails.
    async fn head(&mut self, object_id: &str) -> Result<Option<Head>, StoreError>;

    /// Writes the head of an object; `is_first` if [`ObjectTx::head`] found none.
    ///
    /// # Errors
    /// When the database fails; [`StoreErrorKind::Contended`] when another
    /// transaction wrote the first head of the object at the same time.
    async fn put_head(
        &mut self,
        object_id: &str,
        head: &Head,
        is_first: bool,
    ) -> Result<(), StoreError>;

    /// The stored row of an object.
    ///
    /// # Errors
    /// When the database fails.
    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError>;

    /// Writes the row of an object, in place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    async fn put_row(&mut self, row: &ObjectRow, now: Timestamp) -> Result<(), StoreError>;

    /// Takes the row of a deleted object away.
    ///
    /// # Errors
    /// When the database fails.
    async fn remove_row(&mut self, kind: ObjectKind, id: &str) -> Result<(), StoreError>;

    /// A number that the database issues once: work that begins under it can
    /// be told from work that began before or after.
    ///
    /// # Errors
    /// When the database fails.
    async fn next_fence(&mut self) -> Result<i64, StoreError>;

    /// How far something was read, by name.
    ///
    /// # Errors
    /// When the database fails.
    async fn watermark(&mut self, name: &str) -> Result<Option<i64>, StoreError>;

    /// Notes how far something was read.
    ///
    /// # Errors
    /// When the database fails.
    async fn put_watermark(&mut self, name: &str, value: i64) -> Result<(), StoreError>;

    /// Binds an owner and a customer to each other, for good; whoever comes
    /// second learns who was first.
    ///
    /// # Errors
    /// When the database fails.
    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<CustomerLink, StoreError>;
}

/// Queries. They see what was committed.
#[async_trait]
pub trait Read: LedgerRead + OutboxRead + Send {
    /// An owner's purchases, newest first, at most `limit`, from after `cursor`.
    ///
    /// # Errors
    /// When the database fails.
    async fn purchases(
        &mut self,
        owner: &Owner,
        cursor: Option<&PurchaseCursor>,
        limit: u32,
    ) -> Result<Vec<Purchase>, StoreError>;

    /// The Stripe customer of an owner.
    ///
    /// # Errors
    /// When the database fails.
    async fn customer_of(&mut self, owner: &Owner) -> Result<Option<CustomerId>, StoreError>;

    /// The stored row of an object.
    ///
    /// # Errors
    /// When the database fails.
    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError>;

    /// All rows of a kind by id, from after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    async fn rows(
        &mut self,
        kind: ObjectKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObjectRow>, StoreError>;

    /// The subscriptions of an owner, newest first.
    ///
    /// # Errors
    /// When the database fails.
    async fn subscriptions(&mut self, owner: &Owner) -> Result<Vec<SubscriptionRow>, StoreError>;

    /// An owner's invoices, newest first, at most `limit`, from after `cursor`.
    /// Drafts are not among them.
    ///
    /// # Errors
    /// When the database fails.
    async fn invoices(
        &mut self,
        owner: &Owner,
        cursor: Option<&InvoiceCursor>,
        limit: u32,
    ) -> Result<Vec<InvoiceRow>, StoreError>;

    /// The balance of every account and currency with postings.
    ///
    /// # Errors
    /// [`StoreErrorKind::Overflow`] when a balance does not fit 64 bits, and
    /// when the database fails.
    async fn trial_balance(&mut self) -> Result<Vec<AccountBalance>, StoreError>;

    /// Stored events, the newest of Stripe's first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    async fn events(
        &mut self,
        selection: &EventSelection,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Ledger transactions whose lines do not sum to zero in some currency, by
    /// rule and object. There are none, unless somebody got past the library.
    ///
    /// # Errors
    /// When the database fails.
    async fn unbalanced(&mut self) -> Result<Vec<(String, String)>, StoreError>;

    /// How many events stand where.
    ///
    /// # Errors
    /// When the database fails.
    async fn inbox_summary(&mut self) -> Result<InboxSummary, StoreError>;
}
