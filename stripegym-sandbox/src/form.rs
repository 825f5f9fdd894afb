//! `application/x-www-form-urlencoded` with brackets, as Stripe's SDKs write it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;

const PAIRS_MAX: usize = 5_000;
const DEPTH_MAX: usize = 10;

/// What a key stands for. Whether `{0: .., 1: ..}` is a list or a hash with odd keys (metadata
/// may have such) is decided by whoever knows the parameter, not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Text(String),
    Hash(BTreeMap<String, Self>),
    /// Written with empty brackets: `a[]=x`.
    Pushed(Vec<Self>),
}

impl Node {
    pub(crate) fn empty() -> Self {
        Self::Hash(BTreeMap::new())
    }

    /// A canonical picture, for comparing two requests: the order of keys does not count.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Hash(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(k, v)| (k.clone(), v.to_json()))
                    .collect(),
            ),
            Self::Pushed(items) => Value::Array(items.iter().map(Self::to_json).collect()),
        }
    }

    fn insert(&mut self, path: &[&str], text: String) -> Result<(), Clash> {
        match (&mut *self, path) {
            (Self::Hash(fields), [key, rest @ ..]) if !key.is_empty() => {
                match fields.get_mut(*key) {
                    Some(present) if rest.is_empty() => match present {
                        // The last of several plain values counts.
                        Self::Text(old) => *old = text,
                        _ => return Err(Clash),
                    },
                    Some(present) => present.insert(rest, text)?,
                    None => {
                        fields.insert((*key).to_owned(), Self::fresh(rest, text)?);
                    }
                }
                Ok(())
            }
            (Self::Pushed(items), ["", rest @ ..]) => {
                // `a[][b]=1&a[][c]=2` is one element until a key repeats.
                if let (Some(last), [key, ..]) = (items.last_mut(), rest)
                    && let Self::Hash(fields) = last
                    && !fields.contains_key(*key)
                {
                    return last.insert(rest, text);
                }
                items.push(Self::fresh(rest, text)?);
                Ok(())
            }
            _ => Err(Clash),
        }
    }

    fn fresh(path: &[&str], text: String) -> Result<Self, Clash> {
        let mut node = match path {
            [] => return Ok(Self::Text(text)),
            ["", ..] => Self::Pushed(Vec::new()),
            _ => Self::empty(),
        };
        node.insert(path, text)?;
        Ok(node)
    }
}

/// One key is used both as a value and as a container.
struct Clash;

/// Decodes a query string and a body, the body last so that it wins.
pub(crate) fn decode(query: &str, body: &str) -> Result<Node, ApiError> {
    let mut root = Node::empty();
    let pairs = query
        .split('&')
        .chain(body.split('&'))
        .filter(|pair| !pair.is_empty());
    for (index, pair) in pairs.enumerate() {
        if index >= PAIRS_MAX {
            return Err(ApiError::invalid("The request has too many parameters."));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (unescape(key)?, unescape(value)?);
        let path = split_key(&key)?;
        root.insert(&path, value).map_err(|Clash| {
            ApiError::invalid(format!(
                "Invalid parameter: {key} is used in two different shapes"
            ))
            .param(key.clone())
        })?;
    }
    Ok(root)
}

/// `a[b][]` -> `a`, `b` and an empty part.
fn split_key(key: &str) -> Result<Vec<&str>, ApiError> {
    let malformed = || ApiError::invalid(format!("Invalid parameter name: {key}")).param(key);
    let (head, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    if head.is_empty() {
        return Err(malformed());
    }
    let mut path = vec![head];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (part, tail) = inner.split_once(']').ok_or_else(malformed)?;
        path.push(part);
        rest = tail;
        if path.len() > DEPTH_MAX {
            return Err(malformed());
        }
    }
    Ok(path)
}

/// `+` and `%20` are both spaces; anything that is not UTF-8 in the end is refused.
pub(crate) fn unescape(text: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(digit), ahead.next().and_then(digit)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high * 16 + low);
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::invalid("Invalid UTF-8 in the request."))
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json_of(body: &str) -> Value {
        decode("", body).unwrap().to_json()
    }

    #[test]
    fn the_sdk_vector_decodes() {
        let body = "mode=subscription&line_items[0][price]=price_1&line_items[0][quantity]=2\
                    &metadata[order%20id]=a%26b&subscription_data[metadata][k]=&discounts=\
                    &expand[0]=subscription&expand[1]=line_items";
        assert_eq!(
            json_of(body),
            json!({
                "mode": "subscription",
                "line_items": {"0": {"price": "price_1", "quantity": "2"}},
                "metadata": {"order id": "a&b"},
                "subscription_data": {"metadata": {"k": ""}},
                "discounts": "",
                "expand": {"0": "subscription", "1": "line_items"},
            })
        );
    }

    #[test]
    fn encoded_brackets_and_plus_mean_the_same() {
        assert_eq!(json_of("a%5Bb%5D=x+y"), json_of("a[b]=x%20y"));
    }

    #[test]
    fn empty_brackets_push() {
        assert_eq!(json_of("a[]=x&a[]=y"), json!({"a": ["x", "y"]}));
        assert_eq!(
            json_of("a[][b]=1&a[][c]=2&a[][b]=3"),
            json!({"a": [{"b": "1", "c": "2"}, {"b": "3"}]})
        );
    }

    #[test]
    fn the_last_value_wins_and_shapes_must_agree() {
        assert_eq!(json_of("a=1&a=2"), json!({"a": "2"}));
        assert!(decode("", "a=1&a[b]=2").is_err());
        assert!(decode("", "a[b=2").is_err());
        assert!(decode("", "[a]=2").is_err());
        assert!(decode("", &format!("a{}=1", "[b]".repeat(50))).is_err());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_and_a_bare_percent_is_kept() {
        assert!(decode("", "a=%ff").is_err());
        assert_eq!(json_of("a=100%"), json!({"a": "100%"}));
        assert_eq!(json_of("a=%E5%86%86"), json!({"a": "円"}));
    }
}
