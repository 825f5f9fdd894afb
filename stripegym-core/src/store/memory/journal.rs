//! The journal of outgoing calls in memory.

use async_trait::async_trait;

use super::{MemoryTx, State};
use crate::clock::Timestamp;
use crate::store::{CallState, FrozenCall, JournalEntry, JournalTx, Settlement, StoreError};

fn planned(call: &FrozenCall, now: Timestamp) -> JournalEntry {
    JournalEntry {
        call: call.clone(),
        state: CallState::Planned,
        planned_at: now,
        first_sent_at: None,
        object_id: None,
    }
}

impl State {
    /// The entry, if this generation is still the one that counts and open.
    fn open_call(&mut self, call: &FrozenCall) -> Option<&mut JournalEntry> {
        let entry = self.calls.get_mut(&call.key)?;
        let counts = entry.call.generation == call.generation && entry.state != CallState::Ok;
        counts.then_some(entry)
    }
}

#[async_trait]
impl JournalTx for MemoryTx {
    async fn plan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        let entry = self.work.calls.entry(call.key.clone());
        Ok(entry.or_insert_with(|| planned(call, now)).clone())
    }

    async fn replan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        let entry = self
            .work
            .calls
            .entry(call.key.clone())
            .or_insert_with(|| planned(call, now));
        let next = entry.call.generation.saturating_add(1);
        if entry.state != CallState::Ok && call.generation == next {
            *entry = planned(call, now);
        }
        Ok(entry.clone())
    }

    async fn note_call_sent(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(entry) = self.work.open_call(call) {
            entry.state = CallState::Sent;
            entry.first_sent_at.get_or_insert(now);
        }
        Ok(())
    }

    async fn settle_call(
        &mut self,
        call: &FrozenCall,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(entry) = self.work.open_call(call) {
            entry.state = settlement.state();
            entry.object_id = settlement.object_id().map(ToOwned::to_owned);
            self.work.calls_settled.insert(call.key.clone(), now);
        }
        Ok(())
    }
}
