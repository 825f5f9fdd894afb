//! Statements of the ledger on SQLite, and what has not drained.

use async_trait::async_trait;
use stripegym_core::Currency;
use stripegym_core::id::CustomerId;
use stripegym_core::ledger::Account;
use stripegym_core::store::{
    LedgerRead, OpenClearing, PostedTransaction, StatementCursor, StatementLine, StoreError,
    TransactionCursor,
};

use super::read::SqliteRead;
use crate::error::sort;
use crate::rows::ledger as rows;

/// The comparison of rows, and not of their parts, lets the index begin where
/// the last page ended.
const STATEMENT: &str = "
    SELECT p.transaction_id, p.line, t.rule, t.object_id, t.customer, t.occurred_at,
           p.amount, p.currency, p.match_ref
    FROM stripegym_ledger_postings AS p
    JOIN stripegym_ledger_transactions AS t ON t.id = p.transaction_id
    WHERE p.account = ?1 AND p.currency = ?2 AND (p.transaction_id, p.line) < (?3, ?4)
    ORDER BY p.transaction_id DESC, p.line DESC
    LIMIT ?5";

const CUSTOMER_STATEMENT: &str = "
    SELECT t.id, t.rule, t.object_id, t.occurred_at, p.account, p.currency, p.amount, p.match_ref
    FROM (
        SELECT id, rule, object_id, occurred_at FROM stripegym_ledger_transactions
        WHERE customer = ?1 AND id < ?2
        ORDER BY id DESC
        LIMIT ?3
    ) AS t
    LEFT JOIN stripegym_ledger_postings AS p ON p.transaction_id = t.id
    ORDER BY t.id DESC, p.line";

/// First the sums that are not zero; 1000 is `OPEN_CLEARING_MAX`. Then, for
/// each of these, how much moved from each moment on: the last moment from
/// which on all that is open moved is when it began to be open. Lines without
/// a reference have no such story, only a first one. Left alone, SQLite takes
/// the index of the statements and sorts.
const OPEN_CLEARING: &str = "
    WITH open AS MATERIALIZED (
        SELECT match_ref, currency, SUM(amount) AS amount, MIN(transaction_id) AS first
        FROM stripegym_ledger_postings INDEXED BY stripegym_ledger_postings_clearing
        WHERE account = 'stripe:clearing'
        GROUP BY match_ref, currency HAVING SUM(amount) <> 0
        ORDER BY first LIMIT 1000
    )
    SELECT o.match_ref, o.currency, o.amount, COALESCE((
        SELECT MAX(movements.occurred_at) FROM (
            SELECT t.occurred_at, SUM(p.amount) OVER (ORDER BY t.occurred_at DESC) AS moved
            FROM stripegym_ledger_postings AS p
            JOIN stripegym_ledger_transactions AS t ON t.id = p.transaction_id
            WHERE p.account = 'stripe:clearing'
              AND p.match_ref = o.match_ref AND p.currency = o.currency
        ) AS movements
        WHERE movements.moved = o.amount
    ), (
        SELECT t.occurred_at FROM stripegym_ledger_transactions AS t WHERE t.id = o.first
    )) AS since
    FROM open AS o
    ORDER BY since, o.match_ref, o.currency
    LIMIT ?1";

#[async_trait]
impl LedgerRead for SqliteRead {
    async fn statement(
        &mut self,
        account: Account,
        currency: Currency,
        cursor: Option<StatementCursor>,
        limit: u32,
    ) -> Result<Vec<StatementLine>, StoreError> {
        let cursor = cursor.unwrap_or(rows::NEWEST);
        let found: Vec<rows::StatementColumns> = sqlx::query_as(STATEMENT)
            .bind(account.as_str())
            .bind(currency.as_str())
            .bind(cursor.transaction)
            .bind(cursor.line)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(rows::statement_line).collect()
    }

    async fn customer_statement(
        &mut self,
        customer: &CustomerId,
        cursor: Option<TransactionCursor>,
        limit: u32,
    ) -> Result<Vec<PostedTransaction>, StoreError> {
        let before = cursor.map_or(rows::NEWEST.transaction, |cursor| cursor.0);
        let found: Vec<rows::PostedColumns> = sqlx::query_as(CUSTOMER_STATEMENT)
            .bind(customer.as_str())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        rows::posted(found)
    }

    async fn open_clearing(&mut self, limit: u32) -> Result<Vec<OpenClearing>, StoreError> {
        let found: Vec<rows::OpenColumns> = sqlx::query_as(OPEN_CLEARING)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(rows::open_clearing).collect()
    }
}
