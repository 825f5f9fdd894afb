//! Heads, rows, owners and watermarks in memory.

use async_trait::async_trait;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::{MemoryTx, State};
use crate::clock::Timestamp;
use crate::id::CustomerId;
use crate::invoice::InvoiceStatus;
use crate::store::{
    CustomerLink, Head, InvoiceCursor, InvoiceRow, ObjectKind, ObjectRow, ObjectTx, Owner,
    StoreError, SubscriptionRow,
};

/// Rows by kind and id.
pub(super) type Rows = BTreeMap<(ObjectKind, Arc<str>), Arc<ObjectRow>>;

#[async_trait]
impl ObjectTx for MemoryTx {
    async fn head(&mut self, object_id: &str) -> Result<Option<Head>, StoreError> {
        Ok(self.work.heads.get(object_id).copied())
    }

    async fn put_head(
        &mut self,
        object_id: &str,
        head: &Head,
        _is_first: bool,
    ) -> Result<(), StoreError> {
        self.work.heads.insert(object_id.into(), *head);
        Ok(())
    }

    async fn row(&mut self, kind: ObjectKind, id: &str) -> Result<Option<ObjectRow>, StoreError> {
        Ok(self.work.row(kind, id))
    }

    async fn put_row(&mut self, row: &ObjectRow, _now: Timestamp) -> Result<(), StoreError> {
        let key = (row.kind(), row.id().into());
        self.work.rows.insert(key, Arc::new(row.clone()));
        Ok(())
    }

    async fn remove_row(&mut self, kind: ObjectKind, id: &str) -> Result<(), StoreError> {
        self.work.rows.remove(&(kind, id.into()));
        Ok(())
    }

    async fn next_fence(&mut self) -> Result<i64, StoreError> {
        self.work.fence += 1;
        Ok(self.work.fence)
    }

    async fn watermark(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.work.watermarks.get(name).copied())
    }

    async fn put_watermark(&mut self, name: &str, value: i64) -> Result<(), StoreError> {
        self.work.watermarks.insert(name.to_owned(), value);
        Ok(())
    }

    async fn link_customer(
        &mut self,
        owner: &Owner,
        customer: &CustomerId,
        _now: Timestamp,
    ) -> Result<CustomerLink, StoreError> {
        if let Some(bound) = self.work.customers.get(owner) {
            return Ok(if bound == customer {
                CustomerLink::Linked
            } else {
                CustomerLink::OwnerHas(bound.clone())
            });
        }
        if let Some((other, _)) = self.work.customers.iter().find(|(_, c)| *c == customer) {
            return Ok(CustomerLink::CustomerOf(other.clone()));
        }
        self.work.customers.insert(owner.clone(), customer.clone());
        Ok(CustomerLink::Linked)
    }
}

impl State {
    pub(super) fn row(&self, kind: ObjectKind, id: &str) -> Option<ObjectRow> {
        let row = self.rows.get(&(kind, id.into()))?;
        Some(ObjectRow::clone(row))
    }

    pub(super) fn rows_after(
        &self,
        kind: ObjectKind,
        after: Option<&str>,
    ) -> impl Iterator<Item = &ObjectRow> {
        let from = match after {
            Some(id) => Bound::Excluded((kind, id.into())),
            None => Bound::Included((kind, "".into())),
        };
        let mine = move |((of, _), _): &(&(ObjectKind, Arc<str>), &Arc<ObjectRow>)| *of == kind;
        let rows = self.rows.range((from, Bound::Unbounded)).take_while(mine);
        rows.map(|(_, row)| row.as_ref())
    }

    pub(super) fn subscriptions(&self, owner: &Owner) -> Vec<SubscriptionRow> {
        let Some(customer) = self.customers.get(owner) else {
            return Vec::new();
        };
        let theirs = |row: &ObjectRow| match row {
            ObjectRow::Subscription(row) if row.fields.customer == *customer => Some(row.clone()),
            _ => None,
        };
        let rows = self.rows_after(ObjectKind::Subscription, None);
        let mut found: Vec<_> = rows.filter_map(theirs).collect();
        found.sort_by_key(|row| Reverse((row.fields.created, row.fields.id.clone())));
        found
    }

    pub(super) fn invoices(
        &self,
        owner: &Owner,
        cursor: Option<&InvoiceCursor>,
        limit: usize,
    ) -> Vec<InvoiceRow> {
        let Some(customer) = self.customers.get(owner) else {
            return Vec::new();
        };
        let theirs = |row: &ObjectRow| match row {
            ObjectRow::Invoice(row)
                if row.customer.as_ref() == Some(customer)
                    && row.status != InvoiceStatus::Draft
                    && cursor.is_none_or(|c| (row.created, &row.id) < (c.created, &c.id)) =>
            {
                Some(row.clone())
            }
            _ => None,
        };
        let rows = self.rows_after(ObjectKind::Invoice, None);
        let mut found: Vec<_> = rows.filter_map(theirs).collect();
        found.sort_by_key(|row| Reverse((row.created, row.id.clone())));
        found.truncate(limit);
        found
    }
}
