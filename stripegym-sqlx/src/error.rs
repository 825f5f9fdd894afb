//! The driver's errors, sorted by what the caller can do about them.

use sqlx::Error;
use stripegym_core::store::{StoreError, StoreErrorKind};

pub(crate) fn sort(error: Error) -> StoreError {
    let kind = match &error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        // A conversation cut short, as by a server that is going down.
        | Error::Protocol(_) => StoreErrorKind::Unavailable,
        Error::ColumnDecode { .. } | Error::Decode(_) | Error::ColumnNotFound(_) => {
            StoreErrorKind::Corrupt
        }
        // SQLite has no code of its own for a sum that does not fit.
        Error::Database(database) if database.message() == "integer overflow" => {
            StoreErrorKind::Overflow
        }
        Error::Database(database) => kind_of_code(database.code().as_deref().unwrap_or_default()),
        _ => StoreErrorKind::Failed,
    };
    StoreError::with_source(kind, error)
}

/// PostgreSQL's SQLSTATE or SQLite's extended result code.
fn kind_of_code(code: &str) -> StoreErrorKind {
    match code {
        // serialization_failure, deadlock_detected, lock_not_available
        "40001" | "40P01" | "55P03" => StoreErrorKind::Contended,
        // numeric_value_out_of_range: a sum is numeric, and our cast refused it.
        "22003" => StoreErrorKind::Overflow,
        // Starting up, shutting down, out of connections or disk; connection lost.
        _ if code.len() == 5
            && ["08", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class)) =>
        {
            StoreErrorKind::Unavailable
        }
        _ => match code.parse::<u32>().map(|extended| extended & 0xff) {
            // SQLITE_BUSY, SQLITE_LOCKED.
            Ok(5 | 6) if code.len() < 5 => StoreErrorKind::Contended,
            // SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN.
            Ok(10 | 13 | 14) if code.len() < 5 => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Failed,
        },
    }
}

/// A row that does not read back.
pub(crate) fn corrupt(what: &'static str) -> StoreError {
    StoreError::with_source(StoreErrorKind::Corrupt, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_are_told_apart() {
        for (code, kind) in [
            ("40001", StoreErrorKind::Contended),
            ("57P01", StoreErrorKind::Unavailable),
            ("53300", StoreErrorKind::Unavailable),
            ("22003", StoreErrorKind::Overflow),
            ("5", StoreErrorKind::Contended),
            ("13", StoreErrorKind::Unavailable),
            ("517", StoreErrorKind::Contended),
            ("1034", StoreErrorKind::Unavailable),
            ("23505", StoreErrorKind::Failed),
            ("2067", StoreErrorKind::Failed),
            ("", StoreErrorKind::Failed),
        ] {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}
