//! Payment methods whose money comes later: where they are offered, and how they end.
//!
//! What the customer types decides how it ends, as Stripe's test data does: a phone number for
//! konbini, an IBAN for SEPA debit. <https://docs.stripe.com/payments/konbini/accept-a-payment>,
//! <https://docs.stripe.com/payments/sepa-debit/accept-a-payment>

use crate::calendar::DAY;

/// A method whose money comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delayed {
    /// Paid in cash at a convenience store in Japan.
    Konbini,
    /// A debit from a bank account in the euro area.
    SepaDebit,
}

/// How it ends when nobody decides otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) paid: bool,
    pub(crate) after_seconds: i64,
}

/// Soon, but not so soon that nobody sees it pending.
const SOON: i64 = 2;
const LATER: i64 = 180;

const PHONES: [(&str, bool, i64); 4] = [
    ("11111111110", true, LATER),
    ("22222222220", true, SOON),
    ("33333333330", false, LATER),
    ("44444444440", false, SOON),
];

const IBANS: [(&str, bool, i64); 8] = [
    ("AT611904300234573201", true, SOON),
    ("AT321904300235473204", true, LATER),
    ("AT861904300235473202", false, SOON),
    ("AT051904300235473205", false, LATER),
    ("DE89370400440532013000", true, SOON),
    ("DE08370400440532013003", true, LATER),
    ("DE62370400440532013001", false, SOON),
    ("DE78370400440532013004", false, LATER),
];

impl Delayed {
    pub(crate) const ALL: [Self; 2] = [Self::Konbini, Self::SepaDebit];
    /// How long a voucher can be paid.
    pub(crate) const VOUCHER_SECONDS: i64 = 3 * DAY;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Konbini => "konbini",
            Self::SepaDebit => "sepa_debit",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether it can pay this amount, in minor units.
    pub(crate) fn fits(self, currency: &str, amount: i64) -> bool {
        match self {
            Self::Konbini => currency == "jpy" && (120..=300_000).contains(&amount),
            Self::SepaDebit => currency == "eur" && amount > 0,
        }
    }

    /// How it ends by what was typed; nothing for what is no IBAN.
    pub(crate) fn ending(self, typed: &str) -> Option<Ending> {
        let typed: String = typed
            .chars()
            .filter(|character| character.is_ascii_alphanumeric())
            .collect();
        let typed = typed.to_uppercase();
        let (table, default) = match self {
            Self::Konbini => (&PHONES[..], LATER),
            Self::SepaDebit => (&IBANS[..], SOON),
        };
        if self == Self::SepaDebit && !is_iban(&typed) {
            return None;
        }
        let known = table.iter().find(|(known, _, _)| *known == typed);
        Some(known.map_or(
            Ending {
                paid: true,
                after_seconds: default,
            },
            |(_, paid, after_seconds)| Ending {
                paid: *paid,
                after_seconds: *after_seconds,
            },
        ))
    }
}

/// Country, check digits, account: the whole, rearranged and read as a number, leaves 1 when
/// divided by 97.
fn is_iban(text: &str) -> bool {
    let starts_well = text.bytes().take(2).all(|byte| byte.is_ascii_uppercase());
    let Some((head, tail)) = text.split_at_checked(4).filter(|_| starts_well) else {
        return false;
    };
    let mut rest: u32 = 0;
    for character in tail.chars().chain(head.chars()) {
        let Some(value) = character.to_digit(36) else {
            return false;
        };
        let shift = if value > 9 { 100 } else { 10 };
        rest = (rest * shift + value) % 97;
    }
    (15..=34).contains(&text.len()) && rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_iban_is_one_and_a_misspelled_one_is_not() {
        for (iban, _, _) in IBANS {
            assert!(is_iban(iban), "{iban}");
        }
        for wrong in ["", "DE", "DE88370400440532013000", "5489370400440532013000"] {
            assert!(!is_iban(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_typed_decides_how_it_ends() {
        let ending = |method: Delayed, typed| method.ending(typed).map(|ending| ending.paid);
        assert_eq!(ending(Delayed::Konbini, "090-1234-5678"), Some(true));
        assert_eq!(ending(Delayed::Konbini, "444-4444-4440"), Some(false));
        assert_eq!(
            ending(Delayed::SepaDebit, "de62 3704 0044 0532 0130 01"),
            Some(false)
        );
        assert_eq!(
            ending(Delayed::SepaDebit, "FR7630006000011234567890189"),
            Some(true)
        );
        assert_eq!(ending(Delayed::SepaDebit, "090-1234-5678"), None);
    }

    #[test]
    fn each_has_its_currency_and_its_amounts() {
        assert!(Delayed::Konbini.fits("jpy", 120) && !Delayed::Konbini.fits("jpy", 119));
        assert!(!Delayed::Konbini.fits("jpy", 300_001) && !Delayed::Konbini.fits("usd", 500));
        assert!(Delayed::SepaDebit.fits("eur", 500) && !Delayed::SepaDebit.fits("usd", 500));
    }
}
