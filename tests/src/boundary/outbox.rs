//! Boundaries of the outbox's statements, and of forgetting.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::store::{
    ClaimedEffect, Effect, EffectClaim, EffectSelection, Lease, OutboxTx, Pruned, RetentionTx,
    StoreError, Verdict,
};

use super::{BoundedTx, Crossing, statement};

#[async_trait]
impl OutboxTx for BoundedTx {
    async fn enqueue(&mut self, effect: &Effect, now: Timestamp) -> Result<bool, StoreError> {
        statement!(self.boundary, "enqueue", self.inner.enqueue(effect, now))
    }

    async fn claim_effect(
        &mut self,
        lease: Lease,
        names: &[String],
    ) -> Result<Option<ClaimedEffect>, StoreError> {
        let claim = self.inner.claim_effect(lease, names);
        statement!(self.boundary, "claim_effect", claim)
    }

    async fn renew_effect(
        &mut self,
        claim: &EffectClaim,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let renew = self.inner.renew_effect(claim, until);
        statement!(self.boundary, "renew_effect", renew)
    }

    async fn complete_effect(
        &mut self,
        claim: &EffectClaim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let complete = self.inner.complete_effect(claim, now);
        statement!(self.boundary, "complete_effect", complete)
    }

    async fn give_back_effect(
        &mut self,
        claim: &EffectClaim,
        verdict: Verdict,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let give_back = self.inner.give_back_effect(claim, verdict, reason, now);
        statement!(self.boundary, "give_back_effect", give_back)
    }

    async fn revive_effects(
        &mut self,
        selection: &EffectSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let revive = self.inner.revive_effects(selection, now);
        statement!(self.boundary, "revive_effects", revive)
    }
}

#[async_trait]
impl RetentionTx for BoundedTx {
    async fn prune(&mut self, before: Timestamp, batch: u32) -> Result<Pruned, StoreError> {
        statement!(self.boundary, "prune", self.inner.prune(before, batch))
    }
}
