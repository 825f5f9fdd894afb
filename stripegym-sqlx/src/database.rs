//! Which database, by its address.

use std::sync::Arc;

use stripegym_core::Store;

use crate::migrate::MigrateError;
#[cfg(feature = "postgres")]
use crate::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteStore;

/// An open database, chosen at run time from an address.
///
/// ```
/// # async fn run(file: &str) -> Result<(), Box<dyn std::error::Error>> {
/// use stripegym_core::Processor;
/// use stripegym_sqlx::Database;
///
/// let database = Database::connect(&format!("sqlite:{file}")).await?;
/// database.migrate().await?;
/// let processor = Processor::new(database.store());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Database {
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(PostgresStore),
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteStore),
}

/// Why a database could not be opened. Never repeats the address: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Not an address that this build understands.
    #[error("the database address must look like sqlite:PATH or postgres://USER@HOST/NAME")]
    Address,
    /// An address of the right kind with something wrong in it.
    #[error("the database address is not valid")]
    Malformed(#[source] sqlx::Error),
    /// SQLite's in-memory and nameless databases vanish with each connection.
    #[error("an in-memory SQLite database would lose every payment; name a file")]
    InMemory,
    /// No answer, or not the wanted one.
    #[error("the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// PostgreSQL runs with `fsync = off`.
    #[error("PostgreSQL runs with fsync = off and would lose acknowledged events; turn it on")]
    FsyncOff,
}

impl Database {
    /// Opens `sqlite:PATH`, creating the file if need be, or
    /// `postgres://…` / `postgresql://…`.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        match address.split_once(':') {
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => {
                PostgresStore::connect(address).await.map(Self::Postgres)
            }
            #[cfg(feature = "sqlite")]
            Some(("sqlite", _)) => SqliteStore::connect(address).await.map(Self::Sqlite),
            _ => Err(ConnectError::Address),
        }
    }

    /// Creates the library's tables or brings them up to date. Any number of
    /// processes may do so at once.
    ///
    /// # Errors
    /// When a statement fails, or the tables come from a newer release.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.migrate().await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.migrate().await,
        }
    }

    /// The store, for the processor.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::new(store.clone()),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::new(store.clone()),
        }
    }

    /// Closes all connections, after what is under way on them.
    pub async fn close(&self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.pool().close().await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => {
                store.readers().close().await;
                store.writer().close().await;
            }
        }
    }
}
