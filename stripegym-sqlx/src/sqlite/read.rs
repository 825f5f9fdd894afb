//! Queries on SQLite.

use async_trait::async_trait;
use sqlx::Arguments as _;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use stripegym_core::id::CustomerId;
use stripegym_core::store::{
    AccountBalance, EventSelection, InboxState, InboxSummary, InvoiceCursor, InvoiceRow,
    ObjectKind, ObjectRow, Owner, Purchase, PurchaseCursor, Read, StoreError, StoredEvent,
    SubscriptionRow,
};

use super::records;
use crate::error::sort;
use crate::rows;

/// A purchase is paid once the ledger says so, or where there was nothing to pay.
const PURCHASES: &str = "
    SELECT s.id, s.product_name, s.amount_total, s.currency, s.created,
           (t.id IS NOT NULL OR s.amount_total = 0) AS paid, s.payment_failed
    FROM stripegym_checkout_sessions AS s
    LEFT JOIN stripegym_ledger_transactions AS t
        ON t.rule = 'checkout_paid' AND t.object_id = s.payment_intent
    WHERE s.owner = ?1 AND s.status = 'complete' AND s.mode = 'payment'
      AND s.amount_total IS NOT NULL
      AND (?2 IS NULL OR (s.created, s.id) < (?2, ?3))
    ORDER BY s.created DESC, s.id DESC
    LIMIT ?4";

const SUBSCRIPTIONS: &str = "
    WHERE customer = (SELECT customer FROM stripegym_customers WHERE owner = ?1)
    ORDER BY created DESC, id DESC";

const INVOICES: &str = "
    WHERE customer = (SELECT customer FROM stripegym_customers WHERE owner = ?1)
      AND status <> 'draft'
      AND (?2 IS NULL OR (created, id) < (?2, ?3))
    ORDER BY created DESC, id DESC
    LIMIT ?4";

const CUSTOMER_OF: &str = "SELECT customer FROM stripegym_customers WHERE owner = ?1";

const TRIAL_BALANCE: &str = "
    SELECT account, currency, SUM(amount) FROM stripegym_ledger_postings
    GROUP BY account, currency ORDER BY account, currency";

const EVENTS: &str = "
    SELECT account, livemode, event_id, type, object_id, created, received_at, state, attempts,
           last_error, payload, receipt
    FROM stripegym_inbox_events
    WHERE (?1 IS NULL OR event_id = ?1)
      AND (?2 IS NULL OR state = ?2)
      AND (?3 IS NULL OR type = ?3)
      AND (?4 IS NULL OR created >= ?4)
      AND (?5 IS NULL OR created < ?5)
    ORDER BY created DESC, event_id DESC LIMIT ?6";

const UNBALANCED: &str = "
    SELECT DISTINCT t.rule, t.object_id FROM stripegym_ledger_transactions AS t
    JOIN (
        SELECT transaction_id FROM stripegym_ledger_postings
        GROUP BY transaction_id, currency HAVING SUM(amount) <> 0
    ) AS off ON off.transaction_id = t.id
    ORDER BY t.rule, t.object_id";

const INBOX_SUMMARY: &str = "
    SELECT state, COUNT(*), MIN(received_at) FROM stripegym_inbox_events GROUP BY state";

pub(super) struct SqliteRead(pub(super) PoolConnection<Sqlite>);

#[async_trait]
impl Read for SqliteRead {
    async fn purchases(
        &mut self,
        owner: &Owner,
        cursor: Option<&PurchaseCursor>,
        limit: u32,
    ) -> Result<Vec<Purchase>, StoreError> {
        let found: Vec<rows::PurchaseColumns> = sqlx::query_as(PURCHASES)
            .bind(owner.as_str())
            .bind(cursor.map(|cursor| cursor.created))
            .bind(cursor.map(|cursor| cursor.session_id.as_str()))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(rows::purchase).collect()
    }

    async fn customer_of(&mut self, owner: &Owner) -> Result<Option<CustomerId>, StoreError> {
        let found: Option<String> = sqlx::query_scalar(CUSTOMER_OF)
            .bind(owner.as_str())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        found.as_deref().map(rows::id).transpose()
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        records::row(&mut self.0, kind, id).await
    }

    async fn rows(
        &mut self,
        kind: ObjectKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ObjectRow>, StoreError> {
        records::rows(&mut self.0, kind, after, limit).await
    }

    async fn subscriptions(&mut self, owner: &Owner) -> Result<Vec<SubscriptionRow>, StoreError> {
        let owner = owner.as_str().to_owned();
        let found = records::fetch(&mut self.0, SUBSCRIPTIONS, |arguments| arguments.add(owner));
        let mut subscriptions = Vec::new();
        for fields in found.await? {
            subscriptions.push(records::with_items(&mut self.0, fields).await?);
        }
        Ok(subscriptions)
    }

    async fn invoices(
        &mut self,
        owner: &Owner,
        cursor: Option<&InvoiceCursor>,
        limit: u32,
    ) -> Result<Vec<InvoiceRow>, StoreError> {
        records::fetch(&mut self.0, INVOICES, |arguments| {
            arguments.add(owner.as_str().to_owned())?;
            arguments.add(cursor.map(|cursor| cursor.created))?;
            arguments.add(cursor.map(|cursor| cursor.id.as_str().to_owned()))?;
            arguments.add(i64::from(limit))
        })
        .await
    }

    async fn trial_balance(&mut self) -> Result<Vec<AccountBalance>, StoreError> {
        let found: Vec<rows::BalanceColumns> = sqlx::query_as(TRIAL_BALANCE)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(rows::balance).collect()
    }

    async fn events(
        &mut self,
        selection: &EventSelection,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let found: Vec<rows::EventColumns> = sqlx::query_as(EVENTS)
            .bind(&selection.event_id)
            .bind(selection.state.map(InboxState::as_str))
            .bind(&selection.kind)
            .bind(selection.created_from)
            .bind(selection.created_before)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        found.into_iter().map(rows::stored_event).collect()
    }

    async fn unbalanced(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        sqlx::query_as(UNBALANCED)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)
    }

    async fn inbox_summary(&mut self) -> Result<InboxSummary, StoreError> {
        let found: Vec<rows::StateColumns> = sqlx::query_as(INBOX_SUMMARY)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        rows::inbox_summary(found)
    }
}
