//! A store around a store: at every statement's beginning and end it asks what
//! is to happen there. Nothing, an error, or kill -9 of this very process.

mod outbox;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use stripegym_core::id::CustomerId;
use stripegym_core::ledger::Transaction;
use stripegym_core::store::{
    Claim, Claimed, CustomerLink, EventSelection, FrozenCall, Head, InboxTx, JournalEntry,
    JournalTx, Lease, LedgerTx, ObjectKind, ObjectRow, ObjectTx, Owner, Read, Receipt, Settlement,
    Store, StoreError, Tx, Verdict, Wakeups, Wanted,
};
use stripegym_core::{Event, Timestamp};

/// The two sides of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// Not yet begun.
    Before(&'static str),
    /// Finished, its result not yet seen by the caller.
    After(&'static str),
}

/// Decides what happens at a boundary.
pub trait Boundary: Send + Sync {
    /// Called before and after every statement of a writing transaction.
    ///
    /// # Errors
    /// Whatever is to go wrong here.
    fn cross(&self, crossing: Crossing) -> Result<(), StoreError>;
}

/// The store with boundaries.
#[derive(Clone)]
pub struct Boundaries {
    inner: Arc<dyn Store>,
    boundary: Arc<dyn Boundary>,
}

impl Boundaries {
    /// Puts boundaries around a store.
    #[must_use]
    pub fn around(inner: Arc<dyn Store>, boundary: Arc<dyn Boundary>) -> Self {
        Self { inner, boundary }
    }
}

impl fmt::Debug for Boundaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Boundaries({:?})", self.inner)
    }
}

/// Runs one statement between its two boundaries.
macro_rules! statement {
    ($boundary:expr, $name:literal, $work:expr) => {{
        $boundary.cross(Crossing::Before($name))?;
        let result = $work.await;
        $boundary.cross(Crossing::After($name))?;
        result
    }};
}

use statement;

#[async_trait]
impl Store for Boundaries {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let inner = statement!(self.boundary, "begin", self.inner.begin())?;
        Ok(Box::new(BoundedTx {
            inner,
            boundary: Arc::clone(&self.boundary),
        }))
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        self.inner.read().await
    }

    async fn listen(&self) -> Result<Box<dyn Wakeups>, StoreError> {
        self.inner.listen().await
    }

    async fn announce(&self) -> Result<(), StoreError> {
        statement!(self.boundary, "announce", self.inner.announce())
    }
}

struct BoundedTx {
    inner: Box<dyn Tx>,
    boundary: Arc<dyn Boundary>,
}

#[async_trait]
impl Tx for BoundedTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        statement!(self.boundary, "commit", self.inner.commit())
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self.inner.as_any()
    }
}

#[async_trait]
impl InboxTx for BoundedTx {
    async fn receive(&mut self, event: &Event, now: Timestamp) -> Result<Receipt, StoreError> {
        statement!(self.boundary, "receive", self.inner.receive(event, now))
    }

    async fn receive_all(
        &mut self,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<Receipt>, StoreError> {
        statement!(
            self.boundary,
            "receive_all",
            self.inner.receive_all(events, now)
        )
    }

    async fn claim(
        &mut self,
        wanted: Wanted<'_>,
        lease: Lease,
    ) -> Result<Option<Claimed>, StoreError> {
        statement!(self.boundary, "claim", self.inner.claim(wanted, lease))
    }

    async fn revive(
        &mut self,
        selection: &EventSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        statement!(self.boundary, "revive", self.inner.revive(selection, now))
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<Claim, StoreError> {
        statement!(self.boundary, "renew", self.inner.renew(claim, until))
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        statement!(self.boundary, "complete", self.inner.complete(claim, now))
    }

    async fn give_back(
        &mut self,
        claim: &Claim,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), StoreError> {
        statement!(
            self.boundary,
            "give_back",
            self.inner.give_back(claim, verdict, reason)
        )
    }
}

#[async_trait]
impl JournalTx for BoundedTx {
    async fn plan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        statement!(self.boundary, "plan_call", self.inner.plan_call(call, now))
    }

    async fn replan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        statement!(
            self.boundary,
            "replan_call",
            self.inner.replan_call(call, now)
        )
    }

    async fn note_call_sent(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        statement!(
            self.boundary,
            "note_call_sent",
            self.inner.note_call_sent(call, now)
        )
    }

    async fn settle_call(
        &mut self,
        call: &FrozenCall,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let settle = self.inner.settle_call(call, settlement, now);
        statement!(self.boundary, "settle_call", settle)
    }
}

#[async_trait]
impl LedgerTx for BoundedTx {
    async fn post(&mut self, entry: &Transaction, now: Timestamp) -> Result<(), StoreError> {
        statement!(self.boundary, "post", self.inner.post(entry, now))
    }

    async fn is_posted(&mut self, rule: &str, object_id: &str) -> Result<bool, StoreError> {
        let posted = self.inner.is_posted(rule, object_id);
        statement!(self.boundary, "is_posted", posted)
    }
}

#[async_trait]
impl ObjectTx for BoundedTx {
    async fn head(&mut self, object_id: &str) -> Result<Option<Head>, StoreError> {
        statement!(self.boundary, "head", self.inner.head(object_id))
    }

    async fn put_head(
        &mut self,
        object_id: &str,
        head: &Head,
        is_first: bool,
    ) -> Result<(), StoreError> {
        let put = self.inner.put_head(object_id, head, is_first);
        statement!(self.boundary, "put_head", put)
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        statement!(self.boundary, "row", self.inner.row(kind, id))
    }

    async fn put_row(&mut self, row: &ObjectRow, now: Timestamp) -> Result<(), StoreError> {
        statement!(self.boundary, "put_row", self.inner.put_row(row, now))
    }

    async fn remove_row(&mut self, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
        statement!(self.boundary, "remove_row", self.inner.remove_row(kind, id))
    }

    async fn next_fence(&mut self) -> Result<i64, StoreError> {
        statement!(self.boundary, "next_fence", self.inner.next_fence())
    }

    async fn watermark(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        statement!(self.boundary, "watermark", self.inner.watermark(name))
    }

    async fn put_watermark(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        let put = self.inner.put_watermark(name, value);
        statement!(self.boundary, "put_watermark", put)
    }

    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<CustomerLink, StoreError> {
        let link = self.inner.link_customer(owner, customer, now);
        statement!(self.boundary, "link_customer", link)
    }
}
