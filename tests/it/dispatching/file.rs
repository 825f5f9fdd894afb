//! Effects as lines in a file.

use serde_json::{Value, json};
use std::sync::Arc;
use stripegym_core::dispatch::{Delivery, FileNotifier};
use stripegym_core::store::Effect;
use stripegym_core::{Dispatcher, EffectHandler, MemoryStore, Store, Timestamp};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn delivery(object_id: &str, payload: &'static str) -> Delivery {
    Delivery::first(&Effect::new(object_id, "mail.receipt", payload).unwrap())
}

#[tokio::test]
async fn each_delivery_is_one_line_whatever_the_payload_looks_like() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sent.jsonl");
    let file = FileNotifier::new(&path);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut tx = store.begin().await.unwrap();
    for (object_id, payload) in [("in_1", "{\n  \"to\": \"花子\"\n}"), ("in_2", "two\nlines")] {
        let effect = Effect::new(object_id, "mail.receipt", payload).unwrap();
        tx.enqueue(&effect, Timestamp::from_unix_s(0))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let dispatcher = Dispatcher::builder(store).on("mail.*", file).build();
    assert_eq!(dispatcher.drain().await.unwrap(), 2);

    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |object_id: &str, payload: Value| {
        json!({
            "message_id": delivery(object_id, "").message_id(), "object_id": object_id,
            "name": "mail.receipt", "attempt": 1, "payload": payload,
        })
    };
    assert_eq!(
        lines,
        [
            line("in_1", json!({"to": "花子"})),
            line("in_2", json!("two\nlines"))
        ]
    );
}

#[tokio::test]
async fn a_line_that_a_crash_cut_short_does_not_spoil_the_next() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sent.jsonl");
    std::fs::write(&path, "{\"message_id\":\"cut sh").unwrap();
    FileNotifier::new(&path)
        .deliver(&delivery("in_1", "{}"))
        .await
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let whole: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!((whole.len(), text.lines().count()), (1, 2), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_come_at_once_do_not_run_into_each_other() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sent.jsonl");
    let file = FileNotifier::new(&path);
    let mut writers = JoinSet::new();
    for number in 0..20 {
        let file = file.clone();
        writers.spawn(async move {
            file.deliver(&delivery(&format!("in_{number}"), "{}"))
                .await
                .unwrap();
        });
    }
    writers.join_all().await;
    let text = std::fs::read_to_string(&path).unwrap();
    let objects: std::collections::BTreeSet<_> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["object_id"].to_string())
        .collect();
    assert_eq!((objects.len(), text.lines().count()), (20, 20));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_may_be_there_later() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("not yet");
    let file = FileNotifier::new(folder.join("sent.jsonl"));
    let refused = file.deliver(&delivery("in_1", "{}")).await.unwrap_err();
    assert_eq!(
        refused.kind(),
        stripegym_core::process::HandlerErrorKind::Transient
    );
    std::fs::create_dir(&folder).unwrap();
    file.deliver(&delivery("in_1", "{}")).await.unwrap();
}
