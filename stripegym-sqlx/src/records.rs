//! Rows of the projections, read and written by their columns: one set of
//! statements for every kind of row, and the same on both databases.

use stripegym_core::store::{ColumnType, Record};

/// `a, b, c`
fn columns<R: Record>() -> String {
    let names: Vec<_> = R::COLUMNS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

pub(crate) fn select<R: Record>(rest: &str) -> String {
    format!("SELECT {} FROM {} {rest}", columns::<R>(), R::TABLE)
}

pub(crate) fn delete<R: Record>(column: &str) -> String {
    format!("DELETE FROM {} WHERE {column} = $1", R::TABLE)
}

/// With `updated_at`, where the table has it, as the last value.
pub(crate) fn upsert<R: Record>(has_time: bool) -> String {
    let time = has_time.then_some("updated_at");
    let names: Vec<_> = R::COLUMNS
        .iter()
        .map(|(name, _)| *name)
        .chain(time)
        .collect();
    let values: Vec<_> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let changes: Vec<_> = names
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}",
        R::TABLE,
        names.join(", "),
        values.join(", "),
        changes.join(", "),
    )
}

pub(crate) fn types<R: Record>() -> impl Iterator<Item = (usize, ColumnType)> {
    R::COLUMNS.iter().map(|(_, kind)| *kind).enumerate()
}

