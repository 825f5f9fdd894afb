//! The inbox in memory.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::{MemoryTx, State};
use crate::clock::Timestamp;
use crate::event::Event;
use crate::store::{
    Claim, Claimed, EventSelection, InboxKey, InboxState, InboxTx, Lease, Receipt, StoreError,
    StoreErrorKind, StoredEvent, Verdict, Wanted,
};

#[derive(Clone)]
pub(super) struct InboxRow {
    pub(super) state: InboxState,
    pub(super) received_at: Timestamp,
    kind: String,
    created: i64,
    object_id: Option<String>,
    payload: Bytes,
    receipt: i64,
    attempts: u32,
    next_at: Timestamp,
    claim: Option<(i64, Timestamp)>,
    last_error: Option<String>,
    pub(super) done_at: Option<Timestamp>,
}

impl InboxRow {
    fn is_due(&self, now: Timestamp) -> bool {
        match self.state {
            // At once, even if the receiver's clock was ahead of ours.
            InboxState::Received => true,
            InboxState::Retry => self.next_at <= now,
            InboxState::Processing => self.claim.is_none_or(|(_, until)| until <= now),
            InboxState::Done | InboxState::Dead => false,
        }
    }
}

impl InboxRow {
    pub(super) fn stored(&self, key: &InboxKey) -> StoredEvent {
        StoredEvent {
            key: key.clone(),
            kind: self.kind.clone(),
            object_id: self.object_id.clone(),
            created: self.created,
            received_at: self.received_at,
            receipt: self.receipt,
            state: self.state,
            attempts: self.attempts,
            last_error: self.last_error.clone(),
            payload: self.payload.clone(),
        }
    }
}

impl State {
    fn held(&mut self, claim: &Claim) -> Result<&mut InboxRow, StoreError> {
        self.inbox
            .get_mut(&claim.key)
            .map(Arc::make_mut)
            .filter(|row| row.claim.is_some_and(|(token, _)| token == claim.token))
            .ok_or_else(|| StoreError::new(StoreErrorKind::ClaimLost))
    }
}

#[async_trait]
impl InboxTx for MemoryTx {
    async fn receive(&mut self, event: &Event, now: Timestamp) -> Result<Receipt, StoreError> {
        let key = InboxKey::of(event);
        if let Some(row) = self.work.inbox.get(&key) {
            return Ok(Receipt::Known(row.state));
        }
        self.work.fence += 1;
        let row = InboxRow {
            receipt: self.work.fence,
            state: InboxState::Received,
            received_at: now,
            kind: event.kind().to_owned(),
            created: event.created(),
            object_id: event.object_id(),
            payload: event.payload().clone(),
            attempts: 0,
            next_at: now,
            claim: None,
            last_error: None,
            done_at: None,
        };
        self.work.inbox.insert(Arc::new(key), Arc::new(row));
        Ok(Receipt::New)
    }

    async fn claim(
        &mut self,
        wanted: Wanted<'_>,
        lease: Lease,
    ) -> Result<Option<Claimed>, StoreError> {
        let state = &mut self.work;
        let is_busy = |row: &InboxRow| row.state == InboxState::Processing;
        let busy = state.inbox.iter().filter(|(_, row)| is_busy(row));
        let busy: Vec<_> = busy.collect();
        // Another event of the same object is claimed.
        let is_held_up = |key: &InboxKey, row: &InboxRow| {
            row.object_id.is_some()
                && busy.iter().any(|(other, claimed)| {
                    other.as_ref() != key
                        && claimed.object_id == row.object_id
                        && (&other.account, other.livemode) == (&key.account, key.livemode)
                })
        };
        let due = |(key, row): &(&Arc<InboxKey>, &Arc<InboxRow>)| {
            let asked_for = match wanted {
                Wanted::Next => true,
                Wanted::Event(wanted) => key.as_ref() == wanted,
            };
            asked_for && row.is_due(lease.now) && !is_held_up(key, row)
        };
        let next = state
            .inbox
            .iter()
            .filter(due)
            // What a crash left comes first.
            .min_by_key(|(_, row)| (row.state != InboxState::Processing, row.next_at));
        let Some(key) = next.map(|(key, _)| Arc::clone(key)) else {
            return Ok(None);
        };
        state.fence += 1;
        let token = state.fence;
        let Some(row) = state.inbox.get_mut(&key).map(Arc::make_mut) else {
            return Ok(None);
        };
        row.state = InboxState::Processing;
        row.attempts = row.attempts.saturating_add(1);
        row.claim = Some((token, lease.until));
        let claim = Claim {
            key: InboxKey::clone(&key),
            token,
            attempt: row.attempts,
            receipt: row.receipt,
        };
        Ok(Some(Claimed {
            claim,
            payload: row.payload.clone(),
        }))
    }

    async fn revive(
        &mut self,
        selection: &EventSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut revived = 0;
        for (key, row) in self.work.inbox.iter_mut() {
            let at_rest = matches!(row.state, InboxState::Done | InboxState::Dead);
            if at_rest && selection.holds(&row.stored(key)) {
                let row = Arc::make_mut(row);
                (row.state, row.next_at, row.attempts) = (InboxState::Retry, now, 0);
                revived += 1;
            }
        }
        Ok(revived)
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<Claim, StoreError> {
        self.work.fence += 1;
        let token = self.work.fence;
        self.work.held(claim)?.claim = Some((token, until));
        Ok(Claim {
            token,
            ..claim.clone()
        })
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let row = self.work.held(claim)?;
        row.state = InboxState::Done;
        row.done_at = Some(now);
        row.claim = None;
        row.last_error = None;
        Ok(())
    }

    async fn give_back(
        &mut self,
        claim: &Claim,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), StoreError> {
        let row = self.work.held(claim)?;
        row.claim = None;
        row.last_error = Some(reason.to_owned());
        match verdict {
            Verdict::RetryAt(at) => (row.state, row.next_at) = (InboxState::Retry, at),
            Verdict::Dead => row.state = InboxState::Dead,
        }
        Ok(())
    }
}
