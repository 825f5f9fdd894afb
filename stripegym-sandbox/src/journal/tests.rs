use serde_json::json;

use super::*;
use crate::kind::Kind;
use crate::object::{Object, object};
use crate::state::Entry;

fn entry(number: u64) -> Record {
    let id = format!("cus_{number}");
    Record::Object(Entry {
        object: object(json!({"id": id, "name": "two\nlines"})),
        id,
        kind: Kind::Customer,
        seq: number,
        hidden: Object::new(),
        wake_at: None,
        clock: None,
    })
}

fn counters(ids: u64) -> Counters {
    Counters { ids, requests: 0 }
}

fn ids(path: &Path) -> Vec<String> {
    let mut state = State::default();
    drop(Journal::open(path, &mut state).unwrap());
    state
        .entries
        .oldest_first()
        .map(|entry| entry.id.clone())
        .collect()
}

/// A file with three committed lines of one or two records.
fn three_lines(path: &Path) -> Vec<u8> {
    let (mut journal, _) = Journal::open(path, &mut State::default()).unwrap();
    journal.append(counters(1), &[entry(0)]).unwrap();
    journal.append(counters(3), &[entry(1), entry(2)]).unwrap();
    journal
        .append(
            counters(4),
            &[entry(3), Record::NoObject("cus_0".to_owned())],
        )
        .unwrap();
    drop(journal);
    fs::read(path).unwrap()
}

#[test]
fn a_file_cut_at_any_byte_loads_exactly_its_whole_lines() {
    let directory = tempfile::tempdir().unwrap();
    let whole = three_lines(&directory.path().join("state"));
    let header = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let expected: [&[&str]; 4] = [
        &[],
        &["cus_0"],
        &["cus_0", "cus_1", "cus_2"],
        &["cus_1", "cus_2", "cus_3"],
    ];
    for cut in header..=whole.len() {
        let mut state = State::default();
        load(&whole[..cut], &mut state).unwrap();
        let found: Vec<&str> = state
            .entries
            .oldest_first()
            .map(|entry| entry.id.as_str())
            .collect();
        let lines = whole[header..cut]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        assert_eq!(found, expected[lines], "cut at byte {cut}");
    }
}

#[test]
fn a_torn_file_is_mended_before_anything_is_added() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state");
    let whole = three_lines(&path);
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    let (mut journal, _) = Journal::open(&path, &mut State::default()).unwrap();
    journal.append(counters(9), &[entry(9)]).unwrap();
    drop(journal);
    assert_eq!(ids(&path), ["cus_0", "cus_1", "cus_2", "cus_9"]);
}

#[test]
fn counters_survive_compaction() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state");
    three_lines(&path);
    for _ in 0..2 {
        let (_journal, found) = Journal::open(&path, &mut State::default()).unwrap();
        assert_eq!(found, counters(4));
    }
}

#[test]
fn a_foreign_or_damaged_file_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "shopping list\nmilk\n").unwrap();
    let refused = Journal::open(&path, &mut State::default());
    assert!(matches!(refused, Err(JournalError::Foreign)));
    assert_eq!(fs::read_to_string(&path).unwrap(), "shopping list\nmilk\n");

    let path = directory.path().join("state");
    let mut damaged = three_lines(&path);
    let middle = damaged.len() / 2;
    damaged[middle] = b'\n';
    fs::write(&path, &damaged).unwrap();
    let refused = Journal::open(&path, &mut State::default());
    assert!(matches!(refused, Err(JournalError::Corrupt { .. })));
    assert_eq!(fs::read(&path).unwrap(), damaged);
}

#[test]
fn one_process_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state");
    let first = Journal::open(&path, &mut State::default()).unwrap();
    let second = Journal::open(&path, &mut State::default());
    assert!(matches!(second, Err(JournalError::Locked)));
    drop(first);
    assert!(Journal::open(&path, &mut State::default()).is_ok());
}
