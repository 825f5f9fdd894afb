//! Test cards: what a number does, and what is wrong with what was typed.

mod numbers;

use numbers::{NUMBERS, TestCard};

/// What happens when a card is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Succeeds,
    /// As above, and the money is there at once.
    SucceedsAvailable,
    Declines {
        code: &'static str,
        decline_code: &'static str,
    },
    /// Needs the customer's bank to ask; the pages cannot do that yet.
    NeedsAuthentication,
}

/// A card as typed. Its number goes no further than this module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CardInput<'a> {
    pub(crate) number: &'a str,
    /// `MM/YY` or `MM/YYYY`.
    pub(crate) expiry: &'a str,
    pub(crate) cvc: &'a str,
}

/// A card that may be charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) brand: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) country: &'static str,
    pub(crate) last4: String,
    pub(crate) exp_month: u32,
    pub(crate) exp_year: i64,
    pub(crate) behaviour: Behaviour,
}

/// Why a card is no good, in Stripe's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CardError {
    pub(crate) code: &'static str,
    pub(crate) decline_code: Option<&'static str>,
}

impl CardError {
    const fn input(code: &'static str) -> Self {
        Self {
            code,
            decline_code: None,
        }
    }

    /// Stripe's words.
    pub(crate) fn message(self) -> &'static str {
        match (self.code, self.decline_code) {
            ("incorrect_number", _) => "Your card number is incorrect.",
            ("invalid_number", _) => "Your card number is not a valid card number.",
            ("invalid_expiry_month", _) => "Your card's expiration month is invalid.",
            ("invalid_expiry_year", _) => "Your card's expiration year is invalid.",
            ("invalid_cvc", _) => "Your card's security code is invalid.",
            ("incorrect_cvc", _) => "Your card's security code is incorrect.",
            ("expired_card", _) => "Your card has expired.",
            ("processing_error", _) => {
                "An error occurred while processing your card. Try again in a little bit."
            }
            ("authentication_required", _) => {
                "This card asks for authentication, which the sandbox cannot show yet. Use \
                 another test card."
            }
            (_, Some("insufficient_funds")) => "Your card has insufficient funds.",
            (_, Some("card_velocity_exceeded")) => {
                "Your card was declined for making repeated attempts too frequently or exceeding \
                 its amount limit."
            }
            (_, Some("test_mode_live_card")) => {
                "Your card was declined. Your request was in test mode, but used a non test card. \
                 For a list of valid test cards, visit: https://stripe.com/docs/testing."
            }
            _ => "Your card was declined.",
        }
    }
}

impl Card {
    /// Checks what was typed, at `(year, month)`.
    pub(crate) fn check(input: CardInput<'_>, today: (i64, u32)) -> Result<Self, CardError> {
        let number: String = input
            .number
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .collect();
        let known = NUMBERS.iter().find(|card| card.number == number);
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CardError::input("invalid_number"));
        }
        if !(12..=19).contains(&number.len()) || !passes_luhn(&number) {
            return Err(CardError::input("incorrect_number"));
        }
        let (exp_year, exp_month) = expiry(input.expiry, today)?;
        let brand = known.map_or("unknown", |card| card.brand);
        let cvc = input.cvc.trim();
        let cvc_len = if brand == "amex" { 3..=4 } else { 3..=3 };
        if !cvc_len.contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CardError::input("invalid_cvc"));
        }
        let live = TestCard::declining("", "card_declined", "test_mode_live_card");
        let card = known.unwrap_or(&live);
        Ok(Self {
            brand,
            funding: card.funding,
            country: card.country,
            last4: number.chars().skip(number.len() - 4).collect(),
            exp_month,
            exp_year,
            behaviour: card.behaviour,
        })
    }
}

fn expiry(text: &str, (this_year, this_month): (i64, u32)) -> Result<(i64, u32), CardError> {
    let (month, year) = text
        .split_once('/')
        .ok_or(CardError::input("invalid_expiry_month"))?;
    let month: u32 = month.trim().parse().unwrap_or(0);
    if !(1..=12).contains(&month) {
        return Err(CardError::input("invalid_expiry_month"));
    }
    let year = year.trim();
    let parsed: i64 = year
        .parse()
        .map_err(|_| CardError::input("invalid_expiry_year"))?;
    let year = match year.len() {
        2 => this_year - this_year.rem_euclid(100) + parsed,
        4 => parsed,
        _ => return Err(CardError::input("invalid_expiry_year")),
    };
    if !(this_year..=this_year + 50).contains(&year) {
        return Err(CardError::input("invalid_expiry_year"));
    }
    if (year, month) < (this_year, this_month) {
        return Err(CardError::input("invalid_expiry_month"));
    }
    Ok((year, month))
}

fn passes_luhn(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => digit,
            _ if digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The year and the month of a time in seconds, in UTC.
pub(crate) fn year_and_month(unix_seconds: i64) -> (i64, u32) {
    // Days to civil date by the well-known era arithmetic; the month is all that is needed.
    let days = unix_seconds.div_euclid(86_400) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: &str, expiry: &str, cvc: &str) -> Result<Card, &'static str> {
        Card::check(
            CardInput {
                number,
                expiry,
                cvc,
            },
            (2026, 11),
        )
        .map_err(|error| error.code)
    }

    #[test]
    fn what_is_typed_wrong_gets_its_own_code() {
        let good = "4242 4242 4242 4242";
        assert_eq!(check(good, "12/34", "123").unwrap().last4, "4242");
        assert_eq!(check(good, "11 / 2026", "123").unwrap().exp_year, 2026);
        assert_eq!(
            check("4242424242424241", "12/34", "123"),
            Err("incorrect_number")
        );
        assert_eq!(check("", "12/34", "123"), Err("invalid_number"));
        assert_eq!(check(good, "13/34", "123"), Err("invalid_expiry_month"));
        assert_eq!(check(good, "10/26", "123"), Err("invalid_expiry_month"));
        assert_eq!(check(good, "12/95", "123"), Err("invalid_expiry_year"));
        assert_eq!(check(good, "12/25", "123"), Err("invalid_expiry_year"));
        assert_eq!(check(good, "1234", "123"), Err("invalid_expiry_month"));
        assert_eq!(check(good, "12/34", "99"), Err("invalid_cvc"));
        assert_eq!(
            check("378282246310005", "12/34", "1234").unwrap().brand,
            "amex"
        );
    }

    #[test]
    fn every_test_number_but_the_wrong_one_passes_the_checksum() {
        for card in NUMBERS {
            assert!(passes_luhn(card.number), "{}", card.number);
        }
    }

    #[test]
    fn a_real_looking_number_is_declined_as_a_live_card() {
        let card = check("4111111111111111", "12/34", "123").unwrap();
        let expected = Behaviour::Declines {
            code: "card_declined",
            decline_code: "test_mode_live_card",
        };
        assert_eq!(card.behaviour, expected);
    }

    #[test]
    fn months_come_from_seconds() {
        assert_eq!(year_and_month(0), (1970, 1));
        assert_eq!(year_and_month(1_760_000_000), (2025, 10));
        assert_eq!(year_and_month(1_709_164_800), (2024, 2)); // 29 February
    }
}
