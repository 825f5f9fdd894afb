//! How one JSON value becomes a Rust one, and what is said when it does not.

use serde_json::{Map, Number, Value};

use crate::id::Id;
use crate::money::Currency;
use crate::object::View;

/// What was wrong with one field of one object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{object}.{field} {problem}")]
pub struct FieldError {
    object: &'static str,
    field: Box<str>,
    problem: FieldProblem,
}

impl FieldError {
    pub(super) fn new(object: &'static str, field: String, problem: FieldProblem) -> Self {
        Self {
            object,
            field: field.into(),
            problem,
        }
    }

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

pub(crate) fn required<'a, T>(
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

/// One of Stripe's words, known to us or not. It goes into a text column as it
/// is, and PostgreSQL takes no NUL.
pub(crate) fn word(value: Option<&Value>) -> Result<&str, FieldProblem> {
    required(value, "a word", |value| {
        value.as_str().filter(|word| !word.contains('\0'))
    })
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

/// Percentages: as written, so that nothing is rounded on the way.
impl<'a> FromField<'a> for &'a Number {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "a number", Value::as_number)
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

/// An object within: a view of its own.
impl<'a, T: View> FromField<'a> for T {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        <&Map<String, Value>>::from_field(value).map(|json| Self::from_object(json.clone()))
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

/// An array, every element of which is read.
impl<'a, T: FromField<'a>> FromField<'a> for Vec<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        let items = required(value, "an array", Value::as_array)?;
        items.iter().map(|item| T::from_field(Some(item))).collect()
    }
}

/// A field of which Stripe means different things by leaving it out and by
/// sending `null`: a field that is absent until you `expand` it, for example,
/// and `null` when there is nothing to expand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<T> {
    /// The key is not there.
    Absent,
    /// The key is there and `null`.
    Null,
    /// There is a value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<'a, T: FromField<'a>> FromField<'a> for Field<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        match value {
            None => Ok(Self::Absent),
            Some(Value::Null) => Ok(Self::Null),
            value => T::from_field(value).map(Self::Value),
        }
    }
}

/// The id of a related object, whether Stripe sent the id or, expanded, the
/// whole object. Where the object is expanded, the accessor whose name ends in
/// `_object` has it.
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

/// A related object if it was expanded; an id reads as `None`.
pub(crate) struct Expanded<T>(pub(crate) Option<T>);

impl<'a, T: View> FromField<'a> for Expanded<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        match value {
            None | Some(Value::Null | Value::String(_)) => Ok(Self(None)),
            Some(Value::Object(json)) => Ok(Self(Some(T::from_object(json.clone())))),
            Some(_) => Err(FieldProblem::Type {
                expected: "an id or an object",
            }),
        }
    }
}
