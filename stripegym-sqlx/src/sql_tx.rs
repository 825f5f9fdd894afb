//! Users' own SQL within the library's transaction.

use stripegym_core::Tx;

/// The open database connection behind a [`Tx`]: what you do on it commits
/// together with the library's writes, or not at all.
///
/// Do not commit or roll back on it.
pub trait SqlTx {
    /// The connection, if the store is PostgreSQL.
    #[cfg(feature = "postgres")]
    fn postgres(&mut self) -> Option<&mut sqlx::PgConnection>;

    /// The connection, if the store is SQLite.
    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection>;
}

impl SqlTx for dyn Tx {
    #[cfg(feature = "postgres")]
    fn postgres(&mut self) -> Option<&mut sqlx::PgConnection> {
        self.as_any()
            .downcast_mut::<crate::postgres::PostgresTx>()
            .map(|tx| &mut *tx.0)
    }

    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection> {
        self.as_any()
            .downcast_mut::<crate::sqlite::SqliteTx>()
            .map(|tx| &mut *tx.0)
    }
}
