//! What our own tests share: throwaway databases, signed deliveries, stores
//! that break on command, and waiting on conditions.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr)] // how tests fail

/// The programs in the READMEs compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../README.ja.md")]
struct Readme;

mod boundary;
mod database;
mod delivery;
mod postgres_server;
mod proxy;
mod stores;
mod stripe_mock;
mod wait;

pub use boundary::{Boundaries, Boundary, Crossing};
pub use database::{TestDb, skip};
pub use delivery::{Sender, paid_session};
pub use postgres_server::PostgresServer;
pub use proxy::Proxy;
pub use stores::TestStore;
pub use stripe_mock::StripeMock;
pub use wait::until;

/// Writes one story once and tells it on SQLite and on PostgreSQL.
///
/// ```
/// stripegym_tests::databases! {
///     async fn a_fresh_database_takes_the_tables(db: TestDb) {
///         let database = stripegym_sqlx::Database::connect(db.url()).await.unwrap();
///         database.migrate().await.unwrap();
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! databases {
    ($($(#[$meta:meta])* async fn $story:ident($db:ident: TestDb) $body:block)*) => {$(
        $(#[$meta])*
        mod $story {
            #[allow(unused_imports)]
            use super::*;

            async fn story($db: $crate::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story($crate::TestDb::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(db) = $crate::TestDb::postgres().await {
                    story(db).await;
                }
            }
        }
    )*};
}
