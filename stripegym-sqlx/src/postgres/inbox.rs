//! The inbox on PostgreSQL.

use std::collections::BTreeSet;

use async_trait::async_trait;
use stripegym_core::store::{
    Claim, Claimed, EventSelection, InboxKey, InboxState, InboxTx, Lease, ObjectTx, Receipt,
    StoreError, Verdict, Wanted,
};
use stripegym_core::{Event, Timestamp};

use super::PostgresTx;
use crate::error::sort;
use crate::rows::{self, claimed, held, taken};

const RECEIVE: &str = "
    INSERT INTO stripegym_inbox_events
        (account, livemode, event_id, type, object_id, api_version, created, payload,
         received_at, next_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
    ON CONFLICT (account, livemode, event_id) DO NOTHING";

/// Many at once, in one round trip. `ON CONFLICT` also covers an event that
/// stands in the batch twice.
const RECEIVE_ALL: &str = "
    INSERT INTO stripegym_inbox_events
        (account, livemode, event_id, type, object_id, api_version, created, payload,
         received_at, next_at)
    SELECT *, $9::bigint, $9::bigint FROM UNNEST(
        $1::text[], $2::bool[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
        $8::bytea[])
    ON CONFLICT (account, livemode, event_id) DO NOTHING
    RETURNING account, livemode, event_id";

const STATE: &str = "
    SELECT state FROM stripegym_inbox_events
    WHERE account = $1 AND livemode = $2 AND event_id = $3";

/// Takes over a lease that has run out by the same statement that takes a
/// waiting event: a new token makes the old one worthless. What a crash left
/// comes first. Each half reads one row from the front of its own index,
/// however long the queue.
const CLAIM_NEXT: &str = "
    WITH left_over AS MATERIALIZED (
        SELECT account, livemode, event_id FROM stripegym_inbox_events
        WHERE state = 'processing' AND lease_until <= $1
        ORDER BY lease_until LIMIT 1
        FOR UPDATE SKIP LOCKED
    ), waiting AS MATERIALIZED (
        SELECT account, livemode, event_id FROM stripegym_inbox_events AS due
        WHERE state IN ('received', 'retry')
          AND (state = 'received' OR next_at <= $1)
          AND NOT EXISTS (SELECT 1 FROM left_over)
          AND NOT EXISTS (
              SELECT 1 FROM stripegym_inbox_events AS busy
              WHERE busy.account = due.account AND busy.livemode = due.livemode
                AND busy.object_id = due.object_id AND busy.state = 'processing')
        ORDER BY next_at LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE stripegym_inbox_events AS mine
    SET state = 'processing', attempts = mine.attempts + 1,
        lease_token = nextval('stripegym_fence'), lease_until = $2
    FROM (SELECT * FROM left_over UNION ALL SELECT * FROM waiting) AS next
    WHERE mine.account = next.account AND mine.livemode = next.livemode
      AND mine.event_id = next.event_id
    RETURNING mine.account, mine.livemode, mine.event_id, mine.lease_token, mine.attempts,
        mine.payload, mine.receipt";

const CLAIM_EVENT: &str = "
    WITH wanted AS MATERIALIZED (
        SELECT account, livemode, event_id FROM stripegym_inbox_events AS due
        WHERE account = $3 AND livemode = $4 AND event_id = $5
          AND (state = 'received'
               OR (state = 'retry' AND next_at <= $1)
               OR (state = 'processing' AND lease_until <= $1))
          AND NOT EXISTS (
              SELECT 1 FROM stripegym_inbox_events AS busy
              WHERE busy.account = due.account AND busy.livemode = due.livemode
                AND busy.object_id = due.object_id AND busy.state = 'processing'
                AND busy.event_id <> due.event_id)
        FOR UPDATE SKIP LOCKED
    )
    UPDATE stripegym_inbox_events AS mine
    SET state = 'processing', attempts = mine.attempts + 1,
        lease_token = nextval('stripegym_fence'), lease_until = $2
    FROM wanted
    WHERE mine.account = wanted.account AND mine.livemode = wanted.livemode
      AND mine.event_id = wanted.event_id
    RETURNING mine.account, mine.livemode, mine.event_id, mine.lease_token, mine.attempts,
        mine.payload, mine.receipt";

const REVIVE: &str = "
    UPDATE stripegym_inbox_events SET state = 'retry', next_at = $6, attempts = 0
    WHERE ($1::text IS NULL OR event_id = $1)
      AND ($2::text IS NULL OR state = $2)
      AND ($3::text IS NULL OR type = $3)
      AND ($4::bigint IS NULL OR created >= $4)
      AND ($5::bigint IS NULL OR created < $5)
      AND state IN ('done', 'dead')";

const RENEW: &str = "
    UPDATE stripegym_inbox_events SET lease_token = $5, lease_until = $6
    WHERE account = $1 AND livemode = $2 AND event_id = $3 AND lease_token = $4";

const COMPLETE: &str = "
    UPDATE stripegym_inbox_events
    SET state = 'done', done_at = $5, lease_token = NULL, lease_until = NULL, last_error = NULL
    WHERE account = $1 AND livemode = $2 AND event_id = $3 AND lease_token = $4";

const GIVE_BACK: &str = "
    UPDATE stripegym_inbox_events
    SET state = $5, next_at = COALESCE($6, next_at), last_error = $7,
        lease_token = NULL, lease_until = NULL
    WHERE account = $1 AND livemode = $2 AND event_id = $3 AND lease_token = $4";

#[async_trait]
impl InboxTx for PostgresTx {
    async fn receive(&mut self, event: &Event, now: Timestamp) -> Result<Receipt, StoreError> {
        let key = InboxKey::of(event);
        let inserted = sqlx::query(RECEIVE)
            .bind(&key.account)
            .bind(key.livemode)
            .bind(&key.event_id)
            .bind(event.kind())
            .bind(event.object_id())
            .bind(event.api_version())
            .bind(event.created())
            .bind(event.payload().as_ref())
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        if inserted.rows_affected() == 1 {
            return Ok(Receipt::New);
        }
        self.state(&key).await.map(Receipt::Known)
    }

    async fn receive_all(
        &mut self,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<Receipt>, StoreError> {
        let keys: Vec<_> = events.iter().map(InboxKey::of).collect();
        let column = |read: fn(&InboxKey) -> &str| keys.iter().map(read).collect::<Vec<_>>();
        let inserted: Vec<(String, bool, String)> = sqlx::query_as(RECEIVE_ALL)
            .bind(column(|key| &key.account))
            .bind(keys.iter().map(|key| key.livemode).collect::<Vec<_>>())
            .bind(column(|key| &key.event_id))
            .bind(events.iter().map(Event::kind).collect::<Vec<_>>())
            .bind(events.iter().map(Event::object_id).collect::<Vec<_>>())
            .bind(events.iter().map(Event::api_version).collect::<Vec<_>>())
            .bind(events.iter().map(Event::created).collect::<Vec<_>>())
            .bind(
                events
                    .iter()
                    .map(|event| event.payload().as_ref())
                    .collect::<Vec<_>>(),
            )
            .bind(now.unix_ms())
            .fetch_all(&mut *self.0)
            .await
            .map_err(sort)?;
        let key = |(account, livemode, event_id)| InboxKey {
            account,
            livemode,
            event_id,
        };
        let mut new: BTreeSet<InboxKey> = inserted.into_iter().map(key).collect();
        let mut receipts = Vec::with_capacity(events.len());
        for key in &keys {
            receipts.push(if new.remove(key) {
                Receipt::New
            } else {
                Receipt::Known(self.state(key).await?)
            });
        }
        Ok(receipts)
    }

    async fn claim(
        &mut self,
        wanted: Wanted<'_>,
        lease: Lease,
    ) -> Result<Option<Claimed>, StoreError> {
        let claim = match wanted {
            Wanted::Next => sqlx::query_as(CLAIM_NEXT)
                .bind(lease.now.unix_ms())
                .bind(lease.until.unix_ms()),
            Wanted::Event(key) => sqlx::query_as(CLAIM_EVENT)
                .bind(lease.now.unix_ms())
                .bind(lease.until.unix_ms())
                .bind(&key.account)
                .bind(key.livemode)
                .bind(&key.event_id),
        };
        let row = claim.fetch_optional(&mut *self.0).await.map_err(taken)?;
        Ok(row.map(claimed))
    }

    async fn revive(
        &mut self,
        selection: &EventSelection,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        sqlx::query(REVIVE)
            .bind(&selection.event_id)
            .bind(selection.state.map(InboxState::as_str))
            .bind(&selection.kind)
            .bind(selection.created_from)
            .bind(selection.created_before)
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map(|revived| revived.rows_affected())
            .map_err(sort)
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<Claim, StoreError> {
        let token = self.next_fence().await?;
        let renewed = sqlx::query(RENEW)
            .bind(&claim.key.account)
            .bind(claim.key.livemode)
            .bind(&claim.key.event_id)
            .bind(claim.token)
            .bind(token)
            .bind(until.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        held(renewed.rows_affected())?;
        Ok(Claim {
            token,
            ..claim.clone()
        })
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let done = sqlx::query(COMPLETE)
            .bind(&claim.key.account)
            .bind(claim.key.livemode)
            .bind(&claim.key.event_id)
            .bind(claim.token)
            .bind(now.unix_ms())
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        held(done.rows_affected())
    }

    async fn give_back(
        &mut self,
        claim: &Claim,
        verdict: Verdict,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (state, next_at) = match verdict {
            Verdict::RetryAt(at) => ("retry", Some(at.unix_ms())),
            Verdict::Dead => ("dead", None),
        };
        let given = sqlx::query(GIVE_BACK)
            .bind(&claim.key.account)
            .bind(claim.key.livemode)
            .bind(&claim.key.event_id)
            .bind(claim.token)
            .bind(state)
            .bind(next_at)
            .bind(reason)
            .execute(&mut *self.0)
            .await
            .map_err(sort)?;
        held(given.rows_affected())
    }
}

impl PostgresTx {
    async fn state(&mut self, key: &InboxKey) -> Result<InboxState, StoreError> {
        let state: String = sqlx::query_scalar(STATE)
            .bind(&key.account)
            .bind(key.livemode)
            .bind(&key.event_id)
            .fetch_one(&mut *self.0)
            .await
            .map_err(sort)?;
        rows::inbox_state(&state)
    }
}
