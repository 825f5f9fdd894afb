//! What Stripe would refuse anyway is refused before anything is sent, with
//! words that say what to do.

use super::{Method, Request};
use crate::form::Form;
use crate::money::{Amount, Currency};

/// The most keys that an object's metadata may have.
pub const METADATA_KEYS_MAX: usize = 50;
/// The most characters of a key of metadata.
pub const METADATA_KEY_LENGTH_MAX: usize = 40;
/// The most characters of a value of metadata.
pub const METADATA_VALUE_LENGTH_MAX: usize = 500;

/// What was wrong with the parameters. Holds no value: values may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// More than [`METADATA_KEYS_MAX`] keys.
    #[error("{param} has {count} keys, Stripe takes 50: keep the rest in your own database")]
    MetadataKeys {
        /// The parameter, such as `subscription_data[metadata]`.
        param: Box<str>,
        /// How many there were.
        count: usize,
    },
    /// A key that is empty, longer than [`METADATA_KEY_LENGTH_MAX`] or has a bracket.
    #[error("a key of {param} {problem}")]
    MetadataKey {
        /// The parameter.
        param: Box<str>,
        /// What was wrong and what to do.
        problem: &'static str,
    },
    /// A value longer than [`METADATA_VALUE_LENGTH_MAX`].
    #[error(
        "{param} has {length} characters, Stripe takes 500: \
         keep the text in your own database and send its id"
    )]
    MetadataValue {
        /// The parameter with its key.
        param: Box<str>,
        /// How long it was.
        length: usize,
    },
    /// Less than Stripe charges.
    #[error("{amount} is less than Stripe charges: the least is {least}")]
    AmountTooSmall {
        /// What was asked for.
        amount: Amount,
        /// The least that is charged.
        least: Amount,
    },
    /// Finer than the currency is charged in.
    #[error("{amount} is finer than the currency is charged in: make it a multiple of {step}")]
    AmountTooFine {
        /// What was asked for.
        amount: Amount,
        /// Of what it must be a multiple.
        step: Amount,
    },
    /// No API version could be called so.
    #[error("the API version must be a text such as 2026-10-28.endive")]
    ApiVersion,
}

pub(super) fn check(request: &Request) -> Result<(), InputError> {
    if let Some(version) = request.api_version() {
        let fits = !version.is_empty() && version.bytes().all(|b| b.is_ascii_graphic());
        fits.then_some(()).ok_or(InputError::ApiVersion)?;
    }
    check_metadata(request.form())?;
    if charges(request) {
        check_amount(request.form())?;
    }
    Ok(())
}

/// Only here is the amount what the customer is charged; prices, coupons and
/// invoice items may be of any size.
fn charges(request: &Request) -> bool {
    let path = request.path();
    let intent = path.strip_prefix("/v1/payment_intents");
    request.method() == Method::Post && intent.is_some_and(|rest| rest.rsplit('/').count() <= 2)
}

/// The position behind `metadata[`, at any depth.
fn split_metadata(key: &str) -> Option<(&str, &str)> {
    let at = match key.find("[metadata][") {
        Some(at) => at + "[metadata]".len(),
        None if key.starts_with("metadata[") => "metadata".len(),
        None => return None,
    };
    let (param, inner) = key.split_at_checked(at)?;
    Some((param, inner.strip_prefix('[')?.strip_suffix(']')?))
}

fn check_metadata(form: &Form) -> Result<(), InputError> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (key, value) in form.iter() {
        let Some((param, name)) = split_metadata(key) else {
            continue;
        };
        let no = |problem| {
            let param = param.into();
            Err(InputError::MetadataKey { param, problem })
        };
        if name.is_empty() {
            return no("is empty: give it a name");
        }
        if name.contains(['[', ']']) {
            return no("has a bracket: metadata is flat, use another character");
        }
        if name.chars().count() > METADATA_KEY_LENGTH_MAX {
            return no("has more than 40 characters: shorten it");
        }
        let length = value.chars().count();
        if length > METADATA_VALUE_LENGTH_MAX {
            let param = key.into();
            return Err(InputError::MetadataValue { param, length });
        }
        match counts.iter_mut().find(|(known, _)| *known == param) {
            Some((_, count)) => *count += 1,
            None => counts.push((param, 1)),
        }
    }
    match counts.iter().find(|(_, count)| *count > METADATA_KEYS_MAX) {
        Some((param, count)) => Err(InputError::MetadataKeys {
            param: (*param).into(),
            count: *count,
        }),
        None => Ok(()),
    }
}

