//! Test cards: what a number does, and what is wrong with what was typed.

mod numbers;

use crate::calendar::Date;
use numbers::{NUMBERS, TestCard, UNKNOWN};

/// What a test card does. Built by chaining, so that a row of the table reads like its docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// Why every charge fails.
    pub(crate) decline: Option<CardError>,
    /// Whether a card that declines can be saved all the same.
    pub(crate) attachable: bool,
    pub(crate) authentication: Authentication,
    pub(crate) aftermath: Aftermath,
    /// The money is there at once.
    pub(crate) available: bool,
}

/// When the bank wants to hear from its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    Never,
    Always,
    /// On-session always; off-session only if the card was not set up before.
    UnlessSetUp,
    /// Off-session payments pass as if the card had been set up.
    OnSessionOnly,
}

/// What follows a charge that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aftermath {
    Nothing,
    /// Disputes of this reason; the charge is shared out among so many.
    Disputes {
        reason: &'static str,
        count: i64,
    },
    Inquiry,
    /// A refund stays pending for a while.
    RefundPending,
    /// A refund succeeds and fails later.
    RefundFails,
}

impl Behaviour {
    pub(crate) const GOOD: Self = Self {
        decline: None,
        attachable: true,
        authentication: Authentication::Never,
        aftermath: Aftermath::Nothing,
        available: false,
    };

    const fn declines(mut self, code: &'static str, decline_code: &'static str) -> Self {
        self.decline = Some(CardError {
            code,
            decline_code: Some(decline_code),
        });
        self.attachable = false;
        self
    }

    const fn attachable(mut self) -> Self {
        self.attachable = true;
        self
    }

    const fn asks(mut self, when: Authentication) -> Self {
        self.authentication = when;
        self
    }

    const fn then(mut self, aftermath: Aftermath) -> Self {
        self.aftermath = aftermath;
        self
    }

    const fn at_once(mut self) -> Self {
        self.available = true;
        self
    }

    /// Whether the bank asks the customer who is there.
    pub(crate) fn asks_on_session(self) -> bool {
        self.authentication != Authentication::Never
    }

    /// Whether the bank would have to ask a customer who is not there.
    pub(crate) fn asks_off_session(self, set_up: bool) -> bool {
        match self.authentication {
            Authentication::Never | Authentication::OnSessionOnly => false,
            Authentication::Always => true,
            Authentication::UnlessSetUp => !set_up,
        }
    }
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
    /// The row of the table, as payment methods remember it; never the number.
    pub(crate) name: &'static str,
    /// The same card has the same one.
    pub(crate) fingerprint: String,
    /// Without it, a wrong one cannot be noticed.
    pub(crate) has_cvc: bool,
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

    /// The parameter that was typed wrong.
    pub(crate) fn param(self) -> Option<&'static str> {
        match self.code {
            "incorrect_number" | "invalid_number" => Some("number"),
            "invalid_expiry_month" => Some("exp_month"),
            "invalid_expiry_year" => Some("exp_year"),
            "invalid_cvc" => Some("cvc"),
            _ => None,
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
                "Your card was declined. This transaction requires authentication."
            }
            (
                "payment_intent_authentication_failure" | "setup_intent_authentication_failure",
                _,
            ) => {
                "We are unable to authenticate your payment method. Please choose a different \
                 payment method and try again."
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
        let number = digits(input.number)?;
        let (exp_year, exp_month) = expiry(input.expiry, today)?;
        Self::build(&number, (exp_year, exp_month), Some(input.cvc.trim()))
    }

    /// Checks what came through the API, part by part.
    pub(crate) fn from_parts(
        number: &str,
        (year, month): (i64, i64),
        cvc: Option<&str>,
        today: (i64, u32),
    ) -> Result<Self, CardError> {
        let number = digits(number)?;
        let expiry = expiry(&format!("{month}/{year}"), today)?;
        Self::build(&number, expiry, cvc)
    }

