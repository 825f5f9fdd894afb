//! The properties of the fuzz targets, by proptest: for machines without a
//! nightly compiler. `scripts/fuzz` gives it its time.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)] // how tests fail

mod properties;

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};
use stripegym_core::{Clock, SystemClock};

/// Cases between two looks at the clock.
const CASES: u32 = 256;

fn budget() -> Duration {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(20, |text| text.parse().unwrap());
    Duration::from_secs(seconds)
}

/// Runs a property over and over, from other chances each time, until its time is up.
fn for_a_while<S: Strategy>(what: &str, strategy: &S, property: impl Fn(S::Value)) {
    let (begun, mut cases) = (SystemClock.now(), 0_u64);
    while SystemClock.now().since(begun) < budget() {
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let run = TestRunner::new(config).run(strategy, |value| {
            property(value);
            Ok(())
        });
        run.unwrap_or_else(|failed| panic!("{what}: {failed}"));
        cases += u64::from(CASES);
    }
    println!("{what}: {cases} cases");
}

/// The files that the fuzzer begins with.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn header() -> impl Strategy<Value = String> {
    let item = prop_oneof![
        Just("t=1760000000".to_owned()),
        (1_759_999_600_i64..1_760_000_400).prop_map(|time| format!("t={time}")),
        Just("v1={right}".to_owned()),
        "[tv][01]?=[0-9a-f]{0,70}",
        "[ -~]{0,20}",
    ];
    proptest::collection::vec(item, 0..6).prop_map(|items| items.join(","))
}

/// Odd values for a field.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![Just(i64::MAX), Just(i64::MIN), Just(-1), Just(0)].prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z_\\x00é]{0,12}".prop_map(Value::from),
        Just(Value::Array(Vec::new())),
        Just(Value::Object(Map::new())),
    ]
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                places(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

// A search has no end of its own; `scripts/fuzz` gives it one.
#[test]
#[ignore = "takes as long as FUZZ_SECONDS says; scripts/fuzz runs it"]
fn no_header_passes_that_should_not() {
    let seeds = seeds("signature_header");
    seeds
        .iter()
        .for_each(|seed| properties::signature_header(seed));
    for_a_while("signature_header", &header(), |text| {
        properties::signature_header(text.as_bytes());
    });
}

// A search has no end of its own; `scripts/fuzz` gives it one.
#[test]
#[ignore = "takes as long as FUZZ_SECONDS says; scripts/fuzz runs it"]
fn no_event_panics_or_unbalances_the_books() {
    let seeds: Vec<Value> = seeds("event")
        .iter()
        .inspect(|seed| properties::event(seed))
        .filter_map(|seed| serde_json::from_slice(seed).ok())
        .collect();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), odd()), 1..5);
    let strategy = (
        any::<prop::sample::Index>(),
        changes,
        any::<Option<(u16, u8)>>(),
    );
    for_a_while("event", &strategy, |(which, changes, byte)| {
        let mut event = which.get(&seeds).clone();
        for (place, odd) in changes {
            let mut all = Vec::new();
            places(&event["data"]["object"], "/data/object", &mut all);
            let at: &String = place.get(&all);
            if let Some(place) = event.pointer_mut(at) {
                *place = odd;
            }
        }
        let mut body = event.to_string().into_bytes();
        if let Some((at, byte)) = byte {
            let at = usize::from(at) % body.len();
            body[at] = byte;
        }
        properties::event(&body);
    });
}

#[test]
fn what_the_fuzzer_begins_with_holds() {
    let (headers, events) = (seeds("signature_header"), seeds("event"));
    assert!(headers.len() > 3 && events.len() > 10);
    headers
        .iter()
        .for_each(|seed| properties::signature_header(seed));
    events.iter().for_each(|seed| properties::event(seed));
}
