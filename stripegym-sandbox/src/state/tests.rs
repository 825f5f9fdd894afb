use std::collections::HashSet;

use serde_json::json;

use super::*;
use crate::kind::Kind;
use crate::object::{Object, object};

fn entry(id: &str, seq: u64, name: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        kind: Kind::Customer,
        seq,
        object: object(json!({"id": id, "name": name})),
        hidden: Object::new(),
        wake_at: None,
        clock: None,
    }
}

fn delivery(event: &str, seq: u64, next_at_ms: i64) -> Delivery {
    Delivery {
        next_at_ms: Some(next_at_ms),
        ..Delivery::new(event, "we_1", seq)
    }
}

#[test]
fn every_record_answers_with_its_own_undoing() {
    let mut state = State::default();
    let undo_create = state.apply(Record::Object(entry("cus_1", 0, "ann")));
    let undo_rename = state.apply(Record::Object(entry("cus_1", 0, "bea")));
    state.apply(undo_rename);
    assert_eq!(state.entries.get("cus_1").unwrap().object["name"], "ann");
    state.apply(undo_create);
    assert!(state.entries.get("cus_1").is_none());
    assert_eq!(state.entries.newest_first(Kind::Customer).count(), 0);
}

#[test]
fn entries_come_newest_first_and_wake_in_order() {
    let mut state = State::default();
    for (seq, wake_at) in [(0, Some(30)), (1, Some(10)), (2, None)] {
        let entry = Entry {
            wake_at,
            ..entry(&format!("cus_{seq}"), seq, "x")
        };
        state.apply(Record::Object(entry));
    }
    let ids: Vec<&str> = state
        .entries
        .newest_first(Kind::Customer)
        .map(|entry| entry.id.as_str())
        .collect();
    assert_eq!(ids, ["cus_2", "cus_1", "cus_0"]);
    assert_eq!(state.entries.next_wake(), Some((10, "cus_1")));
    state.apply(Record::NoObject("cus_1".to_owned()));
    assert_eq!(state.entries.next_wake(), Some((30, "cus_0")));
}

#[test]
fn deliveries_are_due_by_time_then_order_and_skip_what_is_under_way() {
    let mut deliveries = Deliveries::default();
    deliveries.put(delivery("evt_b", 2, 5));
    deliveries.put(delivery("evt_a", 1, 5));
    deliveries.put(delivery("evt_c", 3, 1));
    let mut under_way = HashSet::new();
    let mut order = Vec::new();
    while let Some((_, next)) = deliveries.next("we_1", &under_way) {
        order.push(next.key.event.clone());
        under_way.insert(next.key.event.clone());
    }
    assert_eq!(order, ["evt_c", "evt_a", "evt_b"]);
    let by_hand = Delivery {
        manual: 1,
        ..delivery("evt_b", 2, 5)
    };
    deliveries.put(by_hand);
    assert_eq!(
        deliveries
            .next("we_1", &HashSet::new())
            .unwrap()
            .1
            .key
            .event,
        "evt_b"
    );
}
