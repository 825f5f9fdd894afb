//! The store in memory: for tests, simulations and a first try. One
//! transaction at a time works on a copy, and commit puts the copy in place,
//! so a dropped transaction leaves nothing.

mod inbox;
mod journal;
mod outbox;
mod retention;

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::checkout::{CheckoutMode, CheckoutStatus};
use crate::clock::Timestamp;
use crate::id::{CheckoutSessionId, CustomerId};
use crate::ledger::{Account, PostingKey, Transaction};
use crate::money::{Amount, Currency};
use crate::store::{
    AccountBalance, CallKey, CheckoutSessionRow, CustomerLink, EventSelection, InboxKey,
    InboxState, InboxSummary, JournalEntry, LedgerTx, ObjectTx, Owner, Purchase, PurchaseCursor,
    PurchaseStatus, Read, Store, StoreError, StoreErrorKind, StoredEvent, Tx,
};
use inbox::InboxRow;
use outbox::{OutboxKey, OutboxRow};

/// A store that lives and dies with the process. Clones share one content.
#[derive(Clone, Default)]
pub struct MemoryStore {
    writer: Arc<Mutex<()>>,
    committed: Arc<RwLock<Arc<State>>>,
}

#[derive(Clone, Default)]
struct State {
    /// Issues claim tokens.
    fence: i64,
    inbox: BTreeMap<InboxKey, InboxRow>,
    ledger: BTreeMap<PostingKey, Transaction>,
    sessions: BTreeMap<CheckoutSessionId, CheckoutSessionRow>,
    customers: BTreeMap<Owner, CustomerId>,
    calls: BTreeMap<CallKey, JournalEntry>,
    /// When calls were last settled.
    calls_settled: BTreeMap<CallKey, Timestamp>,
    outbox: BTreeMap<OutboxKey, OutboxRow>,
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

#[async_trait]
impl LedgerTx for MemoryTx {
    async fn post(&mut self, entry: &Transaction, _now: Timestamp) -> Result<(), StoreError> {
        match self.work.ledger.get(entry.key()) {
            Some(posted) if posted.postings() != entry.postings() => {
                Err(StoreError::new(StoreErrorKind::PostingConflict))
            }
            Some(_) => Ok(()),
            None => {
                self.work.ledger.insert(entry.key().clone(), entry.clone());
                Ok(())
            }
        }
    }
}

#[async_trait]
impl ObjectTx for MemoryTx {
    async fn checkout_session(
        &mut self,
        id: &CheckoutSessionId,
    ) -> Result<Option<CheckoutSessionRow>, StoreError> {
        Ok(self.work.sessions.get(id).cloned())
    }

    async fn put_checkout_session(
        &mut self,
        row: &CheckoutSessionRow,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        self.work.sessions.insert(row.id.clone(), row.clone());
        Ok(())
    }

    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        _now: Timestamp,
    ) -> Result<CustomerLink, StoreError> {
        if let Some(bound) = self.work.customers.get(owner) {
            return Ok(if bound == customer {
                CustomerLink::Linked
            } else {
                CustomerLink::OwnerHas(bound.clone())
            });
        }
        if let Some((other, _)) = self.work.customers.iter().find(|(_, c)| *c == customer) {
            return Ok(CustomerLink::CustomerOf(other.clone()));
        }
        self.work.customers.insert(owner.clone(), customer.clone());
        Ok(CustomerLink::Linked)
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
        let status = if booked || row.total.is_some_and(Amount::is_zero) {
            PurchaseStatus::Paid
        } else {
            PurchaseStatus::Processing
        };
        Some(Purchase {
            session_id: row.id.clone(),
            product_name: row.product_name.clone(),
            amount: row.total?,
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
        let mut rows: Vec<_> = self.0.sessions.values().filter(bought).collect();
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

    async fn trial_balance(&mut self) -> Result<Vec<AccountBalance>, StoreError> {
        let mut sums: BTreeMap<(Account, Currency), Amount> = BTreeMap::new();
        for posting in self.0.ledger.values().flat_map(Transaction::postings) {
            let currency = posting.amount.currency();
            let sum = sums
                .entry((posting.account, currency))
                .or_insert(Amount::new(0, currency));
            *sum = sum
                .checked_add(posting.amount)
                .map_err(|e| StoreError::with_source(StoreErrorKind::Corrupt, e))?;
        }
        let balance = |((account, _), balance)| AccountBalance { account, balance };
        Ok(sums.into_iter().map(balance).collect())
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
        let open = |row: &&InboxRow| !matches!(row.state, InboxState::Done | InboxState::Dead);
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
