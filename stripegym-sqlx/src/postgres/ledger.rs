//! The ledger on PostgreSQL.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::ledger::{Posting, Transaction};
use stripegym_core::store::{LedgerTx, StoreError, StoreErrorKind};

use super::PostgresTx;
use crate::error::sort;

const TRANSACTION: &str = "
    INSERT INTO stripegym_ledger_transactions (rule, object_id, customer, occurred_at, posted_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (rule, object_id) DO NOTHING
    RETURNING id";

const POSTING: &str = "
    INSERT INTO stripegym_ledger_postings
        (transaction_id, line, account, currency, amount, match_ref)
    VALUES ($1, $2, $3, $4, $5, $6)";

const POSTED: &str = "
    SELECT p.account, p.currency, p.amount, p.match_ref
    FROM stripegym_ledger_postings AS p
    JOIN stripegym_ledger_transactions AS t ON t.id = p.transaction_id
    WHERE t.rule = $1 AND t.object_id = $2
    ORDER BY p.line";

const IS_POSTED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM stripegym_ledger_transactions WHERE rule = $1 AND object_id = $2
    )";

#[async_trait]
impl LedgerTx for PostgresTx {
    async fn post(&mut self, entry: &Transaction, now: Timestamp) -> Result<(), StoreError> {
        let id: Option<i64> = sqlx::query_scalar(TRANSACTION)
            .bind(entry.key().rule)
            .bind(&entry.key().object_id)
            .bind(entry.customer().map(|id| id.as_str()))
            .bind(entry.occurred_at())
            .bind(now.unix_ms())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        let Some(id) = id else {
            return self.compare(entry).await;
        };
        for (line, posting) in (0_i32..).zip(entry.postings()) {
            sqlx::query(POSTING)
                .bind(id)
                .bind(line)
                .bind(posting.account.as_str())
                .bind(posting.amount.currency().as_str())
                .bind(posting.amount.minor())
                .bind(&posting.match_ref)
                .execute(&mut *self.0)
                .await
                .map_err(sort)?;
        }
        Ok(())
    }

    async fn is_posted(&mut self, rule: &str, object_id: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(IS_POSTED)
            .bind(rule)
            .bind(object_id)
            .fetch_one(&mut *self.0)
            .await
            .map_err(sort)
    }
}

impl PostgresTx {
    /// The key is taken: by the same lines, or is something badly wrong?
    async fn compare(&mut self, entry: &Transaction) -> Result<(), StoreError> {
        let posted: Vec<(String, String, i64, Option<String>)> = sqlx::query_as(POSTED)
            .bind(entry.key().rule)
            .bind(&entry.key().object_id)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        let same = |(line, posting): (&(String, String, i64, Option<String>), &Posting)| {
            line.0 == posting.account.as_str()
                && line.1 == posting.amount.currency().as_str()
                && line.2 == posting.amount.minor()
                && line.3 == posting.match_ref
        };
        if posted.len() == entry.postings().len() && posted.iter().zip(entry.postings()).all(same) {
            Ok(())
        } else {
            Err(StoreError::new(StoreErrorKind::PostingConflict))
        }
    }
}
