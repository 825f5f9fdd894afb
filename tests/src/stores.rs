//! The same story on every store.

use std::ops::Deref;
use std::sync::Arc;

use stripegym_core::{MemoryStore, Store};
use stripegym_sqlx::Database;

use crate::TestDb;

/// An empty store that is gone when the test ends.
#[derive(Debug)]
pub struct TestStore {
    store: Arc<dyn Store>,
    database: Option<(Database, TestDb)>,
}

impl TestStore {
    /// In memory.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            database: None,
        }
    }

    /// On a database, with its tables made.
    ///
    /// # Panics
    /// When the database does not work.
    pub async fn on(db: TestDb) -> Self {
        let database = Database::connect(db.url())
            .await
            .expect("the test database opens");
        database.migrate().await.expect("the tables are made");
        Self {
            store: database.store(),
            database: Some((database, db)),
        }
    }

    /// The store.
    #[must_use]
    pub fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The database behind it; none in memory.
    #[must_use]
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref().map(|(database, _)| database)
    }
}

impl Deref for TestStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        self.store.as_ref()
    }
}

/// Writes one story once and tells it in memory, on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! stores {
    ($($(#[$meta:meta])* async fn $story:ident($store:ident: TestStore) $body:block)*) => {$(
        $(#[$meta])*
        mod $story {
            #[allow(unused_imports)]
            use super::*;

            async fn story($store: $crate::TestStore) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                story($crate::TestStore::memory()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story($crate::TestStore::on($crate::TestDb::sqlite()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(db) = $crate::TestDb::postgres().await {
                    story($crate::TestStore::on(db).await).await;
                }
            }
        }
    )*};
}
