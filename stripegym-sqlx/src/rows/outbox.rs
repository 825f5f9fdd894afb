//! Columns of the outbox.

use stripegym_core::Timestamp;
use stripegym_core::store::{
    ClaimedEffect, EffectClaim, EffectState, OutboxSummary, StoreError, StoreErrorKind,
    StoredEffect,
};

use super::StateColumns;
use crate::error::corrupt;

/// `object_id, name, lease_token, attempts, payload`
pub(crate) type ClaimColumns = (String, String, i64, i32, Vec<u8>);

pub(crate) fn claimed(columns: ClaimColumns) -> ClaimedEffect {
    let (object_id, name, token, attempts, payload) = columns;
    ClaimedEffect {
        claim: EffectClaim {
            object_id,
            name,
            token,
            attempt: u32::try_from(attempts).unwrap_or(u32::MAX),
        },
        payload: payload.into(),
    }
}

/// `object_id, name, state, attempts, enqueued_at, next_at, done_at, last_error,
/// payload`
pub(crate) type EffectColumns = (
    String,
    String,
    String,
    i32,
    i64,
    i64,
    Option<i64>,
    Option<String>,
    Vec<u8>,
);

pub(crate) fn stored_effect(columns: EffectColumns) -> Result<StoredEffect, StoreError> {
    let (object_id, name, state, attempts, enqueued_at, next_at, ..) = columns;
    let (.., done_at, last_error, payload) = columns;
    Ok(StoredEffect {
        object_id,
        name,
        state: effect_state(&state)?,
        attempts: u32::try_from(attempts).unwrap_or(0),
        enqueued_at: Timestamp::from_unix_ms(enqueued_at),
        next_at: Timestamp::from_unix_ms(next_at),
        done_at: done_at.map(Timestamp::from_unix_ms),
        last_error,
        payload: payload.into(),
    })
}

pub(crate) fn summary(rows: Vec<StateColumns>) -> Result<OutboxSummary, StoreError> {
    let mut summary = OutboxSummary::default();
    for (name, count, oldest) in rows {
        let state = effect_state(&name)?;
        summary
            .counts
            .push((state, u64::try_from(count).unwrap_or(0)));
        if !matches!(state, EffectState::Done | EffectState::Dead) {
            let oldest = oldest.map(Timestamp::from_unix_ms);
            summary.oldest_open = summary.oldest_open.into_iter().chain(oldest).min();
        }
    }
    summary.counts.sort_by_key(|(state, _)| *state);
    Ok(summary)
}

fn effect_state(name: &str) -> Result<EffectState, StoreError> {
    EffectState::from_name(name).ok_or_else(|| corrupt("an effect's state"))
}

/// The claim holds exactly if its row was there.
pub(crate) fn held(rows_affected: u64) -> Result<(), StoreError> {
    if rows_affected == 1 {
        Ok(())
    } else {
        Err(StoreError::new(StoreErrorKind::ClaimLost))
    }
}