fn check_amount(form: &Form) -> Result<(), InputError> {
    let minor = form.get("amount").and_then(|text| text.parse().ok());
    let currency = form
        .get("currency")
        .and_then(|code| Currency::parse(code).ok());
    let (Some(minor), Some(currency)) = (minor, currency) else {
        return Ok(()); // Stripe knows the other half, or says what is wrong with it.
    };
    let amount = Amount::new(minor, currency);
    let least = currency.charge_min().unwrap_or(1);
    if minor < least {
        let least = Amount::new(least, currency);
        return Err(InputError::AmountTooSmall { amount, least });
    }
    let step = currency.charge_step();
    if minor % step != 0 {
        let step = Amount::new(step, currency);
        return Err(InputError::AmountTooFine { amount, step });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(request: &Request) -> String {
        check(request).unwrap_err().to_string()
    }

    #[test]
    fn metadata_is_measured_wherever_it_is() {
        for prefix in [
            "metadata",
            "subscription_data[metadata]",
            "phases[0][metadata]",
        ] {
            let request = |key: &str, value: &str| {
                Request::post("/v1/checkout/sessions").param(&format!("{prefix}[{key}]"), value)
            };
            assert_eq!(check(&request(&"k".repeat(40), &"茶".repeat(500))), Ok(()));
            let bad = [
                (request(&"k".repeat(41), ""), "more than 40 characters"),
                (request("", ""), "is empty"),
                (request("a[b]", ""), "has a bracket"),
                (request("a][b", ""), "has a bracket"),
                (request("k", &"x".repeat(501)), "501 characters"),
            ];
            for (request, expected) in bad {
                let said = refused(&request);
                assert!(said.contains(expected) && said.contains(prefix), "{said}");
            }
        }
    }

    #[test]
    fn fifty_keys_fit_and_one_more_does_not() {
        let with = |count: usize| {
            (0..count).fold(Request::post("/v1/customers"), |request, key| {
                request.param(&format!("metadata[{key}]"), "x")
            })
        };
        assert_eq!(check(&with(50)), Ok(()));
        assert!(refused(&with(51)).starts_with("metadata has 51 keys, Stripe takes 50"));
    }

    #[test]
    fn a_charge_is_measured_in_its_currency() {
        let request = |path: &str, amount: &str, currency: &str| {
            Request::post(path)
                .param("amount", amount)
                .param("currency", currency)
        };
        let intents = "/v1/payment_intents";
        for (amount, currency, expected) in [
            (
                "49",
                "jpy",
                Some("49 JPY is less than Stripe charges: the least is 50 JPY"),
            ),
            ("50", "jpy", None),
            (
                "49",
                "usd",
                Some("0.49 USD is less than Stripe charges: the least is 0.50 USD"),
            ),
            ("30", "gbp", None),
            (
                "0",
                "xof",
                Some("0 XOF is less than Stripe charges: the least is 1 XOF"),
            ),
            (
                "-5",
                "usd",
                Some("-0.05 USD is less than Stripe charges: the least is 0.50 USD"),
            ),
            (
                "1234",
                "kwd",
                Some(
                    "1.234 KWD is finer than the currency is charged in: make it a multiple of 0.010 KWD",
                ),
            ),
            ("1230", "kwd", None),
            (
                "550",
                "isk",
                Some(
                    "5.50 ISK is finer than the currency is charged in: make it a multiple of 1.00 ISK",
                ),
            ),
            ("500", "ugx", None),
            ("abc", "usd", None),
            ("1", "dollars", None),
        ] {
            let said = check(&request(intents, amount, currency)).map_err(|e| e.to_string());
            assert_eq!(said.err().as_deref(), expected, "{amount} {currency}");
            let update = request("/v1/payment_intents/pi_1", amount, currency);
            assert_eq!(check(&update).is_err(), expected.is_some());
            let price = request("/v1/invoiceitems", amount, currency);
            assert_eq!(check(&price), Ok(()));
        }
    }
}