    /// The card behind `pm_card_visa`, `tok_visa` and their like.
    pub(crate) fn from_token(token: &str, (this_year, _): (i64, u32)) -> Option<Self> {
        let name = token
            .strip_prefix("pm_card_")
            .or_else(|| token.strip_prefix("tok_"))?;
        let named =
            |card: &&TestCard| card.name == name || card.name.strip_prefix("visa_") == Some(name);
        let card = NUMBERS.iter().find(named)?;
        let expiry = (this_year + 4, 12);
        Self::build(
            card.number,
            expiry,
            Some("123").filter(|_| card.brand != "amex"),
        )
        .ok()
    }

    fn build(
        number: &str,
        (exp_year, exp_month): (i64, u32),
        cvc: Option<&str>,
    ) -> Result<Self, CardError> {
        let card = NUMBERS
            .iter()
            .find(|card| card.number == number)
            .unwrap_or(&UNKNOWN);
        let cvc_len = if card.brand == "amex" { 3..=4 } else { 3..=3 };
        let is_cvc =
            |cvc: &str| cvc_len.contains(&cvc.len()) && cvc.bytes().all(|b| b.is_ascii_digit());
        if cvc.is_some_and(|cvc| !is_cvc(cvc)) {
            return Err(CardError::input("invalid_cvc"));
        }
        Ok(Self {
            brand: card.brand,
            funding: card.funding,
            country: card.country,
            last4: number.chars().skip(number.len() - 4).collect(),
            exp_month,
            exp_year,
            behaviour: card.behaviour,
            name: card.name,
            fingerprint: crate::ids::fingerprint(card.name),
            has_cvc: cvc.is_some(),
        })
    }
}

/// What the card of this name (see [`Card::name`]) does.
pub(crate) fn behaviour_of(name: &str) -> Behaviour {
    let card = NUMBERS.iter().find(|card| card.name == name);
    card.unwrap_or(&UNKNOWN).behaviour
}

fn digits(typed: &str) -> Result<String, CardError> {
    let number: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(CardError::input("invalid_number"));
    }
    if !(12..=19).contains(&number.len()) || !passes_luhn(&number) {
        return Err(CardError::input("incorrect_number"));
    }
    Ok(number)
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
    let date = Date::of(unix_seconds);
    (date.year, date.month)
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
        let decline = card.behaviour.decline.unwrap();
        assert_eq!(decline.decline_code, Some("test_mode_live_card"));
    }

    #[test]
    fn tokens_stand_for_cards_with_and_without_their_brand() {
        let last4 = |token: &str| Card::from_token(token, (2026, 11)).map(|card| card.last4);
        assert_eq!(last4("pm_card_visa").as_deref(), Some("4242"));
        assert_eq!(last4("tok_visa_chargeDeclined").as_deref(), Some("0002"));
        assert_eq!(last4("pm_card_chargeDeclined").as_deref(), Some("0002"));
        assert_eq!(last4("pm_card_jp").as_deref(), Some("0003"));
        assert_eq!(last4("pm_card_amex").as_deref(), Some("0005"));
        assert_eq!(last4("pm_card_nobody"), None);
        assert_eq!(last4("pm_1abc"), None);
    }

    #[test]
    fn names_are_unique_because_payment_methods_remember_them() {
        let names: std::collections::HashSet<&str> = NUMBERS.iter().map(|card| card.name).collect();
        assert_eq!(names.len(), NUMBERS.len());
    }

    #[test]
    fn a_card_that_was_set_up_pays_alone_later() {
        let once = behaviour_of("authenticationRequiredOnSetup");
        assert!(once.asks_on_session());
        assert!(once.asks_off_session(false) && !once.asks_off_session(true));
        assert!(behaviour_of("authenticationRequired").asks_off_session(true));
        let ready = behaviour_of("authenticationRequiredSetupForOffSession");
        assert!(ready.asks_on_session() && !ready.asks_off_session(false));
        assert!(!behaviour_of("visa").asks_on_session());
    }
}
