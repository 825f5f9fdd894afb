//! Narrow views over Stripe's JSON.
//!
//! A view keeps the whole JSON and reads a field when you ask for it. So a
//! field that Stripe adds, drops or changes never costs you the object, only
//! the accessor of that field answers with an error that names it.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::id::Id;
use crate::money::Currency;

/// What was wrong with one field of one object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{object}.{field} {problem}")]
pub struct FieldError {
    object: &'static str,
    field: String,
    problem: FieldProblem,
}

impl FieldError {
    /// The field, with dots between levels.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What was wrong with it.
    #[must_use]
    pub fn problem(&self) -> &FieldProblem {
        &self.problem
    }
}

/// The ways in which a field can fail. Holds no value: values may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldProblem {
    /// The key is not there.
    #[error("is absent")]
    Absent,
    /// The key is there and `null`.
    #[error("is null")]
    Null,
    /// Another type, or a value outside the type's range.
    #[error("should be {expected}")]
    Type {
        /// What the accessor reads.
        expected: &'static str,
    },
}

/// A field's value: how one JSON value becomes a Rust one. Sealed by use: the
/// views are the library's.
pub trait FromField<'a>: Sized {
    /// Reads the field; `None` stands for an absent key.
    ///
    /// # Errors
    /// What is wrong with the value.
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem>;
}

fn required<'a, T>(
    value: Option<&'a Value>,
    expected: &'static str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T, FieldProblem> {
    match value {
        None => Err(FieldProblem::Absent),
        Some(Value::Null) => Err(FieldProblem::Null),
        Some(value) => read(value).ok_or(FieldProblem::Type { expected }),
    }
}

impl<'a> FromField<'a> for &'a str {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "a string", Value::as_str)
    }
}

impl<'a> FromField<'a> for i64 {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "a whole number of 64 bits", Value::as_i64)
    }
}

impl<'a> FromField<'a> for bool {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "true or false", Value::as_bool)
    }
}

impl<'a> FromField<'a> for Currency {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "a currency code", |v| Self::parse(v.as_str()?).ok())
    }
}

impl<'a> FromField<'a> for &'a Map<String, Value> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "an object", Value::as_object)
    }
}

/// Absent and `null` both read as `None`.
impl<'a, T: FromField<'a>> FromField<'a> for Option<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        match value {
            None | Some(Value::Null) => Ok(None),
            value => T::from_field(value).map(Some),
        }
    }
}

/// The id of a related object, whether Stripe sent the id or, expanded, the
/// whole object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expandable<T>(pub T);

impl<'a, T: Id> FromField<'a> for Expandable<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "an id or an object with one", |value| {
            let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
            T::from_stripe(id).ok().map(Self)
        })
    }
}

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

    /// Reads one field.
    ///
    /// # Errors
    /// When it is absent, null or of another type, unless `T` allows that.
    pub fn get<'a, T: FromField<'a>>(&'a self, field: &str) -> Result<T, FieldError> {
        self.error_at(field, T::from_field(self.json.get(field)))
    }

    /// Reads a field one level down; an absent or null parent reads as absent.
    ///
    /// # Errors
    /// As [`Object::get`].
    pub fn get_in<'a, T: FromField<'a>>(
        &'a self,
        parent: &str,
        field: &str,
    ) -> Result<T, FieldError> {
        let inner = self.json.get(parent).and_then(|value| value.get(field));
        self.error_at(&format!("{parent}.{field}"), T::from_field(inner))
    }

    /// The whole object.
    #[must_use]
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    fn error_at<T>(&self, field: &str, read: Result<T, FieldProblem>) -> Result<T, FieldError> {
        read.map_err(|problem| FieldError {
            object: self.kind,
            field: field.to_owned(),
            problem,
        })
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

    /// Parses the bytes of one object.
    ///
    /// # Errors
    /// When they are not a JSON object.
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes).map(Self::from_object)
    }
}

/// Declares views: `name: Type` reads the field `name`, `name: Type = "a"`
/// the field `a`, and `name: Type = "a"."b"` the field `b` within `a`.
macro_rules! views {
    ($($(#[$doc:meta])* $name:ident($object:literal) {
        $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $outer:literal $(. $inner:literal)?)?;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq)]
        pub struct $name($crate::object::Object);

        impl $name {
            /// The whole object as Stripe sent it.
            #[must_use]
            pub fn object(&self) -> &$crate::object::Object {
                &self.0
            }

            $(
                $(#[$field_doc])*
                ///
                /// # Errors
                /// When Stripe sent something else under this name.
                pub fn $field(&self) -> Result<$type, $crate::object::FieldError> {
                    views!(@read self $field $(= $outer $(. $inner)?)?)
                }
            )*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl $crate::object::View for $name {
            const OBJECT: &'static str = $object;

            fn from_object(json: serde_json::Map<String, serde_json::Value>) -> Self {
                Self($crate::object::Object::new($object, json))
            }
        }
    )*};
    (@read $self:ident $field:ident) => { $self.0.get(stringify!($field)) };
    (@read $self:ident $field:ident = $outer:literal) => { $self.0.get($outer) };
    (@read $self:ident $field:ident = $outer:literal . $inner:literal) => {
        $self.0.get_in($outer, $inner)
    };
}

/// Declares enums that mirror Stripe's and keep a value they do not know.
macro_rules! string_enums {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_doc])* $variant,)*
            /// A value newer than this library, as Stripe wrote it.
            Unknown(Box<str>),
        }

        impl $name {
            /// The value as Stripe writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }

            /// Reads Stripe's text; an unknown one is kept.
            #[must_use]
            pub fn from_stripe(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.into()),
                }
            }
        }

        impl<'a> $crate::object::FromField<'a> for $name {
            fn from_field(
                value: Option<&'a serde_json::Value>,
            ) -> Result<Self, $crate::object::FieldProblem> {
                <&str>::from_field(value).map(Self::from_stripe)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

pub(crate) use {string_enums, views};

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
