//! Writing rows: each by its object's head, within one transaction.

use std::collections::BTreeMap;

use tracing::warn;

use super::handler::HandlerError;
use super::order::{self, Step, Telling};
use super::source::Fetched;
use crate::clock::Timestamp;
use crate::object::Object;
use crate::projection;
use crate::store::{CustomerLink, Head, LastFetch, ObjectKind, ObjectRow, Owner, StoreError, Tx};

/// An object, by kind and id.
pub(crate) type ObjectKey = (ObjectKind, String);

/// An answer about an object, and the number taken before it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) fence: i64,
    /// When Stripe answered, in seconds since the Unix epoch.
    pub(crate) at: i64,
    /// `None` once it is deleted.
    pub(crate) object: Option<Object>,
}

impl Answer {
    pub(crate) fn new(fence: i64, fetched: Fetched, now: Timestamp) -> Self {
        Self {
            fence,
            at: fetched.at.unwrap_or(now.unix_s()),
            object: fetched.object,
        }
    }
}

/// The rows that one transaction works on. Their heads are locked in the order
/// of their ids, so that two transactions cannot lock crosswise.
pub(crate) struct Rows<'a> {
    pub(crate) tx: &'a mut dyn Tx,
    heads: BTreeMap<String, Option<Head>>,
    /// For kinds that do not tell it themselves.
    livemode: bool,
    now: Timestamp,
}

impl<'a> Rows<'a> {
    pub(crate) async fn lock<'k>(
        tx: &'a mut dyn Tx,
        keys: impl IntoIterator<Item = &'k ObjectKey>,
        livemode: bool,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let ids = keys.into_iter().map(|(_, id)| (id.clone(), None));
        let mut heads: BTreeMap<String, Option<Head>> = ids.collect();
        for (id, head) in &mut heads {
            *head = tx.head(id).await?;
        }
        Ok(Self {
            tx,
            heads,
            livemode,
            now,
        })
    }

    fn head(&self, key: &ObjectKey) -> Option<Head> {
        self.heads.get(&key.1).copied().flatten()
    }

    /// Whether we never heard of it.
    pub(super) fn is_new(&self, key: &ObjectKey) -> bool {
        self.head(key).is_none()
    }

    /// What an event does to the row of its object.
    pub(super) fn step(&self, key: &ObjectKey, told: Telling) -> Step {
        order::decide(self.head(key).as_ref(), told)
    }

    /// Whether the row would stay as it is.
    pub(super) async fn says_already(&mut self, told: &ObjectRow) -> Result<bool, StoreError> {
        let stored = self.tx.row(told.kind(), told.id()).await?;
        Ok(stored.is_some_and(|row| projection::advance(Some(row.clone()), told.clone()) == row))
    }

    async fn put_head(&mut self, key: &ObjectKey, head: Head) -> Result<(), StoreError> {
        let is_first = self.is_new(key);
        self.tx.put_head(&key.1, &head, is_first).await?;
        self.heads.insert(key.1.clone(), Some(head));
        Ok(())
    }

    /// Writes what a fetch found, unless work that began later has written.
    /// `created` is the time of the event that asked for it, if one did.
    /// Answers whether it was written.
    pub(crate) async fn write_answer(
        &mut self,
        key: &ObjectKey,
        answer: &Answer,
        created: Option<i64>,
    ) -> Result<bool, HandlerError> {
        let head = self.head(key);
        if !order::may_write(head.as_ref(), answer.fence) {
            return Ok(false);
        }
        let known = head.map(|head| head.created);
        let next = Head {
            created: known.into_iter().chain(created).max().unwrap_or(0),
            fence: answer.fence,
            fetched: Some(LastFetch {
                fence: answer.fence,
                at: answer.at,
            }),
            gone: answer.object.is_none(),
        };
        self.put_head(key, next).await?;
        match &answer.object {
            Some(object) => {
                let told = projection::project(key.0, object, self.livemode)
                    .map_err(HandlerError::permanent)?;
                self.write_row(told, object).await?;
            }
            None => self.tx.remove_row(key.0, &key.1).await?,
        }
        Ok(true)
    }

    /// Writes what an event of this time says of its object; the event was
    /// claimed under `fence`.
    pub(super) async fn write_payload(
        &mut self,
        told: ObjectRow,
        object: &Object,
        created: i64,
        fence: i64,
    ) -> Result<(), HandlerError> {
        let key = (told.kind(), told.id().to_owned());
        let head = self.head(&key);
        if !order::may_write(head.as_ref(), fence) {
            return Ok(());
        }
        let next = Head {
            created: head.map_or(created, |head| head.created.max(created)),
            fence,
            fetched: head.and_then(|head| head.fetched),
            gone: false,
        };
        self.put_head(&key, next).await?;
        self.write_row(told, object).await
    }

    /// Takes the row of a deleted object away, and leaves a tombstone.
    pub(super) async fn remove(
        &mut self,
        key: &ObjectKey,
        created: i64,
        fence: i64,
    ) -> Result<(), HandlerError> {
        let head = self.head(key);
        let next = Head {
            created,
            fence: head.map_or(fence, |head| head.fence.max(fence)),
            fetched: head.and_then(|head| head.fetched),
            gone: true,
        };
        self.put_head(key, next).await?;
        Ok(self.tx.remove_row(key.0, &key.1).await?)
    }

    async fn write_row(&mut self, told: ObjectRow, object: &Object) -> Result<(), HandlerError> {
        let stored = self.tx.row(told.kind(), told.id()).await?;
        let row = projection::advance(stored, told);
        self.tx.put_row(&row, self.now).await?;
        let bond = match &row {
            ObjectRow::CheckoutSession(row) => row.owner.clone().zip(row.customer.clone()),
            ObjectRow::Subscription(row) => {
                let owner = object.metadata_value(Owner::METADATA_KEY);
                let owner = owner.and_then(|name| Owner::new(name).ok());
                owner.map(|owner| (owner, row.fields.customer.clone()))
            }
            _ => None,
        };
        if let Some((owner, customer)) = bond {
            match self.tx.link_customer(&owner, &customer, self.now).await? {
                CustomerLink::Linked => {}
                // The sale stands all the same; the first bond stays.
                CustomerLink::OwnerHas(_) | CustomerLink::CustomerOf(_) => {
                    warn!(
                        stripe.object = row.id(),
                        "owner and customer are bound elsewhere already"
                    );
                }
            }
        }
        Ok(())
    }
}
