//! JSON, written straight into a text.

use std::fmt::{Display, Write};

/// An object that is being written. Texts are taken as they are: the world
/// makes none that would need escaping.
#[derive(Debug)]
pub struct Json {
    out: String,
    is_empty: bool,
}

impl Json {
    /// An object, with room for what most are.
    #[must_use]
    pub fn object() -> Self {
        let mut out = String::with_capacity(1200);
        out.push('{');
        Self {
            out,
            is_empty: true,
        }
    }

    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    fn show(&mut self, value: impl Display) {
        // A `String` takes everything.
        let _never_fails = write!(self.out, "{value}");
    }

    /// A text.
    pub fn text(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.key(key);
        self.out.push('"');
        self.show(value);
        self.out.push('"');
        self
    }

    /// A text or null.
    pub fn maybe_text(&mut self, key: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.raw(key, "null"),
        }
    }

    /// A number.
    pub fn number(&mut self, key: &str, value: i64) -> &mut Self {
        self.key(key);
        self.show(value);
        self
    }

    /// A number or null.
    pub fn maybe_number(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.number(key, value),
            None => self.raw(key, "null"),
        }
    }

    /// True or false.
    pub fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// JSON that is written already.
    pub fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.out.push_str(json);
        self
    }

    /// Fields that are null.
    pub fn nulls(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            self.raw(key, "null");
        }
        self
    }

    /// An object within.
    pub fn within(&mut self, key: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.key(key);
        self.fill(fill);
        self
    }

    /// A list as the API has them, with everything in it.
    pub fn list<T>(
        &mut self,
        key: &str,
        url: impl Display,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.within(key, |list| {
            list.raw("object", "\"list\"").flag("has_more", false);
            list.text("url", url);
            list.array("data", items, &mut fill);
        })
    }

    /// An array of objects.
    pub fn array<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.key(key);
        self.out.push('[');
        for (nth, item) in items.into_iter().enumerate() {
            if nth > 0 {
                self.out.push(',');
            }
            self.fill(|object| fill(object, item));
        }
        self.out.push(']');
        self
    }

    fn fill(&mut self, fill: impl FnOnce(&mut Self)) {
        self.out.push('{');
        self.is_empty = true;
        fill(self);
        self.out.push('}');
        self.is_empty = false;
    }

    /// The text.
    #[must_use]
    pub fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn what_is_written_reads_back() {
        let mut json = Json::object();
        json.text("id", "cus_1").number("n", -5).nulls(&["a", "b"]);
        json.within("empty", |_| {});
        json.list("items", "/v1/x", [1, 2], |item, n| {
            item.number("n", n).flag("even", n % 2 == 0);
        });
        let read: serde_json::Value = serde_json::from_str(&json.end()).unwrap();
        assert_eq!(read["items"]["data"][1]["even"], true);
        assert_eq!(read["n"], -5);
        assert!(read["b"].is_null());
        assert_eq!(read["empty"], serde_json::json!({}));
    }
}
