//! Heads, rows, owners and watermarks on PostgreSQL.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::id::CustomerId;
use stripegym_core::store::{
    CustomerLink, Head, ObjectKind, ObjectRow, ObjectTx, Owner, StoreError, StoreErrorKind,
};

use super::{PostgresTx, records};
use crate::error::sort;
use crate::rows::{self, HeadColumns};

const HEAD: &str = "
    SELECT created, fence, fetch_fence, fetched_at, gone FROM stripegym_object_heads
    WHERE object_id = $1 FOR UPDATE";

/// Whoever comes second finds it there, and has to look again.
const FIRST_HEAD: &str = "
    INSERT INTO stripegym_object_heads (object_id, created, fence, fetch_fence, fetched_at, gone)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (object_id) DO NOTHING";

const NEXT_HEAD: &str = "
    UPDATE stripegym_object_heads
    SET created = $2, fence = $3, fetch_fence = $4, fetched_at = $5, gone = $6
    WHERE object_id = $1";

const FENCE: &str = "SELECT nextval('stripegym_fence')";

const WATERMARK: &str = "SELECT value FROM stripegym_watermarks WHERE name = $1";

const PUT_WATERMARK: &str = "
    INSERT INTO stripegym_watermarks (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

const LINK: &str = "
    INSERT INTO stripegym_customers (owner, customer, linked_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING";

const LINKS: &str = "
    SELECT owner, customer FROM stripegym_customers WHERE owner = $1 OR customer = $2
    ORDER BY owner = $1 DESC LIMIT 1";

#[async_trait]
impl ObjectTx for PostgresTx {
    async fn head(&mut self, object_id: &str) -> Result<Option<Head>, StoreError> {
        let found: Option<HeadColumns> = sqlx::query_as(HEAD)
            .bind(object_id)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        Ok(found.map(rows::head))
    }

    async fn put_head(
        &mut self,
        object_id: &str,
        head: &Head,
        is_first: bool,
    ) -> Result<(), StoreError> {
        let written = sqlx::query(if is_first { FIRST_HEAD } else { NEXT_HEAD })
            .bind(object_id)
            .bind(head.created)
            .bind(head.fence)
            .bind(head.fetched.map(|fetch| fetch.fence))
            .bind(head.fetched.map(|fetch| fetch.at))
            .bind(head.gone)
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        match written.rows_affected() {
            1 => Ok(()),
            _ => Err(StoreError::new(StoreErrorKind::Contended)),
        }
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        records::row(&mut self.0, kind, id).await
    }

    async fn put_row(&mut self, row: &ObjectRow, now: Timestamp) -> Result<(), StoreError> {
        records::put_row(&mut self.0, row, now).await
    }

    async fn remove_row(&mut self, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
        records::remove_row(&mut self.0, kind, id).await
    }

    async fn next_fence(&mut self) -> Result<i64, StoreError> {
        sqlx::query_scalar(FENCE)
            .fetch_one(&mut *self.0)
            .await
            .map_err(sort)
    }

    async fn watermark(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(WATERMARK)
            .bind(name)
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)
    }

    async fn put_watermark(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        sqlx::query(PUT_WATERMARK)
            .bind(name)
            .bind(value)
            .execute(&mut *self.0)
            .await
            .map(drop)
            .map_err(sort)
    }

    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<CustomerLink, StoreError> {
        let linked = sqlx::query(LINK)
            .bind(owner.as_str())
            .bind(customer.as_str())
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        if linked.rows_affected() == 1 {
            return Ok(CustomerLink::Linked);
        }
        let bound: Option<(String, String)> = sqlx::query_as(LINKS)
            .bind(owner.as_str())
            .bind(customer.as_str())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        match bound {
            Some((o, c)) if o == owner.as_str() && c == customer.as_str() => {
                Ok(CustomerLink::Linked)
            }
            Some((o, c)) if o == owner.as_str() => Ok(CustomerLink::OwnerHas(rows::id(&c)?)),
            Some((o, _)) => Ok(CustomerLink::CustomerOf(rows::owner(o)?)),
            None => Err(StoreError::new(StoreErrorKind::Contended)),
        }
    }
}
