//! Stripe's objects as they travel: JSON maps, kept whole so that every field survives.

use serde_json::{Map, Value, json};

/// A Stripe object.
pub(crate) type Object = Map<String, Value>;

/// Turns a `json!({..})` literal into an object.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(fields) => fields,
        _ => Object::new(),
    }
}

/// The text of a field, or nothing.
pub(crate) fn text<'a>(object: &'a Object, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

/// The number of a field, or nothing.
pub(crate) fn integer(object: &Object, field: &str) -> Option<i64> {
    object.get(field).and_then(Value::as_i64)
}

/// The value at a dotted path; `null` when it is not there.
pub(crate) fn dig<'a>(object: &'a Object, path: &str) -> &'a Value {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = object.get(first).unwrap_or(&Value::Null);
    match found {
        Value::Object(inner) if !rest.is_empty() => dig(inner, rest),
        _ if rest.is_empty() => found,
        _ => &Value::Null,
    }
}

/// Whether a field is `true`.
pub(crate) fn is_true(object: &Object, field: &str) -> bool {
    object.get(field).is_some_and(|value| *value == true)
}

/// Sets a field.
pub(crate) fn set(object: &mut Object, field: &str, value: impl Into<Value>) {
    object.insert(field.to_owned(), value.into());
}

/// `previous_attributes` of an update: the old values of what changed. Hashes show only the
/// keys that changed, arrays always the whole old array, as Stripe does.
pub(crate) fn previous_attributes(old: &Object, new: &Object) -> Object {
    let mut previous = Object::new();
    for key in old
        .keys()
        .chain(new.keys().filter(|key| !old.contains_key(*key)))
    {
        let (before, after) = (old.get(key), new.get(key));
        if before == after {
            continue;
        }
        let value = match (before, after) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                Value::Object(previous_attributes(before, after))
            }
            (before, _) => before.cloned().unwrap_or(Value::Null),
        };
        previous.insert(key.clone(), value);
    }
    previous
}

/// An address whose every field is present.
pub(crate) fn empty_address() -> Value {
    json!({
        "city": null, "country": null, "line1": null,
        "line2": null, "postal_code": null, "state": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previous_attributes_hold_only_what_changed() {
        let old = object(json!({"a": 1, "m": {"x": "1", "y": "2"}, "l": [1, 2], "same": true}));
        let new = object(json!({"a": 2, "m": {"x": "1", "z": "3"}, "l": [1], "same": true}));
        assert_eq!(
            Value::Object(previous_attributes(&old, &new)),
            json!({"a": 1, "m": {"y": "2", "z": null}, "l": [1, 2]})
        );
    }
}
