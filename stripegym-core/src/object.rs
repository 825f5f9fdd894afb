//! Narrow views over Stripe's JSON.
//!
//! A view keeps the whole JSON and reads a field when you ask for it. So a
//! field that Stripe adds, drops or changes never costs you the object, only
//! the accessor of that field answers with an error that names it.

mod field;
mod list;
mod macros;
#[cfg(test)]
pub(crate) mod probe;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use field::{Expandable, Field, FieldError, FieldProblem, FromField};
pub use list::List;
#[cfg(feature = "client")]
pub use list::SearchPage;

pub(crate) use field::{Expanded, required, word};
#[cfg(feature = "client")]
pub(crate) use list::{list_from_slice, search_from_slice};
pub(crate) use macros::{string_enums, views};

/// One object as Stripe sent it. Cloning is cheap.
#[derive(Clone, PartialEq)]
pub struct Object {
    kind: &'static str,
    json: Arc<Map<String, Value>>,
}

impl Object {
    pub(crate) fn new(kind: &'static str, json: Map<String, Value>) -> Self {
        Self {
            kind,
            json: Arc::new(json),
        }
    }

    pub(crate) fn shared(kind: &'static str, json: Arc<Map<String, Value>>) -> Self {
        Self { kind, json }
    }

    /// Looks at the same object through a view of its kind, without a copy.
    #[must_use]
    pub fn view<T: View>(&self) -> T {
        T::from_shared(Arc::clone(&self.json))
    }

    /// Reads one field.
    ///
    /// # Errors
    /// When it is absent, null or of another type, unless `T` allows that.
    pub fn get<'a, T: FromField<'a>>(&'a self, field: &str) -> Result<T, FieldError> {
        T::from_field(self.json.get(field)).map_err(|problem| self.error_at(&[field], problem))
    }

    /// Reads a field one level down; an absent or null parent reads as absent.
    ///
    /// # Errors
    /// As [`Object::get`], and when the parent is no object.
    pub fn get_in<'a, T: FromField<'a>>(
        &'a self,
        parent: &str,
        field: &str,
    ) -> Result<T, FieldError> {
        self.get_at(&[parent, field])
    }

    /// Reads a field any number of levels down; an absent or null parent reads as absent.
    ///
    /// # Errors
    /// As [`Object::get`], and when a parent is no object.
    pub fn get_at<'a, T: FromField<'a>>(&'a self, path: &[&str]) -> Result<T, FieldError> {
        let value = self.find(path)?;
        T::from_field(value).map_err(|problem| self.error_at(path, problem))
    }

    /// The value at the end of the path; `None` when it or a parent is absent,
    /// or a parent is null.
    fn find(&self, path: &[&str]) -> Result<Option<&Value>, FieldError> {
        let mut value: Option<&Value> = None;
        for (depth, key) in path.iter().enumerate() {
            let parent = match (depth, value) {
                (0, _) => &*self.json,
                (_, None | Some(Value::Null)) => return Ok(None),
                (_, Some(Value::Object(parent))) => parent,
                (_, Some(_)) => {
                    let expected = "an object";
                    let problem = FieldProblem::Type { expected };
                    return Err(self.error_at(path.get(..depth).unwrap_or(path), problem));
                }
            };
            value = parent.get(*key);
        }
        Ok(value)
    }

    /// The whole object.
    #[must_use]
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    /// One value of the metadata.
    #[must_use]
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        self.json.get("metadata")?.get(key)?.as_str()
    }

    /// Whether there is anything but `null` at the end of the path.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        let found = self.find(path).ok().flatten();
        found.is_some_and(|value| !value.is_null())
    }

    pub(crate) fn error_at(&self, path: &[&str], problem: FieldProblem) -> FieldError {
        FieldError::new(self.kind, path.join("."), problem)
    }
}

// Objects hold personal data: only kind and id are shown.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.json.get("id").and_then(Value::as_str).unwrap_or("?");
        write!(f, "{}({id})", self.kind)
    }
}

/// A typed view of one kind of object.
pub trait View: Sized {
    /// The `object` field of this kind.
    const OBJECT: &'static str;

    /// Wraps an object, whatever it holds.
    fn from_object(json: Map<String, Value>) -> Self;

    /// Wraps an object that others look at, too.
    #[must_use]
    fn from_shared(json: Arc<Map<String, Value>>) -> Self {
        Self::from_object(Arc::unwrap_or_clone(json))
    }

    /// Parses the bytes of one object.
    ///
    /// # Errors
    /// When they are not a JSON object.
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes).map(Self::from_object)
    }
}

/// Any object, where there is no view of its kind.
impl View for Object {
    const OBJECT: &'static str = "object";

    fn from_object(json: Map<String, Value>) -> Self {
        Self::new(Self::OBJECT, json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CustomerId;
    use serde_json::json;

    fn object(json: Value) -> Object {
        match json {
            Value::Object(map) => Object::new("thing", map),
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn only_the_accessor_of_a_broken_field_fails_and_names_it() {
        let thing = object(json!({ "amount": "12", "name": null, "ok": true }));
        assert_eq!(thing.get::<bool>("ok"), Ok(true));
        let text = |error: FieldError| error.to_string();
        assert_eq!(
            thing.get::<i64>("amount").map_err(text),
            Err("thing.amount should be a whole number of 64 bits".to_owned())
        );
        assert_eq!(
            thing.get::<&str>("name").map_err(text),
            Err("thing.name is null".to_owned())
        );
        assert_eq!(
            thing.get_in::<&str>("a", "b").map_err(text),
            Err("thing.a.b is absent".to_owned())
        );
        assert_eq!(thing.get::<Option<&str>>("name"), Ok(None));
    }

    #[test]
    fn a_related_object_gives_its_id_expanded_or_not() {
        let expanded = json!({ "customer": { "id": "cus_1", "object": "customer" } });
        for json in [json!({ "customer": "cus_1" }), expanded] {
            let thing = object(json);
            let Expandable(id) = thing.get::<Expandable<CustomerId>>("customer").unwrap();
            assert_eq!(id.as_str(), "cus_1");
        }
    }

    #[test]
    fn debug_shows_kind_and_id_only() {
        let thing = object(json!({ "id": "cus_1", "email": "someone@example.com" }));
        assert_eq!(format!("{thing:?}"), "thing(cus_1)");
    }
}
