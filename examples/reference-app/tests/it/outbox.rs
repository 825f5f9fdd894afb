//! The outbox at the command line.

use std::path::Path;
use std::process::{Command, Output};

use stripegym_core::store::{Effect, Lease, Verdict};
use stripegym_core::{Clock, Store, SystemClock};
use stripegym_sqlx::Database;
use stripegym_tests::databases;
use tempfile::TempDir;

fn run(dir: &Path, url: &str, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reference-app"))
        .current_dir(dir)
        .args(words.split(' '))
        .env_clear()
        .env("DATABASE_URL", url)
        .output()
        .expect("the program runs")
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A mail that nobody wants, and an alarm that waits.
async fn fill(store: &dyn Store) {
    let now = SystemClock.now();
    let mut tx = store.begin().await.unwrap();
    for name in ["mail.receipt", "slack.sale"] {
        let effect = Effect::new("in_1", name, "hide@example.com").unwrap();
        tx.enqueue(&effect, now).await.unwrap();
    }
    let mails = ["mail.*".to_owned()];
    let claimed = tx.claim_effect(Lease { now, until: now }, &mails).await;
    let claim = claimed.unwrap().unwrap().claim;
    tx.give_back_effect(&claim, Verdict::Dead, "no such mailbox", now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

databases! {
    async fn an_operator_sees_what_could_not_be_sent_and_has_it_sent_after_all(db: TestDb) {
        let dir = TempDir::new().unwrap();
        let ask = |words: &str| run(dir.path(), db.url(), words);
        assert_eq!(told(&ask("outbox list")), "No effects.\n");
        let database = Database::connect(db.url()).await.unwrap();
        fill(&*database.store()).await;
        database.close().await;

        let all = told(&ask("outbox list"));
        assert!(all.contains("mail.receipt") && all.contains("slack.sale"), "{all}");
        assert!(!all.contains("hide@example.com"), "{all}");
        let dead = told(&ask("outbox list --state dead"));
        assert!(dead.contains("no such mailbox") && !dead.contains("slack.sale"), "{dead}");
        assert_eq!(told(&ask("outbox list --object in_2")), "No effects.\n");

        let dry = told(&ask("outbox replay --dry-run"));
        assert!(dry.contains("mail.receipt") && dry.contains("Nothing was replayed"), "{dry}");
        assert!(!dry.contains("slack.sale"), "{dry}");
        let unclear = ask("outbox replay");
        assert_eq!(unclear.status.code(), Some(1), "{unclear:?}");
        assert_eq!(told(&ask("outbox replay --name slack.sale")), "0 effects are due again.\n");
        assert_eq!(told(&ask("outbox replay --all")), "1 effects are due again.\n");
        assert_eq!(told(&ask("outbox list --state dead")), "No effects.\n");
    }
}
