//! From columns to what is told of the ledger.

use stripegym_core::id::CustomerId;
use stripegym_core::ledger::Posting;
use stripegym_core::store::{
    OpenClearing, PostedTransaction, StatementCursor, StatementLine, StoreError, TransactionCursor,
};

use super::{account, amount, id};
use crate::error::corrupt;

/// The place before the newest line.
pub(crate) const NEWEST: StatementCursor = StatementCursor {
    transaction: i64::MAX,
    line: i32::MAX,
};

/// `transaction_id, line, rule, object_id, customer, occurred_at, amount,
/// currency, match_ref`
pub(crate) type StatementColumns = (
    i64,
    i32,
    String,
    String,
    Option<String>,
    i64,
    i64,
    String,
    Option<String>,
);

pub(crate) fn statement_line(columns: StatementColumns) -> Result<StatementLine, StoreError> {
    let (transaction, line, rule, object_id, customer, occurred_at, minor, code, match_ref) =
        columns;
    Ok(StatementLine {
        cursor: StatementCursor { transaction, line },
        rule,
        object_id,
        customer: customer.as_deref().map(id::<CustomerId>).transpose()?,
        occurred_at,
        amount: amount(minor, &code)?,
        match_ref,
    })
}

/// `id, rule, object_id, occurred_at, account, currency, amount, match_ref`:
/// one row for each line, in the order of the transactions.
pub(crate) type PostedColumns = (
    i64,
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
);

pub(crate) fn posted(rows: Vec<PostedColumns>) -> Result<Vec<PostedTransaction>, StoreError> {
    let mut all: Vec<PostedTransaction> = Vec::new();
    for (number, rule, object_id, occurred_at, name, code, minor, match_ref) in rows {
        let cursor = TransactionCursor(number);
        if all.last().is_none_or(|last| last.cursor != cursor) {
            all.push(PostedTransaction {
                cursor,
                rule,
                object_id,
                occurred_at,
                postings: Vec::new(),
            });
        }
        let posting = match (name, code, minor) {
            (Some(name), Some(code), Some(minor)) => Posting {
                account: account(&name)?,
                amount: amount(minor, &code)?,
                match_ref,
            },
            // A transaction without lines.
            (None, None, None) => continue,
            _ => return Err(corrupt("a ledger posting")),
        };
        if let Some(last) = all.last_mut() {
            last.postings.push(posting);
        }
    }
    Ok(all)
}

/// `match_ref, currency, amount, since`
pub(crate) type OpenColumns = (Option<String>, String, i64, i64);

pub(crate) fn open_clearing(columns: OpenColumns) -> Result<OpenClearing, StoreError> {
    let (match_ref, code, minor, since) = columns;
    Ok(OpenClearing {
        match_ref,
        amount: amount(minor, &code)?,
        since,
    })
}
