//! One page of a list. <https://docs.stripe.com/api/pagination>

#[cfg(feature = "client")]
use serde::Deserialize;
use serde_json::Value;

use super::{FieldProblem, FromField, View, required};

/// One page: up to 100 objects, newest first.
#[derive(Debug, Clone)]
pub struct List<T> {
    data: Vec<T>,
    has_more: bool,
}

impl<T> List<T> {
    /// The objects of this page.
    #[must_use]
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// Whether there are more behind the last one (before the first one,
    /// where the page was asked for with `ending_before`).
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// The objects of this page, by value.
    #[must_use]
    pub fn into_data(self) -> Vec<T> {
        self.data
    }
}

#[cfg(feature = "client")]
/// One page of a search. <https://docs.stripe.com/api/pagination/search>
///
/// A search shows an object up to a minute after it was made, in bad times an
/// hour: never take its silence for absence.
#[derive(Debug, Clone)]
pub struct SearchPage<T> {
    data: Vec<T>,
    has_more: bool,
    next_page: Option<Box<str>>,
    total_count: Option<i64>,
}

#[cfg(feature = "client")]
impl<T> SearchPage<T> {
    /// The objects of this page.
    #[must_use]
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// Whether there is a next page.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// What to give to `page` for the next one.
    #[must_use]
    pub fn next_page(&self) -> Option<&str> {
        self.next_page.as_deref()
    }

    /// How many there are in all, where `total_count` was expanded; exact to 10,000.
    #[must_use]
    pub fn total_count(&self) -> Option<i64> {
        self.total_count
    }

    /// The objects of this page, by value.
    #[must_use]
    pub fn into_data(self) -> Vec<T> {
        self.data
    }
}

/// What lists and search pages have in common.
#[cfg(feature = "client")]
#[derive(Deserialize)]
struct RawPage {
    data: Vec<serde_json::Map<String, Value>>,
    #[serde(default)]
    has_more: bool,
    next_page: Option<Box<str>>,
    total_count: Option<i64>,
}

#[cfg(feature = "client")]
pub(crate) fn list_from_slice<T: View>(bytes: &[u8]) -> Result<List<T>, serde_json::Error> {
    let page: RawPage = serde_json::from_slice(bytes)?;
    Ok(List {
        data: page.data.into_iter().map(T::from_object).collect(),
        has_more: page.has_more,
    })
}

#[cfg(feature = "client")]
pub(crate) fn search_from_slice<T: View>(bytes: &[u8]) -> Result<SearchPage<T>, serde_json::Error> {
    let page: RawPage = serde_json::from_slice(bytes)?;
    Ok(SearchPage {
        data: page.data.into_iter().map(T::from_object).collect(),
        has_more: page.has_more,
        next_page: page.next_page,
        total_count: page.total_count,
    })
}

/// A list within an object, such as a subscription's items.
impl<'a, T: View> FromField<'a> for List<T> {
    fn from_field(value: Option<&'a Value>) -> Result<Self, FieldProblem> {
        required(value, "a list of objects", |value| {
            let read = |item: &Value| item.as_object().cloned().map(T::from_object);
            let data: Option<Vec<T>> = value.get("data")?.as_array()?.iter().map(read).collect();
            let has_more = value.get("has_more").and_then(Value::as_bool);
            Some(Self {
                data: data?,
                has_more: has_more.unwrap_or(false),
            })
        })
    }
}
