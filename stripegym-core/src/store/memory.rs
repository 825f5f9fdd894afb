//! The store in memory: for tests, simulations and a first try. One
//! transaction at a time works on a copy, and commit puts the copy in place,
//! so a dropped transaction leaves nothing.

mod inbox;
mod journal;
mod ledger;
mod objects;
mod outbox;
mod retention;

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::checkout::{CheckoutMode, CheckoutStatus};
use crate::clock::Timestamp;
use crate::id::CustomerId;
use crate::ledger::{PostingKey, Transaction};
use crate::store::{
    AccountBalance, CallKey, CheckoutSessionRow, EventSelection, Head, InboxKey, InboxState,
    InboxSummary, InvoiceCursor, InvoiceRow, JournalEntry, ObjectKind, ObjectRow, Owner, Purchase,
    PurchaseCursor, PurchaseStatus, Read, Store, StoreError, StoredEvent, SubscriptionRow, Tx,
};
use inbox::InboxRow;
use objects::Rows;
use outbox::{OutboxKey, OutboxRow};

/// A store that lives and dies with the process. Clones share one content.
#[derive(Clone, Default)]
pub struct MemoryStore {
    writer: Arc<Mutex<()>>,
    committed: Arc<RwLock<Arc<State>>>,
}

/// Copied when it is first written to.
#[derive(Clone, Default)]
struct Shared<T>(Arc<T>);

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

#[derive(Clone, Default)]
struct State {
    /// Issues claim tokens and receipts.
    fence: i64,
    // A transaction copies only what it changes.
    inbox: Shared<BTreeMap<Arc<InboxKey>, Arc<InboxRow>>>,
    ledger: Shared<BTreeMap<Arc<PostingKey>, Arc<Transaction>>>,
    /// In the order of posting.
    posted: Shared<Vec<Arc<PostingKey>>>,
    heads: Shared<BTreeMap<Arc<str>, Head>>,
    rows: Shared<Rows>,
    customers: Shared<BTreeMap<Owner, CustomerId>>,
    calls: Shared<BTreeMap<CallKey, JournalEntry>>,
    watermarks: Shared<BTreeMap<String, i64>>,
    /// When calls were last settled.
    calls_settled: Shared<BTreeMap<CallKey, Timestamp>>,
    outbox: Shared<BTreeMap<OutboxKey, OutboxRow>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn snapshot(&self) -> Arc<State> {
        Arc::clone(
            &self
                .committed
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

// What is in it is personal data.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        let work = State::clone(&self.snapshot());
        Ok(Box::new(MemoryTx {
            _turn: turn,
            committed: Arc::clone(&self.committed),
            work,
        }))
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        Ok(Box::new(MemoryRead(self.snapshot())))
    }
}

struct MemoryTx {
    /// Held until the end: one writer at a time, first come first served.
    _turn: OwnedMutexGuard<()>,
    committed: Arc<RwLock<Arc<State>>>,
    work: State,
}

#[async_trait]
impl Tx for MemoryTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self {
            _turn,
            committed,
            work,
        } = *self;
        *committed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(work);
        Ok(())
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

struct MemoryRead(Arc<State>);

impl MemoryRead {
    fn purchase(&self, row: &CheckoutSessionRow) -> Option<Purchase> {
        let key = row.payment_intent.as_ref().map(|id| PostingKey {
            rule: "checkout_paid",
            object_id: id.as_str().to_owned(),
        });
        let booked = key.is_some_and(|key| self.0.ledger.contains_key(&key));
        let status = if booked || row.amount_total == Some(0) {
            PurchaseStatus::Paid
        } else if row.payment_failed {
            PurchaseStatus::Failed
        } else {
            PurchaseStatus::Processing
        };
        Some(Purchase {
            session_id: row.id.clone(),
            product_name: row.product_name.clone(),
            amount: row.total()?,
            status,
            created: row.created,
        })
    }
}

#[async_trait]
impl Read for MemoryRead {
    async fn purchases(
        &mut self,
        owner: &Owner,
        cursor: Option<&PurchaseCursor>,
        limit: u32,
    ) -> Result<Vec<Purchase>, StoreError> {
        let bought = |row: &&CheckoutSessionRow| {
            row.owner.as_ref() == Some(owner)
                && row.status == CheckoutStatus::Complete
                && row.mode == CheckoutMode::Payment
        };
        let rows = self.0.rows_after(ObjectKind::CheckoutSession, None);
        let rows = rows.filter_map(|row| match row {
            ObjectRow::CheckoutSession(row) => Some(row),
            _ => None,
        });
        let mut rows: Vec<_> = rows.filter(bought).collect();
        rows.sort_by_key(|row| Reverse((row.created, row.id.as_str())));
        let after = |row: &&&CheckoutSessionRow| {
            cursor.is_none_or(|c| (row.created, row.id.as_str()) < (c.created, &c.session_id))
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(rows
            .iter()
            .filter(after)
            .filter_map(|row| self.purchase(row))
            .take(limit)
            .collect())
    }

    async fn customer_of(&mut self, owner: &Owner) -> Result<Option<CustomerId>, StoreError> {
        Ok(self.0.customers.get(owner).cloned())
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        Ok(self.0.row(kind, id))
    }

    async fn rows(
        &mut self,
        kind: ObjectKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObjectRow>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let rows = self.0.rows_after(kind, after);
        Ok(rows.take(limit).cloned().collect())
    }

    async fn subscriptions(&mut self, owner: &Owner) -> Result<Vec<SubscriptionRow>, StoreError> {
        Ok(self.0.subscriptions(owner))
    }

    async fn invoices(
        &mut self,
        owner: &Owner,
        cursor: Option<&InvoiceCursor>,
        limit: u32,
    ) -> Result<Vec<InvoiceRow>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.0.invoices(owner, cursor, limit))
    }

    async fn trial_balance(&mut self) -> Result<Vec<AccountBalance>, StoreError> {
        self.0.trial_balance()
    }

    async fn events(
        &mut self,
        selection: &EventSelection,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let stored = self.0.inbox.iter().map(|(key, row)| row.stored(key));
        let mut events: Vec<_> = stored.filter(|event| selection.holds(event)).collect();
        events.sort_by_key(|event| Reverse((event.created, event.key.event_id.clone())));
        events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(events)
    }

    async fn unbalanced(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        // A `Transaction` that does not balance cannot be built.
        Ok(Vec::new())
    }

    async fn inbox_summary(&mut self) -> Result<InboxSummary, StoreError> {
        let mut counts: BTreeMap<InboxState, u64> = BTreeMap::new();
        for row in self.0.inbox.values() {
            *counts.entry(row.state).or_default() += 1;
        }
        let open = |row: &&Arc<InboxRow>| !matches!(row.state, InboxState::Done | InboxState::Dead);
        let oldest_open = self
            .0
            .inbox
            .values()
            .filter(open)
            .map(|row| row.received_at)
            .min();
        Ok(InboxSummary {
            counts: counts.into_iter().collect(),
            oldest_open,
        })
    }
}
