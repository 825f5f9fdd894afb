//! One page of a list. <https://docs.stripe.com/api/pagination>

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Answer;
use crate::object::View;

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

    /// Whether there are more behind the last one.
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

impl<T: View> Answer for List<T> {
    fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Map<String, Value>>,
            #[serde(default)]
            has_more: bool,
        }
        let page: Page = serde_json::from_slice(bytes)?;
        Ok(Self {
            data: page.data.into_iter().map(T::from_object).collect(),
            has_more: page.has_more,
        })
    }
}
