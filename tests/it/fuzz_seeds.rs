//! What the fuzzer begins with, written by our own sandbox.

use std::collections::BTreeMap;
use std::path::Path;

use crate::chaos::stripe::Shop;

// Not a check: it renews the files that fuzzing begins with.
#[tokio::test]
#[ignore = "writes files: scripts/fuzz --seeds runs it"]
async fn one_event_of_every_type_becomes_a_seed() {
    let shop = Shop::open(1).await;
    for act in 0..3 {
        shop.act(act).await;
    }
    let events = shop.sandbox.events();
    let of_type: BTreeMap<_, _> = events
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/event");
    std::fs::create_dir_all(&folder).unwrap();
    for (kind, event) in of_type {
        std::fs::write(folder.join(format!("{kind}.json")), event.to_string()).unwrap();
    }
}
