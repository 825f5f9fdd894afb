//! The outbox on PostgreSQL.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::store::{
    ClaimedEffect, Effect, EffectClaim, EffectSelection, EffectState, Lease, OutboxRead,
    OutboxSummary, OutboxTx, StoreError, StoredEffect, Verdict,
};

use super::PostgresTx;
use super::read::PostgresRead;
use crate::error::sort;
use crate::rows::{self, outbox};

const ENQUEUE: &str = "
    INSERT INTO stripegym_outbox (object_id, name, payload, enqueued_at, next_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (object_id, name) DO NOTHING";

/// The names of open effects are found one by one from the index, and of each
/// that is wanted the row that is due first: however many rows wait, of however
/// many other names, it reads a few. What a crash left comes first. Rows that
/// another dispatcher is about to claim are passed over.
const CLAIM: &str = "
    WITH RECURSIVE open_names (name) AS (
        SELECT MIN(name) FROM stripegym_outbox WHERE state IN ('waiting', 'retry')
        UNION ALL
        SELECT (SELECT MIN(other.name) FROM stripegym_outbox AS other
                WHERE other.state IN ('waiting', 'retry') AND other.name > open_names.name)
        FROM open_names WHERE open_names.name IS NOT NULL
    ), left_over AS MATERIALIZED (
        SELECT object_id, name FROM stripegym_outbox AS late
        WHERE state = 'processing' AND lease_until <= $1
          AND EXISTS (
              SELECT 1 FROM UNNEST($3::text[]) AS pattern
              WHERE late.name = pattern OR (right(pattern, 1) = '*'
                    AND starts_with(late.name, left(pattern, -1))))
        ORDER BY lease_until LIMIT 1
        FOR UPDATE SKIP LOCKED
    ), waiting AS MATERIALIZED (
        SELECT due.object_id, due.name FROM open_names
        CROSS JOIN LATERAL (
            SELECT object_id, name, next_at FROM stripegym_outbox
            WHERE state IN ('waiting', 'retry') AND next_at <= $1 AND name = open_names.name
            ORDER BY next_at LIMIT 1
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE NOT EXISTS (SELECT 1 FROM left_over)
          AND EXISTS (
              SELECT 1 FROM UNNEST($3::text[]) AS pattern
              WHERE open_names.name = pattern OR (right(pattern, 1) = '*'
                    AND starts_with(open_names.name, left(pattern, -1))))
        ORDER BY due.next_at LIMIT 1
    )
    UPDATE stripegym_outbox AS mine
    SET state = 'processing', attempts = mine.attempts + 1,
        lease_token = nextval('stripegym_fence'), lease_until = $2
    FROM (SELECT * FROM left_over UNION ALL SELECT * FROM waiting) AS next
    WHERE mine.object_id = next.object_id AND mine.name = next.name
    RETURNING mine.object_id, mine.name, mine.lease_token, mine.attempts, mine.payload";

const RENEW: &str = "
    UPDATE stripegym_outbox SET lease_until = $4
    WHERE object_id = $1 AND name = $2 AND lease_token = $3";

const COMPLETE: &str = "
    UPDATE stripegym_outbox
    SET state = 'done', done_at = $4, lease_token = NULL, lease_until = NULL, last_error = NULL
    WHERE object_id = $1 AND name = $2 AND lease_token = $3";

const GIVE_BACK: &str = "
    UPDATE stripegym_outbox
    SET state = $4, next_at = COALESCE($5, next_at), done_at = $6, last_error = $7,
        lease_token = NULL, lease_until = NULL
    WHERE object_id = $1 AND name = $2 AND lease_token = $3";

const REVIVE: &str = "
    UPDATE stripegym_outbox SET state = 'retry', next_at = $4, attempts = 0, done_at = NULL
    WHERE ($1::text IS NULL OR object_id = $1)
      AND ($2::text IS NULL OR name = $2)
      AND ($3::text IS NULL OR state = $3)
      AND state = 'dead'";

const EFFECTS: &str = "
    SELECT object_id, name, state, attempts, enqueued_at, next_at, done_at, last_error, payload
    FROM stripegym_outbox
    WHERE ($1::text IS NULL OR object_id = $1)
      AND ($2::text IS NULL OR name = $2)
      AND ($3::text IS NULL OR state = $3)
    ORDER BY enqueued_at DESC, object_id DESC, name DESC LIMIT $4";

const SUMMARY: &str = "
    SELECT state, COUNT(*), MIN(enqueued_at) FROM stripegym_outbox GROUP BY state";

#[async_trait]
impl OutboxTx for PostgresTx {
    async fn enqueue(&mut self, effect: &Effect, now: Timestamp) -> Result<bool, StoreError> {
        sqlx::query(ENQUEUE)
            .bind(effect.object_id())
            .bind(effect.name())
            .bind(effect.payload().as_ref())
            .bind(now.unix_ms())
            .bind(effect.due_at(now).unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|inserted| inserted.rows_affected() == 1)
            .map_err(sort)
    }

    async fn claim_effect(
        &mut self,
        lease: Lease,
        names: &[String],
    ) -> Result<Option<ClaimedEffect>, StoreError> {
        let row = sqlx::query_as(CLAIM)
            .bind(lease.now.unix_ms())
            .bind(lease.until.unix_ms())
            .bind(names)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        Ok(row.map(outbox::claimed))
    }

    async fn renew_effect(
        &mut self,
        claim: &EffectClaim,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let renewed = sqlx::query(RENEW)
            .bind(&claim.object_id)
            .bind(&claim.name)
            .bind(claim.token)
            .bind(until.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        outbox::held(renewed.rows_affected())
    }

    async fn complete_effect(
        &mut self,
        claim: &EffectClaim,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(COMPLETE)
            .bind(&claim.object_id)
            .bind(&claim.name)
            .bind(claim.token)
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        outbox::held(done.rows_affected())
    }

    async fn give_back_effect(
        &mut self,
        claim: &EffectClaim,
        verdict: Verdict,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, next_at, done_at) = match verdict {
            Verdict::RetryAt(at) => (EffectState::Retry, Some(at), None),
            Verdict::Dead => (EffectState::Dead, None, Some(now)),
        };
        let given = sqlx::query(GIVE_BACK)
            .bind(&claim.object_id)
            .bind(&claim.name)
            .bind(claim.token)
            .bind(state.as_str())
            .bind(next_at.map(Timestamp::unix_ms))
            .bind(done_at.map(Timestamp::unix_ms))
            .bind(reason)
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        outbox::held(given.rows_affected())
    }

    async fn revive_effects(
        &mut self,
        selection: &EffectSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        sqlx::query(REVIVE)
            .bind(&selection.object_id)
            .bind(&selection.name)
            .bind(selection.state.map(EffectState::as_str))
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|revived| revived.rows_affected())
            .map_err(sort)
    }
}

#[async_trait]
impl OutboxRead for PostgresRead {
    async fn effects(
        &mut self,
        selection: &EffectSelection,
        limit: u32,
    ) -> Result<Vec<StoredEffect>, StoreError> {
        let found: Vec<outbox::EffectColumns> = sqlx::query_as(EFFECTS)
            .bind(&selection.object_id)
            .bind(&selection.name)
            .bind(selection.state.map(EffectState::as_str))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(outbox::stored_effect).collect()
    }

    async fn outbox_summary(&mut self) -> Result<OutboxSummary, StoreError> {
        let found: Vec<rows::StateColumns> = sqlx::query_as(SUMMARY)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        outbox::summary(found)
    }
}
