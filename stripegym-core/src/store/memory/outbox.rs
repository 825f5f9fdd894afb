//! The outbox in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

use super::{MemoryRead, MemoryTx, State};
use crate::clock::Timestamp;
use crate::store::outbox::means;
use crate::store::{
    ClaimedEffect, Effect, EffectClaim, EffectSelection, EffectState, Lease, OutboxRead,
    OutboxSummary, OutboxTx, StoreError, StoreErrorKind, StoredEffect, Verdict,
};

/// Object and name.
pub(super) type OutboxKey = (String, String);

#[derive(Clone)]
pub(super) struct OutboxRow {
    pub(super) state: EffectState,
    pub(super) done_at: Option<Timestamp>,
    payload: Bytes,
    attempts: u32,
    enqueued_at: Timestamp,
    next_at: Timestamp,
    claim: Option<(i64, Timestamp)>,
    last_error: Option<String>,
}

impl OutboxRow {
    fn is_due(&self, now: Timestamp) -> bool {
        match self.state {
            EffectState::Waiting | EffectState::Retry => self.next_at <= now,
            EffectState::Processing => self.claim.is_none_or(|(_, until)| until <= now),
            EffectState::Done | EffectState::Dead => false,
        }
    }

    fn stored(&self, (object_id, name): &OutboxKey) -> StoredEffect {
        StoredEffect {
            object_id: object_id.clone(),
            name: name.clone(),
            state: self.state,
            attempts: self.attempts,
            enqueued_at: self.enqueued_at,
            next_at: self.next_at,
            done_at: self.done_at,
            last_error: self.last_error.clone(),
            payload: self.payload.clone(),
        }
    }
}

impl State {
    fn held_effect(&mut self, claim: &EffectClaim) -> Result<&mut OutboxRow, StoreError> {
        self.outbox
            .get_mut(&(claim.object_id.clone(), claim.name.clone()))
            .filter(|row| row.claim.is_some_and(|(token, _)| token == claim.token))
            .ok_or_else(|| StoreError::new(StoreErrorKind::ClaimLost))
    }
}

#[async_trait]
impl OutboxTx for MemoryTx {
    async fn enqueue(&mut self, effect: &Effect, now: Timestamp) -> Result<bool, StoreError> {
        let key = (effect.object_id().to_owned(), effect.name().to_owned());
        if self.work.outbox.contains_key(&key) {
            return Ok(false);
        }
        let row = OutboxRow {
            state: EffectState::Waiting,
            done_at: None,
            payload: effect.payload().clone(),
            attempts: 0,
            enqueued_at: now,
            next_at: effect.due_at(now),
            claim: None,
            last_error: None,
        };
        self.work.outbox.insert(key, row);
        Ok(true)
    }

    async fn claim_effect(
        &mut self,
        lease: Lease,
        names: &[String],
    ) -> Result<Option<ClaimedEffect>, StoreError> {
        let due = |((_, name), row): &(&OutboxKey, &mut OutboxRow)| {
            names.iter().any(|pattern| means(pattern, name)) && row.is_due(lease.now)
        };
        let rows = self.work.outbox.iter_mut().filter(due);
        // What a crash left comes first.
        let next = rows.min_by_key(|(_, row)| (row.state != EffectState::Processing, row.next_at));
        let Some(((object_id, name), row)) = next else {
            return Ok(None);
        };
        self.work.fence += 1;
        row.state = EffectState::Processing;
        row.attempts = row.attempts.saturating_add(1);
        row.claim = Some((self.work.fence, lease.until));
        let claim = EffectClaim {
            object_id: object_id.clone(),
            name: name.clone(),
            token: self.work.fence,
            attempt: row.attempts,
        };
        Ok(Some(ClaimedEffect {
            claim,
            payload: row.payload.clone(),
        }))
    }

    async fn renew_effect(
        &mut self,
        claim: &EffectClaim,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.work.held_effect(claim)?.claim = Some((claim.token, until));
        Ok(())
    }

    async fn complete_effect(
        &mut self,
        claim: &EffectClaim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = self.work.held_effect(claim)?;
        row.state = EffectState::Done;
        row.done_at = Some(now);
        row.claim = None;
        row.last_error = None;
        Ok(())
    }

    async fn give_back_effect(
        &mut self,
        claim: &EffectClaim,
        verdict: Verdict,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = self.work.held_effect(claim)?;
        row.claim = None;
        row.last_error = Some(reason.to_owned());
        match verdict {
            Verdict::RetryAt(at) => (row.state, row.next_at) = (EffectState::Retry, at),
            Verdict::Dead => (row.state, row.done_at) = (EffectState::Dead, Some(now)),
        }
        Ok(())
    }

    async fn revive_effects(
        &mut self,
        selection: &EffectSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut revived = 0;
        for (key, row) in self.work.outbox.iter_mut() {
            if row.state == EffectState::Dead && selection.holds(&row.stored(key)) {
                (row.state, row.next_at, row.attempts) = (EffectState::Retry, now, 0);
                row.done_at = None;
                revived += 1;
            }
        }
        Ok(revived)
    }
}

#[async_trait]
impl OutboxRead for MemoryRead {
    async fn effects(
        &mut self,
        selection: &EffectSelection,
        limit: u32,
    ) -> Result<Vec<StoredEffect>, StoreError> {
        let stored = self.0.outbox.iter().map(|(key, row)| row.stored(key));
        let mut effects: Vec<_> = stored.filter(|effect| selection.holds(effect)).collect();
        effects.sort_by_key(|effect| {
            Reverse((
                effect.enqueued_at,
                effect.object_id.clone(),
                effect.name.clone(),
            ))
        });
        effects.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(effects)
    }

    async fn outbox_summary(&mut self) -> Result<OutboxSummary, StoreError> {
        let mut counts: BTreeMap<EffectState, u64> = BTreeMap::new();
        for row in self.0.outbox.values() {
            *counts.entry(row.state).or_default() += 1;
        }
        let is_open =
            |row: &&OutboxRow| !matches!(row.state, EffectState::Done | EffectState::Dead);
        let open = self.0.outbox.values().filter(is_open);
        Ok(OutboxSummary {
            counts: counts.into_iter().collect(),
            oldest_open: open.map(|row| row.enqueued_at).min(),
        })
    }
}
