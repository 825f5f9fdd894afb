//! Projections on SQLite.

use async_trait::async_trait;
use stripegym_core::Timestamp;
use stripegym_core::id::{CheckoutSessionId, CustomerId};
use stripegym_core::store::{
    CheckoutSessionRow, CustomerLink, ObjectTx, Owner, StoreError, StoreErrorKind,
};

use super::SqliteTx;
use crate::error::sort;
use crate::rows::{self, SessionColumns};

const SESSION: &str = "
    SELECT id, owner, customer, mode, status, payment_status, amount_total, currency,
           payment_intent, product_name, created, livemode
    FROM stripegym_checkout_sessions WHERE id = ?1";

const PUT_SESSION: &str = "
    INSERT INTO stripegym_checkout_sessions
        (id, owner, customer, mode, status, payment_status, amount_total, currency,
         payment_intent, product_name, created, livemode, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (id) DO UPDATE SET
        owner = excluded.owner, customer = excluded.customer, mode = excluded.mode,
        status = excluded.status, payment_status = excluded.payment_status,
        amount_total = excluded.amount_total, currency = excluded.currency,
        payment_intent = excluded.payment_intent, product_name = excluded.product_name,
        created = excluded.created, livemode = excluded.livemode,
        updated_at = excluded.updated_at";

const LINK: &str = "
    INSERT INTO stripegym_customers (owner, customer, linked_at) VALUES (?1, ?2, ?3)
    ON CONFLICT DO NOTHING";

const LINKS: &str = "
    SELECT owner, customer FROM stripegym_customers WHERE owner = ?1 OR customer = ?2
    ORDER BY owner = ?1 DESC LIMIT 1";

#[async_trait]
impl ObjectTx for SqliteTx {
    async fn checkout_session(
        &mut self,
        id: &CheckoutSessionId,
    ) -> Result<Option<CheckoutSessionRow>, StoreError> {
        let row: Option<SessionColumns> = sqlx::query_as(SESSION)
            .bind(id.as_str())
            .fetch_optional(&mut *self.0)
            .await
            .map_err(sort)?;
        row.map(rows::session).transpose()
    }

    async fn put_checkout_session(
        &mut self,
        row: &CheckoutSessionRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(PUT_SESSION)
            .bind(row.id.as_str())
            .bind(row.owner.as_ref().map(Owner::as_str))
            .bind(row.customer.as_ref().map(CustomerId::as_str))
            .bind(row.mode.as_str())
            .bind(row.status.as_str())
            .bind(row.payment_status.as_str())
            .bind(row.total.map(|total| total.minor()))
            .bind(row.total.map(|total| total.currency().to_string()))
            .bind(row.payment_intent.as_ref().map(|id| id.as_str()))
            .bind(row.product_name.as_deref())
            .bind(row.created)
            .bind(row.livemode)
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|_| ())
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
