//! What the outbox asks of a database.

use async_trait::async_trait;

use super::{ClaimedEffect, Effect, EffectClaim, EffectSelection, OutboxSummary, StoredEffect};
use crate::clock::Timestamp;
use crate::store::{Lease, StoreError, Verdict};

/// The outbox: effects that are asked for in a transaction and delivered after it.
#[async_trait]
pub trait OutboxTx {
    /// Asks for an effect, unless its object had one of this name before;
    /// answers whether it is new. It exists once this transaction commits.
    ///
    /// # Errors
    /// When the database fails.
    async fn enqueue(&mut self, effect: &Effect, now: Timestamp) -> Result<bool, StoreError>;

    /// Claims the effect that has been due for longest, or one whose claim has
    /// run out, of those with these names: whole ones, families (`mail.*`) or
    /// `*`. The others are left to whoever handles them.
    ///
    /// # Errors
    /// When the database fails.
    async fn claim_effect(
        &mut self,
        lease: Lease,
        names: &[String],
    ) -> Result<Option<ClaimedEffect>, StoreError>;

    /// Lets a claim hold until `until`.
    ///
    /// # Errors
    /// [`ClaimLost`](crate::store::StoreErrorKind::ClaimLost) when somebody
    /// else took the effect over, and when the database fails.
    async fn renew_effect(
        &mut self,
        claim: &EffectClaim,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Marks a claimed effect delivered, if the claim still holds.
    ///
    /// # Errors
    /// As [`OutboxTx::renew_effect`].
    async fn complete_effect(
        &mut self,
        claim: &EffectClaim,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives a claimed effect back, to be tried again or to rest as dead.
    ///
    /// # Errors
    /// As [`OutboxTx::renew_effect`].
    async fn give_back_effect(
        &mut self,
        claim: &EffectClaim,
        verdict: Verdict,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Makes dead effects due, with their attempts forgotten; answers how many
    /// there were. Those in another state are not touched: what was delivered
    /// is not delivered again.
    ///
    /// # Errors
    /// When the database fails.
    async fn revive_effects(
        &mut self,
        selection: &EffectSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError>;
}

/// What an operator sees of the outbox.
#[async_trait]
pub trait OutboxRead {
    /// Effects, the last asked for first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    async fn effects(
        &mut self,
        selection: &EffectSelection,
        limit: u32,
    ) -> Result<Vec<StoredEffect>, StoreError>;

    /// How many effects stand where.
    ///
    /// # Errors
    /// When the database fails.
    async fn outbox_summary(&mut self) -> Result<OutboxSummary, StoreError>;
}
