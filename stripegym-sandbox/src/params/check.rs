//! The checker: a decoded form against a table, with Stripe's own words for what is wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Args, Param, Shape};
use crate::error::ApiError;
use crate::form::Node;
use crate::object::Object;

const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_LEN_MAX: usize = 40;
const METADATA_VALUE_LEN_MAX: usize = 500;
const DECIMAL_PLACES_MAX: usize = 12;

/// Checks the whole request against the tables of its endpoint.
pub(crate) fn check(groups: &[&[Param]], form: &Node) -> Result<Args, ApiError> {
    let Node::Hash(fields) = form else {
        return Err(ApiError::invalid("Invalid object"));
    };
    hash(groups, fields, "").map(Args)
}

fn hash(
    groups: &[&[Param]],
    fields: &BTreeMap<String, Node>,
    path: &str,
) -> Result<Object, ApiError> {
    let declared = || groups.iter().flat_map(|group| group.iter());
    let unknown: Vec<String> = fields
        .keys()
        .filter(|key| !declared().any(|param| param.name == key.as_str()))
        .map(|key| join(path, key))
        .collect();
    if !unknown.is_empty() {
        return Err(ApiError::unknown(&unknown));
    }
    let mut checked = Object::new();
    for param in declared() {
        let path = join(path, param.name);
        match fields.get(param.name) {
            None if param.required => return Err(ApiError::missing(&path)),
            None => {}
            Some(Node::Text(text)) if text.is_empty() && param.clearable => {
                checked.insert(param.name.to_owned(), Value::Null);
            }
            Some(node) => {
                checked.insert(param.name.to_owned(), value(param.shape, node, &path)?);
            }
        }
    }
    Ok(checked)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}[{key}]")
    }
}

fn value(shape: Shape, node: &Node, path: &str) -> Result<Value, ApiError> {
    match (shape, node) {
        (Shape::NotYet, _) => Err(ApiError::unsupported(
            path,
            &format!("the parameter `{path}`"),
        )),
        (Shape::Metadata, node) => metadata(node, path),
        (Shape::Range, node) => range(node, path),
        (Shape::Hash(params), Node::Hash(fields)) => {
            hash(&[params], fields, path).map(Value::Object)
        }
        (Shape::TextOrHash(params), Node::Hash(fields)) => {
            hash(&[params], fields, path).map(Value::Object)
        }
        (Shape::TextOrHash(_), Node::Text(text)) if !text.is_empty() => Ok(json!(text)),
        (Shape::Hash(_), _) => Err(ApiError::invalid("Invalid object").param(path)),
        (Shape::List { of, max }, node) => list(*of, max, node, path),
        (scalar, Node::Text(text)) => {
            if text.is_empty() {
                return Err(ApiError::empty(path));
            }
            text_value(scalar, text, path)
        }
        (_, node) => {
            let shown = node.to_json().to_string();
            Err(ApiError::invalid(format!("Invalid string: {shown}")).param(path))
        }
    }
}

fn text_value(shape: Shape, text: &str, path: &str) -> Result<Value, ApiError> {
    let invalid = |what: String| Err(ApiError::invalid(what).param(path));
    match shape {
        Shape::Text { max } => {
            let len = text.chars().count();
            if len > max {
                return invalid(format!(
                    "Invalid string: {}...; must be at most {max} characters",
                    text.chars().take(10).collect::<String>()
                ));
            }
            Ok(json!(text))
        }
        Shape::Integer { min, max } => integer(text, (min, max), path).map(Value::from),
        Shape::Boolean => match text {
            "true" => Ok(json!(true)),
            "false" => Ok(json!(false)),
            _ => invalid(format!("Invalid boolean: {text}")),
        },
        Shape::Decimal if is_decimal(text) => Ok(json!(text)),
        Shape::Decimal => invalid(format!(
            "Invalid decimal: {text}; must be a number with at most {DECIMAL_PLACES_MAX} decimal places"
        )),
        Shape::Choice(values) if values.contains(&text) => Ok(json!(text)),
        Shape::Choice(values) => {
            let name = path
                .rsplit('[')
                .next()
                .unwrap_or(path)
                .trim_end_matches(']');
            invalid(format!(
                "Invalid {name}: must be one of {}",
                alternatives(values)
            ))
        }
        Shape::Currency => {
            let code = text.to_ascii_lowercase();
            if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
                Ok(json!(code))
            } else {
                invalid(format!("Invalid currency: {text}."))
            }
        }
        Shape::Email => match text.split_once('@') {
            Some((name, host))
                if !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) =>
            {
                Ok(json!(text))
            }
            _ => Err(ApiError::invalid(format!("Invalid email address: {text}"))
                .code("email_invalid")
                .param(path)),
        },
        Shape::Url if is_url(text) => Ok(json!(text)),
        Shape::Url => Err(ApiError::invalid("Not a valid URL")
            .code("url_invalid")
            .param(path)),
        Shape::Metadata
        | Shape::Hash(_)
        | Shape::TextOrHash(_)
        | Shape::List { .. }
        | Shape::Range
        | Shape::NotYet => invalid(format!("Invalid value: {text}")),
    }
}

