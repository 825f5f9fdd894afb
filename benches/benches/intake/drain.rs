//! How fast workers empty an inbox: every event a sale, with its session, its
//! customer and its booking.

use std::time::Duration;

use stripegym_core::store::InboxState;
use stripegym_core::{Clock as _, SystemClock};
use stripegym_sqlx::Database;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Outcome;
use super::serve::queued;

const LOOK: Duration = Duration::from_millis(10);

/// Lets so many workers, each of a processor of its own, drain what is there;
/// answers with events done in a second.
pub(crate) async fn events_per_second(database: &str, workers: usize) -> Outcome<u64> {
    let database = Database::connect(database).await?;
    let before = open(&database).await?;
    let started = SystemClock.now();
    let mut draining = JoinSet::new();
    for _ in 0..workers {
        let processor = queued(&database);
        draining.spawn(async move { processor.drain().await });
    }
    for drained in draining.join_all().await {
        drained?;
    }
    // One that was claimed while another worker looked is not lost, only later.
    while open(&database).await? > 0 {
        queued(&database).drain().await?;
        sleep(LOOK).await;
    }
    let took_ms = u64::try_from(SystemClock.now().since(started).as_millis())?;
    let summary = database.store().read().await?.inbox_summary().await?;
    let dead = summary.count(InboxState::Dead);
    if dead > 0 {
        return Err(format!("{dead} events became dead letters").into());
    }
    database.close().await;
    Ok(before * 1000 / took_ms.max(1))
}

/// How many events are neither done nor dead.
pub(crate) async fn open(database: &Database) -> Outcome<u64> {
    let summary = database.store().read().await?.inbox_summary().await?;
    let states = [
        InboxState::Received,
        InboxState::Processing,
        InboxState::Retry,
    ];
    Ok(states.iter().map(|state| summary.count(*state)).sum())
}