/// The functions that need to know the driver's types.
macro_rules! records {
    ($Connection:ty, $Row:ty, $Database:ty) => {
        use sqlx::AssertSqlSafe;
        use stripegym_core::Timestamp;
        use stripegym_core::store::{
            CheckoutSessionRow, ColumnType, CustomerRow, DisputeRow, InvoiceRow, ObjectKind,
            ObjectRow, Record, RefundRow, Scalar, StoreError, SubscriptionFields,
            SubscriptionItemRow, SubscriptionRow, SubscriptionScheduleRow,
        };

        use crate::error::{corrupt, sort};
        use crate::records;

        type Arguments = <$Database as sqlx::Database>::Arguments;

        fn read<R: Record>(row: &$Row) -> Result<R, StoreError> {
            use sqlx::Row as _;
            let mut scalars = Vec::with_capacity(R::COLUMNS.len());
            for (index, kind) in records::types::<R>() {
                scalars.push(match kind {
                    ColumnType::Text => Scalar::Text(row.try_get(index).map_err(sort)?),
                    ColumnType::Int => Scalar::Int(row.try_get(index).map_err(sort)?),
                    ColumnType::Flag => Scalar::Flag(row.try_get(index).map_err(sort)?),
                });
            }
            R::from_scalars(scalars).map_err(|_| corrupt("a projection"))
        }

        /// The rows of a statement that begins with their columns.
        pub(super) async fn fetch<R: Record>(
            connection: &mut $Connection,
            rest: &str,
            bind: impl FnOnce(&mut Arguments) -> Result<(), sqlx::error::BoxDynError>,
        ) -> Result<Vec<R>, StoreError> {
            let mut arguments = Arguments::default();
            bind(&mut arguments).map_err(|error| sort(sqlx::Error::Encode(error)))?;
            let sql = AssertSqlSafe(records::select::<R>(rest));
            let rows = sqlx::query_with(sql, arguments).fetch_all(connection).await;
            rows.map_err(sort)?.iter().map(read).collect()
        }

        async fn by_id<R: Record>(
            connection: &mut $Connection,
            id: &str,
        ) -> Result<Option<R>, StoreError> {
            let rows = fetch(connection, "WHERE id = $1", |arguments| {
                sqlx::Arguments::add(arguments, id.to_owned())
            });
            Ok(rows.await?.pop())
        }

        async fn put<R: Record>(
            connection: &mut $Connection,
            record: &R,
            now: Option<Timestamp>,
        ) -> Result<(), StoreError> {
            let sql = records::upsert::<R>(now.is_some());
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for scalar in record.to_scalars() {
                query = match scalar {
                    Scalar::Text(text) => query.bind(text),
                    Scalar::Int(number) => query.bind(number),
                    Scalar::Flag(flag) => query.bind(flag),
                };
            }
            if let Some(now) = now {
                query = query.bind(now.unix_ms());
            }
            query.execute(connection).await.map(drop).map_err(sort)
        }

        async fn delete<R: Record>(
            connection: &mut $Connection,
            column: &str,
            id: &str,
        ) -> Result<(), StoreError> {
            sqlx::query(AssertSqlSafe(records::delete::<R>(column)))
                .bind(id)
                .execute(connection)
                .await
                .map(drop)
                .map_err(sort)
        }

        pub(super) async fn with_items(
            connection: &mut $Connection,
            fields: SubscriptionFields,
        ) -> Result<SubscriptionRow, StoreError> {
            let id = fields.id.as_str().to_owned();
            let items = fetch(
                connection,
                "WHERE subscription = $1 ORDER BY id",
                |arguments| sqlx::Arguments::add(arguments, id),
            );
            let items = items.await?;
            Ok(SubscriptionRow { fields, items })
        }

        pub(super) async fn row(
            connection: &mut $Connection,
            kind: ObjectKind,
            id: &str,
        ) -> Result<Option<ObjectRow>, StoreError> {
            Ok(match kind {
                ObjectKind::Customer => by_id::<CustomerRow>(connection, id).await?.map(Into::into),
                ObjectKind::CheckoutSession => by_id::<CheckoutSessionRow>(connection, id)
                    .await?
                    .map(Into::into),
                ObjectKind::Subscription => {
                    match by_id::<SubscriptionFields>(connection, id).await? {
                        Some(fields) => Some(with_items(connection, fields).await?.into()),
                        None => None,
                    }
                }
                ObjectKind::SubscriptionSchedule => {
                    by_id::<SubscriptionScheduleRow>(connection, id)
                        .await?
                        .map(Into::into)
                }
                ObjectKind::Invoice => by_id::<InvoiceRow>(connection, id).await?.map(Into::into),
                ObjectKind::Refund => by_id::<RefundRow>(connection, id).await?.map(Into::into),
                ObjectKind::Dispute => by_id::<DisputeRow>(connection, id).await?.map(Into::into),
            })
        }

        pub(super) async fn put_row(
            connection: &mut $Connection,
            row: &ObjectRow,
            now: Timestamp,
        ) -> Result<(), StoreError> {
            let now = Some(now);
            match row {
                ObjectRow::Customer(row) => put(connection, row, now).await,
                ObjectRow::CheckoutSession(row) => put(connection, row, now).await,
                ObjectRow::SubscriptionSchedule(row) => put(connection, row, now).await,
                ObjectRow::Invoice(row) => put(connection, row, now).await,
                ObjectRow::Refund(row) => put(connection, row, now).await,
                ObjectRow::Dispute(row) => put(connection, row, now).await,
                ObjectRow::Subscription(row) => {
                    put(connection, &row.fields, now).await?;
                    let id = row.fields.id.as_str();
                    delete::<SubscriptionItemRow>(connection, "subscription", id).await?;
                    for item in &row.items {
                        put(connection, item, None).await?;
                    }
                    Ok(())
                }
            }
        }

        pub(super) async fn remove_row(
            connection: &mut $Connection,
            kind: ObjectKind,
            id: &str,
        ) -> Result<(), StoreError> {
            match kind {
                ObjectKind::Customer => delete::<CustomerRow>(connection, "id", id).await,
                ObjectKind::CheckoutSession => {
                    delete::<CheckoutSessionRow>(connection, "id", id).await
                }
                ObjectKind::Subscription => {
                    delete::<SubscriptionItemRow>(connection, "subscription", id).await?;
                    delete::<SubscriptionFields>(connection, "id", id).await
                }
                ObjectKind::SubscriptionSchedule => {
                    delete::<SubscriptionScheduleRow>(connection, "id", id).await
                }
                ObjectKind::Invoice => delete::<InvoiceRow>(connection, "id", id).await,
                ObjectKind::Refund => delete::<RefundRow>(connection, "id", id).await,
                ObjectKind::Dispute => delete::<DisputeRow>(connection, "id", id).await,
            }
        }

        async fn page<R: Record>(
            connection: &mut $Connection,
            after: Option<&str>,
            limit: u32,
        ) -> Result<Vec<R>, StoreError> {
            let rest = "WHERE id > $1 ORDER BY id LIMIT $2";
            fetch(connection, rest, |arguments| {
                sqlx::Arguments::add(arguments, after.unwrap_or_default().to_owned())?;
                sqlx::Arguments::add(arguments, i64::from(limit))
            })
            .await
        }

        pub(super) async fn rows(
            connection: &mut $Connection,
            kind: ObjectKind,
            after: Option<&str>,
            limit: u32,
        ) -> Result<Vec<ObjectRow>, StoreError> {
            fn all<R: Into<ObjectRow>>(rows: Vec<R>) -> Vec<ObjectRow> {
                rows.into_iter().map(Into::into).collect()
            }
            Ok(match kind {
                ObjectKind::Customer => all(page::<CustomerRow>(connection, after, limit).await?),
                ObjectKind::CheckoutSession => {
                    all(page::<CheckoutSessionRow>(connection, after, limit).await?)
                }
                ObjectKind::Subscription => {
                    let mut rows = Vec::new();
                    for fields in page::<SubscriptionFields>(connection, after, limit).await? {
                        rows.push(with_items(connection, fields).await?.into());
                    }
                    rows
                }
                ObjectKind::SubscriptionSchedule => {
                    all(page::<SubscriptionScheduleRow>(connection, after, limit).await?)
                }
                ObjectKind::Invoice => all(page::<InvoiceRow>(connection, after, limit).await?),
                ObjectKind::Refund => all(page::<RefundRow>(connection, after, limit).await?),
                ObjectKind::Dispute => all(page::<DisputeRow>(connection, after, limit).await?),
            })
        }
    };
}

pub(crate) use records;
