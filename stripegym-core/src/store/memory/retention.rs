//! Forgetting, in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::MemoryTx;
use crate::clock::Timestamp;
use crate::store::{CallState, EffectState, InboxState, Pruned, RetentionTx, StoreError};

#[async_trait]
impl RetentionTx for MemoryTx {
    async fn prune(&mut self, before: Timestamp, batch: u32) -> Result<Pruned, StoreError> {
        let state = &mut self.work;
        let is_over = |at: Option<Timestamp>| at.is_some_and(|at| at < before);
        let inbox = forget(&mut state.inbox, batch, |_, row| {
            row.state == InboxState::Done && is_over(row.done_at)
        });
        let outbox = forget(&mut state.outbox, batch, |_, row| {
            matches!(row.state, EffectState::Done | EffectState::Dead) && is_over(row.done_at)
        });
        let settled = &state.calls_settled;
        let calls = forget(&mut state.calls, batch, |key, entry| {
            matches!(entry.state, CallState::Ok | CallState::Failed)
                && is_over(settled.get(key).copied())
        });
        let known = &state.calls;
        state.calls_settled.retain(|key, _| known.contains_key(key));
        Ok(Pruned {
            inbox,
            outbox,
            calls,
        })
    }
}

/// Removes at most `batch` entries that are over; answers how many.
fn forget<K: Clone + Ord, V>(
    rows: &mut BTreeMap<K, V>,
    batch: u32,
    is_over: impl Fn(&K, &V) -> bool,
) -> u64 {
    let batch = usize::try_from(batch).unwrap_or(usize::MAX);
    let over = rows.iter().filter(|(key, row)| is_over(key, row));
    let over: BTreeSet<K> = over.map(|(key, _)| key.clone()).take(batch).collect();
    rows.retain(|key, _| !over.contains(key));
    u64::try_from(over.len()).unwrap_or(u64::MAX)
}
