//! The library's tables. Their record is `_stripegym_migrations`, so your own
//! migrations and theirs never meet.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[error("the tables could not be brought up to date")]
pub struct MigrateError(#[from] sqlx::migrate::MigrateError);

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

/// `(version, name, sql)` each, in order.
type Source = (i64, &'static str, &'static str);

pub(crate) fn migrator(sources: &[Source]) -> Migrator {
    let migration = |(version, name, sql): &Source| {
        let sql = SqlStr::from_static(sql);
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    };
    let mut migrator = Migrator::with_migrations(sources.iter().map(migration).collect());
    migrator.dangerous_set_table_name("_stripegym_migrations");
    migrator
}

/// The files of one database.
macro_rules! sources {
    ($database:literal) => {
        [
            (
                1,
                "inbox",
                include_str!(concat!("../migrations/", $database, "/0001_inbox.sql")),
            ),
            (
                2,
                "ledger",
                include_str!(concat!("../migrations/", $database, "/0002_ledger.sql")),
            ),
            (
                3,
                "objects",
                include_str!(concat!("../migrations/", $database, "/0003_objects.sql")),
            ),
            (
                4,
                "journal",
                include_str!(concat!("../migrations/", $database, "/0004_journal.sql")),
            ),
            (
                5,
                "ledger_queries",
                include_str!(concat!(
                    "../migrations/",
                    $database,
                    "/0005_ledger_queries.sql"
                )),
            ),
            (
                6,
                "outbox",
                include_str!(concat!("../migrations/", $database, "/0006_outbox.sql")),
            ),
            (
                7,
                "projections",
                include_str!(concat!(
                    "../migrations/",
                    $database,
                    "/0007_projections.sql"
                )),
            ),
        ]
    };
}

pub(crate) use sources;
