//! Parameters that passed their table: typed, and safe to build objects from.

use serde_json::Value;

use crate::object::Object;

/// A checked hash. An absent parameter is absent; a parameter that was unset with an empty
/// string is `null`. The difference matters: one leaves a field alone, the other clears it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args(pub(crate) Object);

impl Args {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    pub(crate) fn hash(&self, name: &str) -> Option<Self> {
        self.0
            .get(name)
            .and_then(Value::as_object)
            .cloned()
            .map(Self)
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.0
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The hashes of a list.
    pub(crate) fn hashes(&self, name: &str) -> Vec<Self> {
        self.list(name)
            .iter()
            .filter_map(Value::as_object)
            .cloned()
            .map(Self)
            .collect()
    }
}
