//! The application's own tables, beside the library's in the same database.
//!
//! PostgreSQL and SQLite understand the same text of every statement here, so
//! there is one text each, and [`on_reader`] and [`on_writer`] run it.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{PgPool, SqlStr, SqlitePool};
use stripegym_sqlx::Database;

/// The connections behind a [`Database`].
#[derive(Debug, Clone)]
pub(crate) enum Pools {
    Postgres(PgPool),
    /// One connection writes and several read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
}

/// Runs a statement that reads on whichever database it is.
macro_rules! on_reader {
    ($pools:expr, |$pool:ident| $statement:expr) => {
        match $pools {
            $crate::database::Pools::Postgres($pool) => $statement,
            $crate::database::Pools::Sqlite { readers: $pool, .. } => $statement,
        }
    };
}

/// Runs a statement that writes on whichever database it is.
macro_rules! on_writer {
    ($pools:expr, |$pool:ident| $statement:expr) => {
        match $pools {
            $crate::database::Pools::Postgres($pool) => $statement,
            $crate::database::Pools::Sqlite { writer: $pool, .. } => $statement,
        }
    };
}

pub(crate) use {on_reader, on_writer};

/// The files of one database.
macro_rules! sources {
    ($database:literal) => {
        [
            (1, "accounts", migration!($database, "0001_accounts")),
            (2, "instance", migration!($database, "0002_instance")),
        ]
    };
}

macro_rules! migration {
    ($database:literal, $name:literal) => {
        include_str!(concat!(
            "../../../migrations/app/",
            $database,
            "/",
            $name,
            ".sql"
        ))
    };
}

impl Pools {
    /// `None` for a kind of database that the library learnt and the app did not.
    pub(crate) fn of(database: &Database) -> Option<Self> {
        match database {
            Database::Postgres(store) => Some(Self::Postgres(store.pool().clone())),
            Database::Sqlite(store) => Some(Self::Sqlite {
                writer: store.writer().clone(),
                readers: store.readers().clone(),
            }),
            _ => None,
        }
    }

    /// Creates the app's tables or brings them up to date. Any number of
    /// processes may do so at once: PostgreSQL has an advisory lock for it, and
    /// SQLite its write lock, taken before the first look.
    pub(crate) async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Postgres(pool) => migrator(&sources!("postgres")).run(pool).await,
            Self::Sqlite { writer, .. } => {
                let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
                migrator(&sources!("sqlite")).run(&mut *tx).await?;
                Ok(tx.commit().await?)
            }
        }
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), sqlx::Error> {
        on_reader!(self, |pool| sqlx::query("SELECT 1")
            .execute(pool)
            .await
            .map(drop))
    }
}

fn migrator(sources: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        let sql = SqlStr::from_static(sql);
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    };
    let mut migrator = Migrator::with_migrations(sources.iter().map(migration).collect());
    migrator.dangerous_set_table_name("_app_migrations");
    migrator
}
