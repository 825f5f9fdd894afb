//! Stripe's request encoding: `application/x-www-form-urlencoded` with brackets
//! for nesting and explicit, sequential indexes for lists.
//! <https://docs.stripe.com/api?lang=curl>

use serde_json::Value;

/// The parameters of one request, in order. Keys are in bracket form.
///
/// ```
/// use stripegym_core::Form;
/// let mut form = Form::new();
/// form.set("mode", "payment");
/// form.set("line_items[0][price]", "price_1");
/// form.set("metadata[order id]", "a&b");
/// assert_eq!(
///     form.encode(),
///     "mode=payment&line_items[0][price]=price_1&metadata[order%20id]=a%26b",
/// );
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// No parameters yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one parameter, replacing the value it had. An empty value unsets
    /// an optional parameter on Stripe's side.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Puts a JSON value under `key`: objects and lists become brackets,
    /// `null` becomes the empty text that unsets.
    pub fn set_json(&mut self, key: &str, value: &Value) {
        match value {
            Value::Null => self.set(key, ""),
            Value::Bool(flag) => self.set(key, flag.to_string()),
            Value::Number(number) => self.set(key, number.to_string()),
            Value::String(text) => self.set(key, text.as_str()),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.set_json(&format!("{key}[{index}]"), item);
                }
            }
            Value::Object(map) => {
                for (name, item) in map {
                    self.set_json(&format!("{key}[{name}]"), item);
                }
            }
        }
    }

    /// Moves the parameters of `inner` below `key`, so that its `price` becomes `key[price]`.
    pub fn nest(&mut self, key: &str, inner: Self) {
        for (name, value) in inner.0 {
            let nested = match name.split_once('[') {
                Some((head, rest)) => format!("{key}[{head}][{rest}"),
                None => format!("{key}[{name}]"),
            };
            self.set(nested, value);
        }
    }

    /// The value of one parameter.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    /// True when there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The bytes that go on the wire, for a body and for a query alike.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out =
            String::with_capacity(self.0.iter().map(|(k, v)| k.len() + v.len() + 2).sum());
        for (key, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            // Brackets stay readable, as the official SDKs leave them.
            escape(&mut out, key, b"[]");
            out.push('=');
            escape(&mut out, value, b"");
        }
        out
    }
}

impl Form {
    /// Reads back what [`Form::encode`] wrote; `None` for anything else.
    #[must_use]
    pub fn decode(encoded: &str) -> Option<Self> {
        if encoded.is_empty() {
            return Some(Self::new());
        }
        let pairs = encoded.split('&').map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((unescape(key)?, unescape(value)?))
        });
        pairs.collect::<Option<_>>().map(Self)
    }
}

// Values may hold personal data, so only the keys are shown.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form")?;
        f.debug_list()
            .entries(self.0.iter().map(|(key, _)| key))
            .finish()
    }
}

fn escape(out: &mut String, text: &str, also_plain: &[u8]) {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
            || also_plain.contains(&byte)
    };
    // Whole runs at once: most of a form is plain.
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        let (plain, odd) = rest.split_at(at);
        out.push_str(plain);
        let mut odd = odd.chars();
        if let Some(odd) = odd.next() {
            for byte in odd.encode_utf8(&mut [0; 4]).bytes() {
                out.push('%');
                out.push(hex_digit(byte >> 4));
                out.push(hex_digit(byte & 0xf));
            }
        }
        rest = odd.as_str();
    }
    out.push_str(rest);
}

fn hex_digit(nibble: u8) -> char {
    char::from(match nibble {
        0..10 => b'0' + nibble,
        _ => b'A' - 10 + nibble,
    })
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let (digits, tail) = tail.split_at_checked(2)?;
            bytes.extend(hex::decode(digits).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What the official SDKs send for the same input (measured; see docs of the API's encoding).
    #[test]
    fn the_official_sdks_send_the_same_bytes() {
        let mut form = Form::new();
        form.set("mode", "subscription");
        form.set("line_items[0][price]", "price_1");
        form.set_json("line_items[0][quantity]", &json!(2));
        form.set_json("metadata", &json!({ "order id": "a&b" }));
        form.set_json("allow_promotion_codes", &json!(true));
        let mut data = Form::new();
        data.set_json("trial_period_days", &json!(14));
        data.set("metadata[k]", "");
        form.nest("subscription_data", data);
        form.set_json("expand", &json!(["subscription", "line_items"]));
        form.set_json("discounts", &Value::Null);
        assert_eq!(
            form.encode(),
            "mode=subscription&line_items[0][price]=price_1&line_items[0][quantity]=2\
             &metadata[order%20id]=a%26b&allow_promotion_codes=true\
             &subscription_data[trial_period_days]=14&subscription_data[metadata][k]=\
             &expand[0]=subscription&expand[1]=line_items&discounts="
        );
    }

    #[test]
    fn setting_a_parameter_twice_keeps_the_last_value() {
        let mut form = Form::new();
        form.set("locale", "ja");
        form.set("locale", "en");
        assert_eq!(form.encode(), "locale=en");
    }

    #[test]
    fn debug_hides_values() {
        let mut form = Form::new();
        form.set("email", "someone@example.com");
        assert_eq!(format!("{form:?}"), "Form[\"email\"]");
    }

    proptest::proptest! {
        #[test]
        fn every_text_survives_the_wire(value in ".*") {
            let mut form = Form::new();
            form.set("k", value.as_str());
            let sent = form.encode();
            proptest::prop_assert!(sent.is_ascii());
            proptest::prop_assert_eq!(Form::decode(&sent), Some(form));
        }
    }

    #[test]
    fn what_is_no_form_is_not_read() {
        for bad in ["k", "k=%", "k=%4", "k=%zz", "k=%ff", "a=b&"] {
            assert_eq!(Form::decode(bad), None, "{bad}");
        }
        assert_eq!(Form::decode(""), Some(Form::new()));
    }
}
