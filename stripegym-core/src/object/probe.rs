//! Every accessor of every view against Stripe's sample objects: none fails on
//! a whole object, and a broken field fails nobody but its own accessors.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::FieldError;

/// A view whose accessors can be called all at once.
pub(crate) struct ViewProbe {
    pub(crate) object: &'static str,
    pub(crate) probe: fn(Map<String, Value>) -> Vec<Probed>,
}

/// What one accessor said, and which top-level fields it reads.
pub(crate) struct Probed {
    pub(crate) accessor: &'static str,
    pub(crate) keys: &'static [&'static str],
    pub(crate) read: Result<(), FieldError>,
}

/// A module of views that is not here is a warning of the compiler: its list is never used.
const VIEWS: &[&[ViewProbe]] = &[
    crate::balance::VIEWS,
    crate::balance_transaction::VIEWS,
    crate::charge::VIEWS,
    crate::checkout::VIEWS,
    crate::coupon::VIEWS,
    crate::customer::VIEWS,
    crate::discount::VIEWS,
    crate::dispute::VIEWS,
    crate::event_record::VIEWS,
    crate::invoice::LINE_VIEWS,
    crate::invoice::VIEWS,
    crate::invoice_item::VIEWS,
    crate::invoice_payment::VIEWS,
    crate::payment_intent::VIEWS,
    crate::payment_method::VIEWS,
    crate::payout::VIEWS,
    crate::portal::VIEWS,
    crate::price::VIEWS,
    crate::product::VIEWS,
    crate::promotion_code::VIEWS,
    crate::refund::VIEWS,
    crate::setup_intent::VIEWS,
    crate::subscription::VIEWS,
    crate::subscription_item::VIEWS,
    crate::subscription_schedule::VIEWS,
    crate::test_clock::VIEWS,
    crate::webhook_endpoint::VIEWS,
];

/// The sample objects, which are not ours and so not in the repository.
fn samples() -> Option<Map<String, Value>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/stripe-fixtures3.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("NOTE: Stripe's sample objects are not here; their test does nothing");
        return None;
    };
    let all: Value = serde_json::from_slice(&bytes).unwrap();
    all["resources"].as_object().cloned()
}

/// Objects of this kind among the samples, wherever they are.
fn find<'a>(kind: &str, within: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match within {
        Value::Object(map) => {
            if map.get("object").and_then(Value::as_str) == Some(kind) {
                found.push(map);
            }
            map.values().for_each(|value| find(kind, value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| find(kind, item, found)),
        _ => {}
    }
}

/// Calls `story` with each view and each of its sample objects.
fn each(mut story: impl FnMut(&ViewProbe, &Map<String, Value>)) {
    let Some(samples) = samples() else { return };
    let samples = Value::Object(samples);
    let mut kinds = Vec::new();
    for view in VIEWS.iter().copied().flatten() {
        let mut found = Vec::new();
        find(view.object, &samples, &mut found);
        kinds.extend(found.first().map(|_| view.object));
        found.into_iter().for_each(|json| story(view, json));
    }
    assert!(kinds.len() > 25, "{kinds:?}");
}

/// What the samples leave out, and what our documentation says about it.
const DOCUMENTED: [&str; 7] = [
    // The sample is a session that buys nothing, as in setup mode.
    "checkout.session.currency is null",
    "checkout.session.amount_total is null",
    // Payments are absent unless expanded.
    "invoice.payments.data is absent",
    // The sample's currency is no currency.
    "invoice_payment.currency should be a currency code",
    // Of a deleted object little is left; one sample's id is empty.
    "discount.id should be an id or an object with one",
    "is absent",
    "is null",
];

#[test]
fn no_accessor_fails_on_stripes_sample_objects() {
    each(|view, json| {
        let documented = if json.contains_key("deleted") {
            &DOCUMENTED[..]
        } else {
            &DOCUMENTED[..4]
        };
        for probed in (view.probe)(json.clone()) {
            if let Err(error) = probed.read {
                let said = error.to_string();
                let known = documented.iter().any(|known| said.ends_with(known));
                assert!(known, "{}.{}: {said}", view.object, probed.accessor);
            }
        }
    });
}

#[test]
fn a_broken_field_fails_only_its_own_accessors_and_is_named() {
    let mut broken = 0;
    each(|view, json| {
        let whole = (view.probe)(json.clone());
        for (key, value) in json {
            let other = match value {
                Value::Array(_) => json!(0.5),
                _ => json!([[0.5]]),
            };
            for instead in [None, Some(Value::Null), Some(other)] {
                let mut json = json.clone();
                let wrong = instead.as_ref().is_some_and(|value| !value.is_null());
                match instead {
                    None => drop(json.remove(key)),
                    Some(value) => drop(json.insert(key.clone(), value)),
                }
                broken += 1;
                for (before, after) in whole.iter().zip((view.probe)(json)) {
                    let at = format!("{}.{} without {key}", view.object, after.accessor);
                    if !after.keys.contains(&key.as_str()) {
                        assert_eq!(before.read, after.read, "{at}");
                        continue;
                    }
                    if wrong && after.keys.len() == 1 {
                        assert!(after.read.is_err(), "{at}");
                    }
                    if let Err(error) = after.read {
                        let named = error.field().split('.').next().unwrap();
                        assert!(after.keys.contains(&named), "{at}: {error}");
                        assert!(
                            !wrong || named == key || before.read.is_err(),
                            "{at}: {error}"
                        );
                    }
                }
            }
        }
    });
    println!("{broken} broken objects");
}
