//! Forgetting, on SQLite.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::store::{Pruned, RetentionTx, StoreError};

use super::SqliteTx;
use crate::error::sort;

/// Each reads the front of its own index.
const INBOX: &str = "
    DELETE FROM stripegym_inbox_events WHERE rowid IN (
        SELECT rowid FROM stripegym_inbox_events WHERE state = 'done' AND done_at < ?1
        ORDER BY done_at LIMIT ?2)";

const OUTBOX: &str = "
    DELETE FROM stripegym_outbox WHERE rowid IN (
        SELECT rowid FROM stripegym_outbox WHERE state IN ('done', 'dead') AND done_at < ?1
        ORDER BY done_at LIMIT ?2)";

const CALLS: &str = "
    DELETE FROM stripegym_outgoing_calls WHERE call_key IN (
        SELECT call_key FROM stripegym_outgoing_calls WHERE state IN ('ok', 'failed') AND settled_at < ?1
        ORDER BY settled_at LIMIT ?2)";

#[async_trait]
impl RetentionTx for SqliteTx {
    async fn prune(&mut self, before: Timestamp, batch: u32) -> Result<Pruned, StoreError> {
        Ok(Pruned {
            inbox: self.forget(INBOX, before, batch).await?,
            outbox: self.forget(OUTBOX, before, batch).await?,
            calls: self.forget(CALLS, before, batch).await?,
        })
    }
}

impl SqliteTx {
    async fn forget(
        &mut self,
        sql: &'static str,
        before: Timestamp,
        batch: u32,
    ) -> Result<u64, StoreError> {
        sqlx::query(sql)
            .bind(before.unix_ms())
            .bind(i64::from(batch))
            .execute(&mut *self.0)
            .await
            .map(|deleted| deleted.rows_affected())
            .map_err(sort)
    }
}
