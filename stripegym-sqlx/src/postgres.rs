//! The store on PostgreSQL.

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
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use stripegym_core::store::{Read, Store, StoreError, Tx, Wakeups};

use crate::database::ConnectError;
use crate::error::sort;
use crate::migrate::{MigrateError, migrator, sources};

/// Where receipts are announced; `ANNOUNCE` names it, too.
const CHANNEL: &str = "stripegym_inbox";
const ANNOUNCE: &str = "SELECT pg_notify('stripegym_inbox', '')";
const CONNECTIONS_MAX: u32 = 10;
/// Stripe is better told to come back than kept waiting.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The store on PostgreSQL. Clones share one pool.
#[derive(Clone)]
pub struct PostgresStore(PgPool);

impl PostgresStore {
    /// Opens a pool and checks that the server keeps what it acknowledges.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        let options: PgConnectOptions = address.parse().map_err(ConnectError::Malformed)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(ConnectError::Open)?;
        let (fsync, commit): (String, String) = sqlx::query_as(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')",
        )
        .fetch_one(&pool)
        .await
        .map_err(ConnectError::Open)?;
        if fsync == "off" {
            return Err(ConnectError::FsyncOff);
        }
        if commit == "off" {
            tracing::warn!(
                "synchronous_commit is off: a crash of the server loses acknowledged events"
            );
        }
        Ok(Self(pool))
    }

    /// Uses a pool that you opened yourself.
    #[must_use]
    pub fn from_pool(pool: PgPool) -> Self {
        Self(pool)
    }

    /// Creates the library's tables or brings them up to date. An advisory
    /// lock keeps processes apart that start at once.
    ///
    /// # Errors
    /// When a statement fails, or the tables come from a newer release.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let mut connection = self.0.acquire().await?;
        // `run` would need its futures to be `Send` in a way the compiler cannot see.
        Ok(migrator(&sources!("postgres"))
            .run_direct(None, &mut *connection, false)
            .await?)
    }

    /// The pool, for your own queries.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.0
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(PostgresTx(self.0.begin().await.map_err(sort)?)))
    }

    async fn read(&self) -> Result<Box<dyn Read>, StoreError> {
        Ok(Box::new(read::PostgresRead(
            self.0.acquire().await.map_err(sort)?,
        )))
    }

    async fn listen(&self) -> Result<Box<dyn Wakeups>, StoreError> {
        let mut listener = PgListener::connect_with(&self.0).await.map_err(sort)?;
        listener.listen(CHANNEL).await.map_err(sort)?;
        Ok(Box::new(Listening(listener)))
    }

    async fn announce(&self) -> Result<(), StoreError> {
        let told = sqlx::query(ANNOUNCE).execute(&self.0).await;
        told.map(|_| ()).map_err(sort)
    }
}

/// Hears of every commit that received something, in this process or another.
struct Listening(PgListener);

#[async_trait]
impl Wakeups for Listening {
    async fn next(&mut self) -> Result<(), StoreError> {
        // Also `None`: the connection was lost and made anew, and who knows
        // what was said meanwhile.
        self.0.try_recv().await.map(|_| ()).map_err(sort)
    }
}

pub(crate) struct PostgresTx(pub(crate) Transaction<'static, Postgres>);

#[async_trait]
impl Tx for PostgresTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.0.commit().await.map_err(sort)
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