fn integer(text: &str, (min, max): (i64, i64), path: &str) -> Result<i64, ApiError> {
    let refuse = |message: String| {
        Err(ApiError::invalid(message)
            .code("parameter_invalid_integer")
            .param(path))
    };
    match text.parse::<i64>() {
        Err(_) => refuse(format!("Invalid integer: {text}")),
        Ok(number) if number < min => refuse(format!(
            "This value must be greater than or equal to {min}."
        )),
        Ok(number) if number > max => {
            refuse(format!("This value must be less than or equal to {max}."))
        }
        Ok(number) => Ok(number),
    }
}

fn list(of: Shape, max: usize, node: &Node, path: &str) -> Result<Value, ApiError> {
    let items: Vec<&Node> = match node {
        Node::Pushed(items) => items.iter().collect(),
        Node::Hash(fields) => indexed(fields, path)?,
        Node::Text(_) => return Err(ApiError::invalid("Invalid array").param(path)),
    };
    if items.len() > max {
        let message = format!("Array {path} exceeded maximum {max} allowed elements.");
        return Err(ApiError::invalid(message).param(path));
    }
    let checked = items
        .iter()
        .enumerate()
        .map(|(at, item)| value(of, item, &format!("{path}[{at}]")));
    checked.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// `{0: a, 1: b}` in order; anything else is not an array.
fn indexed<'a>(fields: &'a BTreeMap<String, Node>, path: &str) -> Result<Vec<&'a Node>, ApiError> {
    (0..fields.len())
        .map(|index| fields.get(&index.to_string()))
        .collect::<Option<_>>()
        .ok_or_else(|| {
            ApiError::invalid(
                "Invalid array: If passing an array with explicit keys, the keys must be numeric \
                 and sequential starting from 0.",
            )
            .param(path)
        })
}

fn metadata(node: &Node, path: &str) -> Result<Value, ApiError> {
    let invalid = |message: String| Err(ApiError::invalid(message).param(path));
    let Node::Hash(fields) = node else {
        return invalid("Invalid object".to_owned());
    };
    if fields.len() > METADATA_KEYS_MAX {
        return invalid(metadata_overflow());
    }
    let mut pairs = Object::new();
    for (key, item) in fields {
        let Node::Text(text) = item else {
            return invalid("Metadata values must be strings.".to_owned());
        };
        if key.chars().count() > METADATA_KEY_LEN_MAX || key.contains(['[', ']']) {
            return invalid(format!(
                "Metadata keys must be no longer than {METADATA_KEY_LEN_MAX} characters and must \
                 not contain square brackets: {key}"
            ));
        }
        if text.chars().count() > METADATA_VALUE_LEN_MAX {
            return invalid(format!(
                "Metadata values can have up to {METADATA_VALUE_LEN_MAX} characters: {key}"
            ));
        }
        let value = if text.is_empty() {
            Value::Null
        } else {
            json!(text)
        };
        pairs.insert(key.clone(), value);
    }
    Ok(Value::Object(pairs))
}

fn metadata_overflow() -> String {
    format!("You can have at most {METADATA_KEYS_MAX} metadata keys.")
}

/// Merges `change` (as checked) into the metadata that an object has: a `null` value unsets its
/// key, `null` as a whole unsets all.
pub(crate) fn merge_metadata(current: Option<&Value>, change: &Value) -> Result<Value, ApiError> {
    let Value::Object(change) = change else {
        return Ok(json!({}));
    };
    let mut merged = current
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    for (key, value) in change {
        if value.is_null() {
            merged.remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
        }
    }
    if merged.len() > METADATA_KEYS_MAX {
        return Err(ApiError::invalid(metadata_overflow()).param("metadata"));
    }
    Ok(Value::Object(merged))
}

fn range(node: &Node, path: &str) -> Result<Value, ApiError> {
    const BOUND: Shape = Shape::Integer {
        min: 0,
        max: i64::MAX,
    };
    const BOUNDS: &[Param] = &[
        Param::new("gt", BOUND),
        Param::new("gte", BOUND),
        Param::new("lt", BOUND),
        Param::new("lte", BOUND),
    ];
    match node {
        Node::Hash(fields) => hash(&[BOUNDS], fields, path).map(Value::Object),
        node => value(BOUND, node, path),
    }
}

fn alternatives(values: &[&str]) -> String {
    match values {
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} or {second}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
        [] => String::new(),
    }
}

fn is_decimal(text: &str) -> bool {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(places) && whole.len() <= 12 && places.len() <= DECIMAL_PLACES_MAX
}

/// Only web addresses: a `javascript:` one would end up in a link of the hosted page.
fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'))
        && !text.contains(|c: char| c.is_control() || c == ' ')
}

#[cfg(test)]
mod tests;
