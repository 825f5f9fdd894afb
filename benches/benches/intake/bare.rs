//! What SQLite itself commits in a second: the same bytes under the same key,
//! one per commit, and nothing around it.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Executor as _};
use stripegym_core::{Clock as _, SystemClock};

use super::Outcome;
use super::events::{self, Kind};

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS bare_inbox (
        account TEXT NOT NULL, livemode INTEGER NOT NULL, event_id TEXT NOT NULL,
        type TEXT NOT NULL, object_id TEXT, api_version TEXT, created INTEGER NOT NULL,
        payload BLOB NOT NULL, received_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
        PRIMARY KEY (account, livemode, event_id))";

const INSERT: &str = "
    INSERT INTO bare_inbox VALUES ('', 0, ?1, 'customer.subscription.updated',
        'sub_1Sbench00000000000000001', '2026-10-28.endive', 1793000000, ?2,
        1793000000000, 1793000000000)
    ON CONFLICT (account, livemode, event_id) DO NOTHING";

/// Commits in a second, with every one brought to the disk. `first` numbers the
/// first event.
pub(crate) async fn commits_per_second(path: &Path, seconds: u64, first: u64) -> Outcome<u64> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await?;
    connection.execute(TABLE).await?;
    let (started, mut count) = (SystemClock.now(), 0);
    let took = loop {
        let took = SystemClock.now().since(started);
        if took >= Duration::from_secs(seconds) {
            break took;
        }
        let number = first + count;
        sqlx::query(INSERT)
            .bind(events::id(number))
            .bind(events::body(Kind::Subscription, number).into_bytes())
            .execute(&mut connection)
            .await?;
        count += 1;
    };
    let took_ms = u64::try_from(took.as_millis())?;
    Ok(count * 1000 / took_ms.max(1))
}
