//! Stripe's search query language: clauses joined by AND or by OR.
//! <https://docs.stripe.com/search#search-query-language>

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::ApiError;
use crate::object::{Object, dig};

const CLAUSES_MAX: usize = 10;
/// A part of a text shorter than this cannot be searched for.
const PART_CHARS_MIN: usize = 3;

/// A field that can be searched: its name, where it is, how it compares.
#[derive(Debug)]
pub(super) struct Field(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) Sort,
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Whole, or a part of it with `~`.
    Text,
    /// Whole only.
    Token,
    /// Compared.
    Number,
    /// A hash of texts, by key.
    Metadata,
}

/// A query that was understood.
#[derive(Debug)]
pub(super) struct Query {
    clauses: Vec<Clause>,
    any: bool,
}

#[derive(Debug)]
struct Clause {
    negated: bool,
    path: &'static str,
    /// Of metadata.
    key: Option<String>,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Null,
    Equals(String),
    Contains(String),
    Compares(&'static [Ordering], i64),
}

/// A clause as written.
#[derive(Debug)]
struct Written<'a> {
    negated: bool,
    field: &'a str,
    key: Option<String>,
    operator: &'a str,
    value: String,
    quoted: bool,
}

impl Query {
    pub(super) fn parse(
        text: &str,
        noun: &str,
        fields: &'static [Field],
    ) -> Result<Self, ApiError> {
        let mut rest = text.trim();
        let mut clauses = Vec::new();
        let mut joined = None;
        while !rest.is_empty() {
            if !clauses.is_empty() {
                let (joint, after) = joint(rest);
                if joined.is_some_and(|earlier| earlier != joint) {
                    return Err(wrong("You can't combine AND and OR in the same query."));
                }
                joined = Some(joint);
                rest = after;
            }
            let (written, after) = clause(rest).ok_or_else(unreadable)?;
            // Nothing sticks to a clause: what follows it is another one.
            if !after.is_empty() && !after.starts_with(char::is_whitespace) {
                return Err(unreadable());
            }
            clauses.push(written.check(noun, fields)?);
            rest = after.trim_start();
            if clauses.len() > CLAUSES_MAX {
                return Err(wrong(&format!(
                    "A search query can have at most {CLAUSES_MAX} clauses."
                )));
            }
        }
        if clauses.is_empty() {
            return Err(unreadable());
        }
        Ok(Self {
            clauses,
            any: joined == Some(Joint::Or),
        })
    }

    pub(super) fn matches(&self, object: &Object) -> bool {
        let mut clauses = self.clauses.iter();
        if self.any {
            clauses.any(|clause| clause.matches(object))
        } else {
            clauses.all(|clause| clause.matches(object))
        }
    }
}

impl Clause {
    fn matches(&self, object: &Object) -> bool {
        let value = dig(object, self.path);
        let value = match &self.key {
            Some(key) => value.get(key).unwrap_or(&Value::Null),
            None => value,
        };
        self.test.holds(value) != self.negated
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Equals(wanted) => text_of(value).is_some_and(|text| text == *wanted),
            Self::Contains(part) => text_of(value).is_some_and(|text| text.contains(part)),
            Self::Compares(orders, number) => value
                .as_i64()
                .is_some_and(|value| orders.contains(&value.cmp(number))),
        }
    }
}

/// Texts are compared without regard to case.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.to_lowercase()),
        other => Some(other.to_string()),
    }
}

impl Written<'_> {
    fn check(self, noun: &str, fields: &'static [Field]) -> Result<Clause, ApiError> {
        let field = fields.iter().find(|field| field.0 == self.field);
        let Some(Field(name, path, sort)) = field else {
            return Err(wrong(&format!(
                "Field `{}` is an unsupported search field for resource `{noun}`. See \
                 http://stripe.com/docs/search#query-fields-for-{} for a list of supported fields.",
                self.field,
                noun.replace('_', "-")
            )));
        };
        if self.key.is_some() != (*sort == Sort::Metadata) {
            return Err(unreadable());
        }
        let unsupported = || {
            wrong(&format!(
                "Operator `{}` is not supported for field `{name}`.",
                self.operator
            ))
        };
        let is_null = !self.quoted && self.value.eq_ignore_ascii_case("null");
        let test = match (sort, self.operator) {
            (_, ":") if is_null => Test::Null,
            (Sort::Number, operator) => {
                let orders = orders(operator).ok_or_else(unsupported)?;
                let number = self.value.parse().map_err(|_| {
                    wrong(&format!(
                        "Field `{name}` takes a whole number, not `{}`.",
                        self.value
                    ))
                })?;
                Test::Compares(orders, number)
            }
            (_, ":") => Test::Equals(self.value.to_lowercase()),
            (Sort::Text | Sort::Metadata, "~") if self.value.chars().count() < PART_CHARS_MIN => {
                return Err(wrong(&format!(
                    "Substring search needs at least {PART_CHARS_MIN} characters."
                )));
            }
            (Sort::Text | Sort::Metadata, "~") => Test::Contains(self.value.to_lowercase()),
            _ => return Err(unsupported()),
        };
        Ok(Clause {
            negated: self.negated,
            path,
            key: self.key,
            test,
        })
    }
}

fn orders(operator: &str) -> Option<&'static [Ordering]> {
    Some(match operator {
        ":" | "=" => &[Ordering::Equal],
        ">" => &[Ordering::Greater],
        "<" => &[Ordering::Less],
        ">=" => &[Ordering::Greater, Ordering::Equal],
        "<=" => &[Ordering::Less, Ordering::Equal],
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

/// How two clauses are joined: without a word, by AND.
fn joint(text: &str) -> (Joint, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let joint = match word.to_ascii_uppercase().as_str() {
        "AND" => Joint::And,
        "OR" => Joint::Or,
        _ => return (Joint::And, text),
    };
    (joint, rest.trim_start())
}

/// Reads `-field["key"]:"value"`, and answers what follows it.
fn clause(text: &str) -> Option<(Written<'_>, &str)> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))?;
    let (field, mut text) = text.split_at(end);
    let mut key = None;
    if let Some(inside) = text.strip_prefix('[') {
        let (quoted, rest) = quoted(inside)?;
        key = Some(quoted);
        text = rest.strip_prefix(']')?;
    }
    let operator = [">=", "<=", ":", "~", ">", "<", "="]
        .into_iter()
        .find(|operator| text.starts_with(operator))?;
    let text = text.strip_prefix(operator)?;
    let (value, is_quoted, rest) = match quoted(text) {
        Some((value, rest)) => (value, true, rest),
        None if text.starts_with(['"', '\'']) => return None,
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (value, rest) = text.split_at(end);
            (value.to_owned(), false, rest)
        }
    };
    let complete = !field.is_empty() && (is_quoted || !value.is_empty());
    complete.then_some((
        Written {
            negated,
            field,
            key,
            operator,
            value,
            quoted: is_quoted,
        },
        rest,
    ))
}

/// Reads a text in either kind of quotes; `\` takes the next character as it is.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Some((value, text.get(at + 1..)?));
        }
        value.push(if character == '\\' {
            characters.next()?.1
        } else {
            character
        });
    }
    None
}

fn wrong(message: &str) -> ApiError {
    ApiError::invalid(message).param("query")
}

fn unreadable() -> ApiError {
    wrong(
        "We were unable to parse your search query. Try using the format \
         `metadata[\"key\"]:\"value\"` to query for metadata or key:\"value\" to query for other \
         fields.",
    )
}
