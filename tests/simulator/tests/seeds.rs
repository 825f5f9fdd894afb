//! Schedules by the hundred, quickly; `simulate` runs them by the million.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use stripegym_core::store::ObjectKind;
use stripegym_core::{Clock, MemoryStore, Store, SystemClock};
use stripegym_simulator::oracle;
use stripegym_simulator::schedule::{draw, run_seed};

fn all_is_well(seeds: impl Iterator<Item = u64>) {
    let (mut counted, mut run) = (0, 0);
    for seed in seeds {
        let report = run_seed(seed, false);
        assert!(
            report.findings.is_empty(),
            "seed {seed}: {:#?}",
            report.findings
        );
        // About one in two thousand has fewer events than a schedule that counts.
        counted += u64::from(report.is_counted());
        run += 1;
    }
    assert!(counted * 20 >= run * 19, "{counted} of {run} count");
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
fn a_row_that_is_taken_away_afterwards_is_missed() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for seed in 0..10 {
        let (schedule, world) = draw(seed);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let report = schedule.run_over(&world, &store, false);
        assert!(report.findings.is_empty(), "seed {seed}");
        let findings = runtime.block_on(async {
            let kind = ObjectKind::Customer;
            let rows = store.read().await.unwrap().rows(kind, None, 1).await;
            let mut tx = store.begin().await.unwrap();
            let taken = rows.unwrap();
            tx.remove_row(kind, taken[0].id()).await.unwrap();
            tx.commit().await.unwrap();
            oracle::compare(&world, store.as_ref(), 0, true).await
        });
        let findings = findings.unwrap();
        let is_it = |finding: &String| finding.ends_with("there is no row");
        assert!(findings.iter().any(is_it), "seed {seed}: {findings:?}");
    }
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
