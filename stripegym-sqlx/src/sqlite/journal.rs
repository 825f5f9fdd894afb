//! The journal of outgoing calls on SQLite.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::store::{
    FrozenCall, JournalEntry, JournalTx, Settlement, StoreError, StoreErrorKind,
};

use super::SqliteTx;
use crate::error::sort;
use crate::rows;

const PLAN: &str = "
    INSERT INTO stripegym_outgoing_calls
        (call_key, generation, idempotency_key, method, path, body, api_version, account,
         state, planned_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'planned', ?9)
    ON CONFLICT (call_key) DO NOTHING";

/// Only the next generation replaces one, and nothing replaces a success.
const REPLAN: &str = "
    UPDATE stripegym_outgoing_calls
    SET generation = ?2, idempotency_key = ?3, method = ?4, path = ?5, body = ?6,
        api_version = ?7, account = ?8, state = 'planned', planned_at = ?9,
        first_sent_at = NULL, settled_at = NULL, last_error = NULL
    WHERE call_key = ?1 AND generation = ?2 - 1 AND state <> 'ok'";

const ENTRY: &str = "
    SELECT generation, idempotency_key, method, path, body, api_version, account,
           state, planned_at, first_sent_at, object_id
    FROM stripegym_outgoing_calls WHERE call_key = ?1";

const SENT: &str = "
    UPDATE stripegym_outgoing_calls
    SET state = 'sent', attempts = attempts + 1, first_sent_at = COALESCE(first_sent_at, ?3)
    WHERE call_key = ?1 AND generation = ?2 AND state <> 'ok'";

const SETTLE: &str = "
    UPDATE stripegym_outgoing_calls
    SET state = ?3, object_id = ?4, last_error = ?5, settled_at = ?6
    WHERE call_key = ?1 AND generation = ?2 AND state <> 'ok'";

#[async_trait]
impl JournalTx for SqliteTx {
    async fn plan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        self.write_call(PLAN, call, now).await?;
        self.journal_entry(call).await
    }

    async fn replan_call(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<JournalEntry, StoreError> {
        self.write_call(REPLAN, call, now).await?;
        self.journal_entry(call).await
    }

    async fn note_call_sent(
        &mut self,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(SENT)
            .bind(call.key.as_str())
            .bind(i64::from(call.generation))
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|_| ())
            .map_err(sort)
    }

    async fn settle_call(
        &mut self,
        call: &FrozenCall,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(SETTLE)
            .bind(call.key.as_str())
            .bind(i64::from(call.generation))
            .bind(settlement.state().as_str())
            .bind(settlement.object_id())
            .bind(settlement.reason())
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|_| ())
            .map_err(sort)
    }
}

impl SqliteTx {
    async fn write_call(
        &mut self,
        sql: &'static str,
        call: &FrozenCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(call.key.as_str())
            .bind(i64::from(call.generation))
            .bind(&call.idempotency_key)
            .bind(&call.method)
            .bind(&call.path)
            .bind(&call.body)
            .bind(&call.api_version)
            .bind(&call.account)
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|_| ())
            .map_err(sort)
    }

    async fn journal_entry(&mut self, call: &FrozenCall) -> Result<JournalEntry, StoreError> {
        let found: Option<rows::CallColumns> = sqlx::query_as(ENTRY)
            .bind(call.key.as_str())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        let found = found.ok_or_else(|| StoreError::new(StoreErrorKind::Contended))?;
        rows::journal_entry(&call.key, found)
    }
}
