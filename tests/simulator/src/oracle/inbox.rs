//! The inbox: every event is there, and done.

use std::collections::BTreeSet;

use stripegym_core::Store;
use stripegym_core::store::{EventSelection, InboxState, StoreError};

use super::{Case, EVENTS_REACH_S};
use crate::consumer::counter;
use crate::world::World;
use crate::world::id::Id;

/// Events that the inbox does not have.
pub(crate) async fn missing(world: &World, store: &dyn Store) -> Result<BTreeSet<Id>, StoreError> {
    let mut missing: BTreeSet<Id> = world.events.iter().map(|event| event.id).collect();
    let stored = store.read().await?;
    let mut stored = stored;
    for event in stored.events(&EventSelection::default(), u32::MAX).await? {
        if let Some(id) = Id::parse(&event.key.event_id) {
            missing.remove(&id);
        }
    }
    Ok(missing)
}

pub(super) async fn compare(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    for event in &case.world.events {
        let age_s = case.now_s - event.at_ms.div_euclid(1000);
        if case.missing.contains(&event.id) && age_s < EVENTS_REACH_S - 3600 {
            findings.push(format!("{} {} was never stored", event.id, event.kind));
        }
    }
    let mut tx = case.store.begin().await?;
    for event in &case.world.events {
        let id = event.id.to_string();
        let times = tx.watermark(&counter(&id)).await?.unwrap_or(0);
        let should_be = i64::from(!case.missing.contains(&event.id));
        if times != should_be {
            findings.push(format!("{id} {} was handled {times} times", event.kind));
        }
    }
    drop(tx);
    let mut read = case.store.read().await?;
    let summary = read.inbox_summary().await?;
    if summary.count(InboxState::Dead) > 0 {
        let selection = EventSelection {
            state: Some(InboxState::Dead),
            ..EventSelection::default()
        };
        for event in read.events(&selection, u32::MAX).await? {
            let why = event.last_error.unwrap_or_default();
            let id = event.key.event_id;
            findings.push(format!("{id} {} is dead: {why}", event.kind));
        }
    }
    Ok(())
}
