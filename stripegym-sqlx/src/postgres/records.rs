//! Rows of the projections on PostgreSQL.

crate::records::records!(sqlx::PgConnection, sqlx::postgres::PgRow, sqlx::Postgres);
