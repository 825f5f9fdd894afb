//! From columns to the library's values; the same for both databases.

pub(crate) mod outbox;

use stripegym_core::checkout::{CheckoutMode, CheckoutStatus, PaymentStatus};
use stripegym_core::id::{CheckoutSessionId, CustomerId, Id, PaymentIntentId};
use stripegym_core::ledger::Account;
use stripegym_core::store::{
    AccountBalance, CallKey, CallState, CheckoutSessionRow, FrozenCall, InboxKey, InboxState,
    InboxSummary, JournalEntry, Owner, Purchase, PurchaseStatus, StoreError, StoredEvent,
};
use stripegym_core::{Amount, Currency, Timestamp};

use crate::error::corrupt;

/// `id, owner, customer, mode, status, payment_status, amount_total, currency,
/// payment_intent, product_name, created, livemode`
pub(crate) type SessionColumns = (
    String,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    bool,
);

pub(crate) fn session(columns: SessionColumns) -> Result<CheckoutSessionRow, StoreError> {
    let (session, owned_by, customer, mode, status, payment_status, ..) = &columns;
    let (.., minor, code, payment_intent, _, created, livemode) = &columns;
    let total = match (minor, code) {
        (Some(minor), Some(code)) => Some(amount(*minor, code)?),
        _ => None,
    };
    Ok(CheckoutSessionRow {
        id: id(session)?,
        owner: owned_by.clone().map(owner).transpose()?,
        customer: customer.as_deref().map(id::<CustomerId>).transpose()?,
        mode: CheckoutMode::from_stripe(mode),
        status: CheckoutStatus::from_stripe(status),
        payment_status: PaymentStatus::from_stripe(payment_status),
        total,
        payment_intent: payment_intent
            .as_deref()
            .map(id::<PaymentIntentId>)
            .transpose()?,
        created: *created,
        livemode: *livemode,
        product_name: columns.9,
    })
}

/// `id, product_name, amount_total, currency, created, paid`
pub(crate) type PurchaseColumns = (String, Option<String>, i64, String, i64, bool);

pub(crate) fn purchase(columns: PurchaseColumns) -> Result<Purchase, StoreError> {
    let (session, product_name, minor, code, created, paid) = columns;
    Ok(Purchase {
        session_id: id::<CheckoutSessionId>(&session)?,
        product_name,
        amount: amount(minor, &code)?,
        status: if paid {
            PurchaseStatus::Paid
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
    let account = Account::from_name(&name).ok_or_else(|| corrupt("a ledger account"))?;
    Ok(AccountBalance {
        account,
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
/// attempts, last_error, payload`
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
);

pub(crate) fn stored_event(columns: EventColumns) -> Result<StoredEvent, StoreError> {
    let (account, livemode, event_id, kind, object_id, created, received_at, ..) = columns;
    let (.., state, attempts, last_error, payload) = columns;
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
        state: inbox_state(&state)?,
        attempts: u32::try_from(attempts).unwrap_or(0),
        last_error,
        payload: payload.into(),
    })
}
