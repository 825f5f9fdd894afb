//! From columns to the library's values; the same for both databases.

pub(crate) mod ledger;
pub(crate) mod outbox;

use stripegym_core::id::{CheckoutSessionId, Id};
use stripegym_core::ledger::Account;
use stripegym_core::store::{
    AccountBalance, CallKey, CallState, Claim, Claimed, FrozenCall, Head, InboxKey, InboxState,
    InboxSummary, JournalEntry, LastFetch, Owner, Purchase, PurchaseStatus, StoreError,
    StoreErrorKind, StoredEvent,
};
use stripegym_core::{Amount, Currency, Timestamp};

use crate::error::{corrupt, sort};

/// `id, product_name, amount_total, currency, created, paid, payment_failed`
pub(crate) type PurchaseColumns = (String, Option<String>, i64, String, i64, bool, bool);

pub(crate) fn purchase(columns: PurchaseColumns) -> Result<Purchase, StoreError> {
    let (session, product_name, minor, code, created, paid, failed) = columns;
    Ok(Purchase {
        session_id: id::<CheckoutSessionId>(&session)?,
        product_name,
        amount: amount(minor, &code)?,
        status: if paid {
            PurchaseStatus::Paid
        } else if failed {
            PurchaseStatus::Failed
        } else {
            PurchaseStatus::Processing
        },
        created,
    })
}

/// `account, currency, balance`
pub(crate) type BalanceColumns = (String, String, i64);

pub(crate) fn balance(columns: BalanceColumns) -> Result<AccountBalance, StoreError> {
    let (name, code, minor) = columns;
    Ok(AccountBalance {
        account: account(&name)?,
        balance: amount(minor, &code)?,
    })
}

/// `state, how many, oldest received_at`
pub(crate) type StateColumns = (String, i64, Option<i64>);

pub(crate) fn inbox_summary(rows: Vec<StateColumns>) -> Result<InboxSummary, StoreError> {
    let mut summary = InboxSummary::default();
    for (name, count, oldest) in rows {
        let state = InboxState::from_name(&name).ok_or_else(|| corrupt("an inbox state"))?;
        summary
            .counts
            .push((state, u64::try_from(count).unwrap_or(0)));
        if !matches!(state, InboxState::Done | InboxState::Dead) {
            let oldest = oldest.map(Timestamp::from_unix_ms);
            summary.oldest_open = summary.oldest_open.into_iter().chain(oldest).min();
        }
    }
    summary.counts.sort_by_key(|(state, _)| *state);
    Ok(summary)
}

pub(crate) fn inbox_state(name: &str) -> Result<InboxState, StoreError> {
    InboxState::from_name(name).ok_or_else(|| corrupt("an inbox state"))
}

pub(crate) fn id<T: Id>(text: &str) -> Result<T, StoreError> {
    T::from_stripe(text).map_err(|_| corrupt("a Stripe id"))
}

pub(crate) fn owner(name: String) -> Result<Owner, StoreError> {
    Owner::new(name).map_err(|_| corrupt("an owner"))
}

fn account(name: &str) -> Result<Account, StoreError> {
    Account::from_name(name).ok_or_else(|| corrupt("a ledger account"))
}

fn amount(minor: i64, code: &str) -> Result<Amount, StoreError> {
    let currency = Currency::parse(code).map_err(|_| corrupt("a currency"))?;
    Ok(Amount::new(minor, currency))
}

/// `generation, idempotency_key, method, path, body, api_version, account,
/// state, planned_at, first_sent_at, object_id`
pub(crate) type CallColumns = (
    i64,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    i64,
    Option<i64>,
    Option<String>,
);

pub(crate) fn journal_entry(
    key: &CallKey,
    columns: CallColumns,
) -> Result<JournalEntry, StoreError> {
    let (generation, idempotency_key, method, path, body, api_version, account, ..) = columns;
    let (.., state, planned_at, first_sent_at, object_id) = columns;
    Ok(JournalEntry {
        call: FrozenCall {
            key: key.clone(),
            generation: u32::try_from(generation).map_err(|_| corrupt("a generation"))?,
            idempotency_key,
            method,
            path,
            body,
            api_version,
            account,
        },
        state: CallState::from_name(&state).ok_or_else(|| corrupt("a call's state"))?,
        planned_at: Timestamp::from_unix_ms(planned_at),
        first_sent_at: first_sent_at.map(Timestamp::from_unix_ms),
        object_id,
    })
}

/// `account, livemode, event_id, type, object_id, created, received_at, state,
/// attempts, last_error, payload, receipt`
pub(crate) type EventColumns = (
    String,
    bool,
    String,
    String,
    Option<String>,
    i64,
    i64,
    String,
    i32,
    Option<String>,
    Vec<u8>,
    i64,
);

pub(crate) fn stored_event(columns: EventColumns) -> Result<StoredEvent, StoreError> {
    let (account, livemode, event_id, kind, object_id, created, received_at, ..) = columns;
    let (.., state, attempts, last_error, payload, receipt) = columns;
    Ok(StoredEvent {
        key: InboxKey {
            account,
            livemode,
            event_id,
        },
        kind,
        object_id,
        created,
        received_at: Timestamp::from_unix_ms(received_at),
        receipt,
        state: inbox_state(&state)?,
        attempts: u32::try_from(attempts).unwrap_or(0),
        last_error,
        payload: payload.into(),
    })
}

/// `created, fence, fetch_fence, fetched_at, gone`
pub(crate) type HeadColumns = (i64, i64, Option<i64>, Option<i64>, bool);

pub(crate) fn head(columns: HeadColumns) -> Head {
    let (created, fence, fetch_fence, fetched_at, gone) = columns;
    let fetched = fetch_fence.zip(fetched_at);
    Head {
        created,
        fence,
        fetched: fetched.map(|(fence, at)| LastFetch { fence, at }),
        gone,
    }
}

/// `account, livemode, event_id, lease_token, attempts, payload, receipt`
pub(crate) type ClaimColumns = (String, bool, String, i64, i32, Vec<u8>, i64);

pub(crate) fn claimed(columns: ClaimColumns) -> Claimed {
    let (account, livemode, event_id, token, attempts, payload, receipt) = columns;
    let key = InboxKey {
        account,
        livemode,
        event_id,
    };
    let attempt = u32::try_from(attempts).unwrap_or(u32::MAX);
    Claimed {
        claim: Claim {
            key,
            token,
            attempt,
            receipt,
        },
        payload: payload.into(),
    }
}

/// The index that keeps events of one object apart has spoken.
pub(crate) fn taken(error: sqlx::Error) -> StoreError {
    let unique = error
        .as_database_error()
        .is_some_and(|e| e.is_unique_violation());
    if unique {
        StoreError::with_source(StoreErrorKind::Contended, error)
    } else {
        sort(error)
    }
}

pub(crate) fn held(rows_affected: u64) -> Result<(), StoreError> {
    if rows_affected == 1 {
        Ok(())
    } else {
        Err(StoreError::new(StoreErrorKind::ClaimLost))
    }
}
