//! Money as Stripe sends it: whole minor units and a currency, never a float.

use std::fmt;

/// A three-letter ISO 4217 code in lower case, as Stripe writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Japanese yen: no minor unit, so 4980 means 4,980 yen.
    pub const JPY: Self = Self(*b"jpy");
    /// United States dollar: 100 minor units.
    pub const USD: Self = Self(*b"usd");

    /// Reads a code in either case.
    ///
    /// # Errors
    /// When it is not three ASCII letters.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            [a, b, c] if code.bytes().all(|x| x.is_ascii_alphabetic()) => {
                Ok(Self([a, b, c].map(u8::to_ascii_lowercase)))
            }
            _ => Err(MoneyError::Currency),
        }
    }

    /// The code in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII letters get in, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or("xxx")
    }

    /// How many decimal places separate the minor unit that Stripe counts in
    /// from the unit that people speak of. <https://docs.stripe.com/currencies>
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"bif" | b"clp" | b"djf" | b"gnf" | b"jpy" | b"kmf" | b"krw" | b"mga" | b"pyg"
            | b"rwf" | b"vnd" | b"vuv" | b"xaf" | b"xof" | b"xpf" => 0,
            b"bhd" | b"jod" | b"kwd" | b"omr" | b"tnd" => 3,
            _ => 2,
        }
    }

    /// The least that Stripe charges, in minor units, where it is known. It
    /// holds for the currency of settlement: what is paid in another currency
    /// is measured after conversion. <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>
    #[must_use]
    pub fn charge_min(&self) -> Option<i64> {
        let minor = match &self.0 {
            b"gbp" => 30,
            b"ars" | b"aud" | b"brl" | b"cad" | b"chf" | b"cop" | b"eur" | b"idr" | b"ils"
            | b"inr" | b"jpy" | b"krw" | b"nzd" | b"php" | b"rub" | b"sgd" | b"usd" | b"zar" => 50,
            b"aed" | b"myr" | b"pln" | b"ron" => 200,
            b"dkk" => 250,
            b"nok" | b"sek" => 300,
            b"hkd" => 400,
            b"mxn" | b"thb" => 1000,
            b"czk" => 1500,
            b"huf" => 17_500,
            _ => return None,
        };
        Some(minor)
    }

    /// Of what an amount must be a multiple: three-decimal currencies end in
    /// 0, and two currencies without decimals are sent as if they had two.
    #[must_use]
    pub fn charge_step(&self) -> i64 {
        match &self.0 {
            b"isk" | b"ugx" => 100,
            _ if self.decimals() == 3 => 10,
            _ => 1,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.as_str())
    }
}

/// An amount in minor units of one currency; may be negative.
///
/// ```
/// use stripegym_core::{Amount, Currency};
/// let tea = Amount::new(1999, Currency::USD);
/// assert_eq!(tea.to_string(), "19.99 USD");
/// assert_eq!(Amount::new(4980, Currency::JPY).to_string(), "4980 JPY");
/// assert!(tea.checked_add(Amount::new(1, Currency::JPY)).is_err());
/// # Ok::<(), stripegym_core::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

impl Amount {
    /// `minor` counts minor units: cents for dollars, yen for yen.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The number of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// True for nothing at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// On two currencies, or when the sum does not fit 64 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// On two currencies, or when the difference does not fit 64 bits.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The same amount the other way.
    ///
    /// # Errors
    /// For the one number that has no opposite in 64 bits.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed {
                left: self.currency,
                right: other.currency,
            });
        }
        let minor = op(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.currency.as_str().to_ascii_uppercase();
        let scale = 10_u64.pow(self.currency.decimals());
        let (whole, part) = (
            self.minor.unsigned_abs() / scale,
            self.minor.unsigned_abs() % scale,
        );
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.decimals() {
            0 => write!(f, "{sign}{whole} {code}"),
            digits => write!(
                f,
                "{sign}{whole}.{part:0width$} {code}",
                width = digits as usize
            ),
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

/// Why money could not be read or combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not three letters.
    #[error("a currency is a three-letter ISO 4217 code such as jpy")]
    Currency,
    /// Amounts of two currencies cannot be combined.
    #[error("{left} and {right} cannot be combined")]
    Mixed {
        /// Currency of the first amount.
        left: Currency,
        /// Currency of the second amount.
        right: Currency,
    },
    /// The result does not fit 64 bits.
    #[error("the amount does not fit 64 bits")]
    Overflow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_letters_in_either_case() {
        assert_eq!(Currency::parse("JPY"), Ok(Currency::JPY));
        for bad in ["", "jp", "jpyy", "jp1", "é1"] {
            assert_eq!(Currency::parse(bad), Err(MoneyError::Currency), "{bad}");
        }
    }

    #[test]
    fn sums_stay_within_64_bits_or_say_so() {
        let most = Amount::new(i64::MAX, Currency::JPY);
        assert_eq!(
            most.checked_add(Amount::new(1, Currency::JPY)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(
            Amount::new(i64::MIN, Currency::JPY).checked_neg(),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn people_read_major_units() {
        let kwd = Currency::parse("kwd").unwrap();
        assert_eq!(Amount::new(-5, Currency::USD).to_string(), "-0.05 USD");
        assert_eq!(Amount::new(1234, kwd).to_string(), "1.234 KWD");
    }
}
