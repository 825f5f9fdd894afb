//! Schedules by the hundred, quickly; `simulate` runs them by the million.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use stripegym_core::{Clock, MemoryStore, Store, SystemClock};
use stripegym_simulator::schedule::{draw, run_seed};

fn all_is_well(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let report = run_seed(seed, false);
        assert!(
            report.findings.is_empty(),
            "seed {seed}: {:#?}",
            report.findings
        );
        assert!(report.is_counted(), "seed {seed}: {report:?}");
    }
}

#[test]
fn a_fixed_set_of_schedules_converges() {
    all_is_well(0..80);
}

#[test]
fn schedules_that_nobody_has_seen_converge() {
    let from = SystemClock.now().unix_ms().unsigned_abs();
    println!(
        "seeds {from} to {}; `simulate --seed N` replays one",
        from + 39
    );
    all_is_well(from..from + 40);
}

#[test]
fn a_seed_replays_byte_for_byte() {
    let hash = |seed| {
        let report = run_seed(seed, true);
        assert!(report.trace.len() > 60, "{}", report.trace.len());
        let mut hasher = DefaultHasher::new();
        report.trace.hash(&mut hasher);
        report.counts.boundaries.hash(&mut hasher);
        hasher.finish()
    };
    let mut seen = std::collections::BTreeSet::new();
    for seed in 500..520 {
        assert_eq!(hash(seed), hash(seed), "seed {seed}");
        seen.insert(hash(seed));
    }
    assert_eq!(seen.len(), 20, "other seeds, other traces");
}

/// The oracle would be worth nothing if it were always content.
#[test]
fn an_event_that_the_consumer_never_hears_of_is_missed() {
    let mut tried = 0;
    for seed in 0..25 {
        let (schedule, _) = draw(seed);
        let mut world = schedule.script.play();
        let is_sale = |kind: &str| kind == "checkout.session.completed";
        let Some(at) = world.events.iter().position(|event| is_sale(event.kind)) else {
            continue;
        };
        let session = world.events.remove(at).object;
        // Neither delivered nor listed, as if it had never been.
        world.events.retain(|event| event.object != session);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let report = schedule.run_over(&Arc::new(world), &store, false);
        assert!(!report.findings.is_empty(), "seed {seed}");
        tried += 1;
    }
    assert!(tried > 10, "{tried}");
}

/// `tokio::select!` polls its branches in an order drawn from the operating
/// system unless told otherwise: then no seed would replay.
#[test]
fn nothing_in_core_draws_its_order_from_elsewhere() {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../../stripegym-core/src").into()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir::<std::path::PathBuf>(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for (_, after) in text
                .match_indices("select! {")
                .map(|(at, m)| text.split_at(at + m.len()))
            {
                seen += 1;
                let biased = after.trim_start().starts_with("biased;");
                assert!(biased, "{}: select! without `biased;`", path.display());
            }
        }
    }
    assert!(seen > 3, "{seen}");
}
