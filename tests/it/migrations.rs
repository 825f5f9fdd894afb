//! The library's tables: on a fresh database, again, and by many at once.

use stripegym_sqlx::Database;
use stripegym_tests::databases;

databases! {
    async fn a_fresh_database_takes_the_tables_and_a_second_time_changes_nothing(db: TestDb) {
        let database = Database::connect(db.url()).await.unwrap();
        database.migrate().await.unwrap();
        database.migrate().await.unwrap();
        let summary = database.store().read().await.unwrap().inbox_summary().await.unwrap();
        assert!(summary.counts.is_empty());
    }

    async fn eight_that_start_at_once_all_find_the_tables(db: TestDb) {
        let mut starting = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let url = db.url().to_owned();
            // A pool of its own each, as processes have.
            starting.spawn(async move {
                let database = Database::connect(&url).await.unwrap();
                database.migrate().await.unwrap();
                database.close().await;
            });
        }
        starting.join_all().await;
    }
}
