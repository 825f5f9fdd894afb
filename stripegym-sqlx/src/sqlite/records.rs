//! Rows of the projections on SQLite.

crate::records::records!(
    sqlx::SqliteConnection,
    sqlx::sqlite::SqliteRow,
    sqlx::Sqlite
);
