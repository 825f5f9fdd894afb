//! Keys: any that look like a test key are good; the rest is refused in Stripe's words.

use crate::error::ApiError;

/// Checks an `Authorization` header.
pub(crate) fn authorize(header: Option<&str>) -> Result<(), ApiError> {
    let key = header.and_then(key_of).unwrap_or_default();
    if key.is_empty() {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the \
             Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
             YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
        ));
    }
    let secret = ["sk_test_", "rk_test_"]
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix));
    match secret {
        Some(rest) if !rest.is_empty() => Ok(()),
        _ if key.starts_with("pk_test_") => Err(ApiError::unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API \
             key. You can find a list of your API keys at \
             https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required")),
        _ => Err(ApiError::unauthorized(format!(
            "Invalid API Key provided: {}",
            mask(&key)
        ))),
    }
}

fn key_of(header: &str) -> Option<String> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(rest.to_owned())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(base64(rest)?).ok()?;
        let (user, _password) = decoded.split_once(':').unwrap_or((&decoded, ""));
        Some(user.to_owned())
    } else {
        None
    }
}

/// The key's kind and its last four characters; stars between.
fn mask(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let shown = match key.match_indices('_').nth(1) {
        Some((at, _)) if at < 10 => at + 1,
        _ => 0,
    };
    if chars.len() < shown + 8 {
        return "*".repeat(chars.len());
    }
    let (head, rest) = chars.split_at(shown);
    let (middle, tail) = rest.split_at(rest.len() - 4);
    head.iter().collect::<String>() + &"*".repeat(middle.len()) + &tail.iter().collect::<String>()
}

/// Standard base64; one header does not justify a dependency.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(header: Option<&str>) -> String {
        authorize(header).unwrap_err().message().to_owned()
    }

    #[test]
    fn test_keys_open_by_bearer_and_basic() {
        assert!(authorize(Some("Bearer sk_test_anything")).is_ok());
        assert!(authorize(Some("bearer rk_test_x")).is_ok());
        // `sk_test_abc:` in base64.
        assert!(authorize(Some("Basic c2tfdGVzdF9hYmM6")).is_ok());
    }

    #[test]
    fn other_keys_are_masked_in_the_refusal() {
        assert!(refusal(None).starts_with("You did not provide an API key."));
        assert!(refusal(Some("Bearer ")).starts_with("You did not provide an API key."));
        assert!(refusal(Some("Digest x")).starts_with("You did not provide an API key."));
        assert_eq!(
            refusal(Some("Bearer sk_live_0123456789abcd1234")),
            "Invalid API Key provided: sk_live_**************1234"
        );
        assert_eq!(
            refusal(Some("Bearer nonsense")),
            "Invalid API Key provided: ****ense"
        );
        assert_eq!(refusal(Some("Bearer abc")), "Invalid API Key provided: ***");
        assert!(refusal(Some("Bearer pk_test_abc")).contains("publishable"));
    }
}
