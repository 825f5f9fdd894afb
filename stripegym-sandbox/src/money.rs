//! Amounts: minor units in integers, never floats.

use std::fmt;

const ZERO_DECIMAL: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// Smallest charge per currency, in minor units.
const MINIMUMS: [(&str, i64); 16] = [
    ("gbp", 30),
    ("aed", 200),
    ("czk", 1_500),
    ("dkk", 250),
    ("hkd", 400),
    ("huf", 17_500),
    ("mxn", 1_000),
    ("myr", 200),
    ("nok", 300),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("thb", 1_000),
    ("jpy", 50),
    ("krw", 50),
    ("usd", 50),
];
const MINIMUM_ELSE: i64 = 50;

const SYMBOLS: [(&str, &str); 7] = [
    ("usd", "$"),
    ("jpy", "¥"),
    ("eur", "€"),
    ("gbp", "£"),
    ("krw", "₩"),
    ("inr", "₹"),
    ("brl", "R$"),
];

/// The smallest amount that can be charged.
pub(crate) fn minimum(currency: &str) -> i64 {
    MINIMUMS
        .iter()
        .find(|(code, _)| *code == currency)
        .map_or(MINIMUM_ELSE, |(_, amount)| *amount)
}

/// The part of an amount that `part` is of `whole`, rounded to the nearest.
pub(crate) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let whole = i128::from(whole.max(1));
    let product = i128::from(amount) * i128::from(part);
    let magnitude = (product.abs() + whole / 2) / whole;
    let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
    if product < 0 { -magnitude } else { magnitude }
}

/// For people: `$10.00`, `¥1,000`, `CHF 10.00`.
pub(crate) fn format(currency: &str, minor: i64) -> String {
    let number = digits(currency, minor);
    match SYMBOLS.iter().find(|(code, _)| *code == currency) {
        Some((_, symbol)) => format!("{symbol}{number}"),
        None => format!("{} {number}", currency.to_ascii_uppercase()),
    }
}

/// The number alone, with separators, in the places that the currency has.
fn digits(currency: &str, minor: i64) -> String {
    let places = if ZERO_DECIMAL.contains(&currency) {
        0
    } else if THREE_DECIMAL.contains(&currency) {
        3
    } else {
        2
    };
    let sign = if minor < 0 { "-" } else { "" };
    let padded = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// A unit amount with up to twelve places after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal(i128);

const SCALE: i128 = 1_000_000_000_000;
const PLACES: usize = 12;

impl Decimal {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.len() > PLACES || whole.len() > 12 {
            return None;
        }
        let fraction: i128 = format!("{fraction:0<PLACES$}").parse().ok()?;
        whole
            .parse::<i128>()
            .ok()?
            .checked_mul(SCALE)?
            .checked_add(fraction)
            .map(Self)
    }

    /// The amount, if it has no fraction.
    pub(crate) fn whole(self) -> Option<i64> {
        (self.0 % SCALE == 0)
            .then(|| i64::try_from(self.0 / SCALE).ok())
            .flatten()
    }

    /// This many percent of an amount, halves rounded up.
    pub(crate) fn percent_of(self, amount: i64) -> Option<i64> {
        let hundred = SCALE.checked_mul(100)?;
        let product = self.0.checked_mul(i128::from(amount))?;
        i64::try_from(product.checked_add(hundred / 2)?.div_euclid(hundred)).ok()
    }

    /// Times a quantity, halves rounded up.
    pub(crate) fn times(self, quantity: i64) -> Option<i64> {
        let product = self.0.checked_mul(i128::from(quantity))?;
        i64::try_from(product.checked_add(SCALE / 2)?.div_euclid(SCALE)).ok()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:0>PLACES$}", self.0 % SCALE);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{}{point}{fraction}", self.0 / SCALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(format("usd", 123_456_789), "$1,234,567.89");
        assert_eq!(format("usd", 5), "$0.05");
        assert_eq!(format("jpy", 1_000), "¥1,000");
        assert_eq!(format("jpy", 0), "¥0");
        assert_eq!(format("kwd", 1_500), "KWD 1.500");
        assert_eq!(format("chf", -1_000), "CHF -10.00");
    }

    #[test]
    fn decimals_multiply_exactly_and_round_half_up() {
        assert_eq!(Decimal::parse("0.5").unwrap().times(3), Some(2));
        assert_eq!(Decimal::parse("0.4").unwrap().times(1), Some(0));
        assert_eq!(Decimal::parse("12.50").unwrap().to_string(), "12.5");
        assert_eq!(Decimal::parse("12.00").unwrap().whole(), Some(12));
        assert_eq!(Decimal::parse("12.01").unwrap().whole(), None);
    }
}
