#![doc = include_str!("../README.md")]

mod database;
mod error;
mod migrate;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod rows;
mod sql_tx;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use database::{ConnectError, Database};
pub use migrate::MigrateError;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use sql_tx::SqlTx;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
