//! What a store forgets.

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::store::StoreError;

/// Rows that were deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Events.
    pub inbox: u64,
    /// Effects.
    pub outbox: u64,
    /// Outgoing calls.
    pub calls: u64,
}

impl Pruned {
    /// True when there was nothing to delete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Forgetting what is long over. Use [`Retention`](crate::retention::Retention),
/// which knows for how long a row has to be kept.
#[async_trait]
pub trait RetentionTx {
    /// Deletes rows that came to rest before `before`, at most `batch` of each
    /// kind: events that are done, effects that are done or dead, outgoing
    /// calls that succeeded or were refused. Dead events stay, for a person
    /// must look, and so do calls whose outcome nobody knows. The ledger is
    /// never touched.
    ///
    /// # Errors
    /// When the database fails.
    async fn prune(&mut self, before: Timestamp, batch: u32) -> Result<Pruned, StoreError>;
}
