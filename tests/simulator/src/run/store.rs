//! A store around any store: every statement passes the site first. Writers
//! take turns here, so that a store on disk is asked by one at a time, too.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use stripegym_core::id::CustomerId;
use stripegym_core::ledger::Transaction;
use stripegym_core::store::{
    Claim, Claimed, ClaimedEffect, CustomerLink, Effect, EffectClaim, EffectSelection,
    EventSelection, FrozenCall, Head, InboxTx, JournalEntry, JournalTx, Lease, LedgerTx,
    ObjectKind, ObjectRow, ObjectTx, OutboxTx, Owner, Pruned, Read, Receipt, RetentionTx,
    Settlement, Store, StoreError, Tx, Verdict, Wanted,
};
use stripegym_core::{Event, Timestamp};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::site::{Life, Place, Site};

/// What all processes share: the store, and whose turn it is.
#[derive(Debug, Clone)]
pub struct Shared {
    store: Arc<dyn Store>,
    turn: Arc<Mutex<()>>,
    /// Statements that the store itself has not answered yet.
    busy: Arc<AtomicUsize>,
}

impl Shared {
    /// This store, for several processes.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            turn: Arc::default(),
            busy: Arc::default(),
        }
    }

    /// The store itself.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Whether the store works on something in a thread of its own.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    async fn asked<T>(&self, work: impl Future<Output = T> + Send) -> T {
        let _busy = Busy::new(&self.busy);
        work.await
    }
}

struct Busy<'a>(&'a AtomicUsize);

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The store as one life of a process sees it.
#[derive(Clone)]
pub struct SimStore {
    shared: Shared,
    life: Life,
}

impl SimStore {
    /// The store, with everything that may go wrong.
    #[must_use]
    pub fn new(shared: Shared, life: Life) -> Self {
        Self { shared, life }
    }
}

impl fmt::Debug for SimStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimStore")
    }
}

#[async_trait]
impl Store for SimStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        self.life.cross(Place::Begin, "begin").await?;
        let turn = Arc::clone(&self.shared.turn).lock_owned().await;
        let held = Held {
            _turn: turn,
            site: self.life.site.clone(),
        };
        let inner = self.shared.asked(self.shared.store.begin()).await?;
        Ok(Box::new(SimTx {
            inner,
            shared: self.shared.clone(),
            life: self.life.clone(),
            held,
        }))
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        self.life.cross(Place::Statement, "read").await?;
        self.shared.asked(self.shared.store.read()).await
    }
}

/// The turn, until the transaction ends one way or the other.
struct Held {
    _turn: OwnedMutexGuard<()>,
    site: Site,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.site.transaction_ended();
    }
}

struct SimTx {
    // Dropped in this order: rolled back before the next one's turn.
    inner: Box<dyn Tx>,
    shared: Shared,
    life: Life,
    held: Held,
}

#[async_trait]
impl Tx for SimTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self {
            inner,
            shared,
            life,
            held,
        } = *self;
        life.cross(Place::Commit, "commit").await?;
        let done = shared.asked(inner.commit()).await;
        drop(held);
        life.cross(Place::Committed, "commit").await?;
        done
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self.inner.as_any()
    }
}

/// Forwards one statement.
macro_rules! forward {
    ($self:ident . $name:ident ( $($argument:expr),* )) => {{
        $self.life.cross(Place::Statement, stringify!($name)).await?;
        let work = $self.inner.$name($($argument),*);
        $self.shared.asked(work).await
    }};
}

#[async_trait]
impl InboxTx for SimTx {
    async fn receive(&mut self, event: &Event, now: Timestamp) -> Result<Receipt, StoreError> {
        forward!(self.receive(event, now))
    }

    async fn receive_all(
        &mut self,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<Receipt>, StoreError> {
        forward!(self.receive_all(events, now))
    }

    async fn claim(
        &mut self,
        wanted: Wanted<'_>,
        lease: Lease,
    ) -> Result<Option<Claimed>, StoreError> {
        forward!(self.claim(wanted, lease))
    }

    async fn revive(
        &mut self,
        selection: &EventSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        forward!(self.revive(selection, now))
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<Claim, StoreError> {
        forward!(self.renew(claim, until))
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        forward!(self.complete(claim, now))
    }

    async fn give_back(
        &mut self,
        claim: &Claim,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), StoreError> {
        forward!(self.give_back(claim, verdict, reason))
    }
}

#[async_trait]
impl JournalTx for SimTx {
    async fn plan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        forward!(self.plan_call(call, now))
    }

    async fn replan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        forward!(self.replan_call(call, now))
    }

    async fn note_call_sent(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.note_call_sent(call, now))
    }

    async fn settle_call(
        &mut self,
        call: &FrozenCall,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.settle_call(call, settlement, now))
    }
}

#[async_trait]
impl LedgerTx for SimTx {
    async fn post(&mut self, entry: &Transaction, now: Timestamp) -> Result<(), StoreError> {
        forward!(self.post(entry, now))
    }

    async fn is_posted(&mut self, rule: &str, object_id: &str) -> Result<bool, StoreError> {
        forward!(self.is_posted(rule, object_id))
    }
}

#[async_trait]
impl ObjectTx for SimTx {
    async fn head(&mut self, object_id: &str) -> Result<Option<Head>, StoreError> {
        forward!(self.head(object_id))
    }

    async fn put_head(
        &mut self,
        object_id: &str,
        head: &Head,
        is_first: bool,
    ) -> Result<(), StoreError> {
        forward!(self.put_head(object_id, head, is_first))
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        forward!(self.row(kind, id))
    }

    async fn put_row(&mut self, row: &ObjectRow, now: Timestamp) -> Result<(), StoreError> {
        forward!(self.put_row(row, now))
    }

    async fn remove_row(&mut self, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
        forward!(self.remove_row(kind, id))
    }

    async fn next_fence(&mut self) -> Result<i64, StoreError> {
        forward!(self.next_fence())
    }

    async fn watermark(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        forward!(self.watermark(name))
    }

    async fn put_watermark(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        forward!(self.put_watermark(name, value))
    }

    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<CustomerLink, StoreError> {
        forward!(self.link_customer(owner, customer, now))
    }
}

#[async_trait]
impl OutboxTx for SimTx {
    async fn enqueue(&mut self, effect: &Effect, now: Timestamp) -> Result<bool, StoreError> {
        forward!(self.enqueue(effect, now))
    }

    async fn claim_effect(
        &mut self,
        lease: Lease,
        names: &[String],
    ) -> Result<Option<ClaimedEffect>, StoreError> {
        forward!(self.claim_effect(lease, names))
    }

    async fn renew_effect(
        &mut self,
        claim: &EffectClaim,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.renew_effect(claim, until))
    }

    async fn complete_effect(
        &mut self,
        claim: &EffectClaim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.complete_effect(claim, now))
    }

    async fn give_back_effect(
        &mut self,
        claim: &EffectClaim,
        verdict: Verdict,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.give_back_effect(claim, verdict, reason, now))
    }

    async fn revive_effects(
        &mut self,
        selection: &EffectSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        forward!(self.revive_effects(selection, now))
    }
}

#[async_trait]
impl RetentionTx for SimTx {
    async fn prune(&mut self, before: Timestamp, batch: u32) -> Result<Pruned, StoreError> {
        forward!(self.prune(before, batch))
    }
}
