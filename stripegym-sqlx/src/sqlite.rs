//! The store on SQLite: one connection that writes, several that read.
//!
//! SQLite has one write lock. A pool of writers would fight over it by polling
//! (32 writers: p99 of 2.3 s); one writer behind a queue serves them in order
//! (0.13 s).

mod inbox;
mod journal;
mod ledger;
mod objects;
mod outbox;
mod read;
mod records;
mod retention;
mod statements;

use std::any::Any;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use stripegym_core::store::{Read, Store, StoreError, Tx};

use crate::database::ConnectError;
use crate::error::sort;
use crate::migrate::{MigrateError, migrator, sources};

const READERS_MAX: u32 = 4;
/// Stripe is better told to come back than kept waiting.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Takes the write lock at once; a plain `BEGIN` may find it taken halfway.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// The store on SQLite. Clones share their connections.
#[derive(Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens a file, creating it if need be, in WAL mode with every commit
    /// brought to disk.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        if address.contains(":memory:") || address.contains("mode=memory") {
            return Err(ConnectError::InMemory);
        }
        let options = SqliteConnectOptions::from_str(address).map_err(ConnectError::Malformed)?;
        // To SQLite, no name means a file that is deleted when it is closed.
        if options.get_filename().as_os_str().is_empty() {
            return Err(ConnectError::InMemory);
        }
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE_TIMEOUT);
        let pool = || SqlitePoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await;
        let writer = writer.map_err(ConnectError::Open)?;
        let readers = pool()
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true));
        Ok(Self {
            writer,
            readers: readers.await.map_err(ConnectError::Open)?,
        })
    }

    /// Creates the library's tables or brings them up to date. SQLite's write
    /// lock keeps processes apart that start at once.
    ///
    /// # Errors
    /// When a statement fails, or the tables come from a newer release.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let mut tx = self.writer.begin_with(BEGIN).await?;
        // `run` would need its futures to be `Send` in a way the compiler cannot see.
        migrator(&sources!("sqlite"))
            .run_direct(None, &mut *tx, false)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The one connection that writes.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// The connections that read.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx(
            self.writer.begin_with(BEGIN).await.map_err(sort)?,
        )))
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        Ok(Box::new(read::SqliteRead(
            self.readers.acquire().await.map_err(sort)?,
        )))
    }
}

pub(crate) struct SqliteTx(pub(crate) Transaction<'static, Sqlite>);

#[async_trait]
impl Tx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.0.commit().await.map_err(sort)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
