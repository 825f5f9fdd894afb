//! Currencies, fees and conversion, all in whole minor units.

use std::fmt;

/// The currencies of this world: one without decimals, one with two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Yen.
    Jpy,
    /// US dollars, in cents.
    Usd,
}

impl Currency {
    /// As Stripe writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpy => "jpy",
            Self::Usd => "usd",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What Stripe keeps of a charge: 3.6 % of yen, 2.9 % and 30 cents of dollars.
#[must_use]
pub const fn fee(gross: i64, currency: Currency) -> i64 {
    match currency {
        Currency::Jpy => (gross * 36 + 500) / 1000,
        Currency::Usd => (gross * 29 + 500) / 1000 + 30,
    }
}

/// What a lost or withdrawn dispute costs on top.
#[must_use]
pub const fn dispute_fee(currency: Currency) -> i64 {
    match currency {
        Currency::Jpy => 1300,
        Currency::Usd => 1500,
    }
}

/// A cent is one and a half yen in this world.
#[must_use]
pub const fn yen_for_cents(cents: i64) -> i64 {
    cents * 3 / 2
}

/// The tax within a total: a tenth on top of the net.
#[must_use]
pub const fn tax_within(total: i64) -> i64 {
    total / 11
}

/// A price of the catalogue.
#[derive(Debug)]
pub struct Price {
    /// `price_…`
    pub id: &'static str,
    /// `prod_…`
    pub product: &'static str,
    /// Minor units.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
    /// `day`, `week` or `month`.
    pub interval: &'static str,
    /// The same in seconds; a month is thirty days here.
    pub seconds: i64,
}

const DAY_S: i64 = 86_400;

/// The catalogue: everything has an alternative of the same rhythm.
pub const PRICES: [Price; 8] = [
    price("price_S01", "prod_S1", 980, Currency::Jpy, "day"),
    price("price_S02", "prod_S1", 2_980, Currency::Jpy, "week"),
    price("price_S03", "prod_S2", 1_480, Currency::Jpy, "day"),
    price("price_S04", "prod_S2", 9_800, Currency::Jpy, "week"),
    price("price_S05", "prod_S1", 1_500, Currency::Usd, "day"),
    price("price_S06", "prod_S2", 2_900, Currency::Usd, "day"),
    price("price_S07", "prod_S3", 7_700, Currency::Usd, "month"),
    price("price_S08", "prod_S3", 9_900, Currency::Usd, "month"),
];

const fn price(
    id: &'static str,
    product: &'static str,
    amount: i64,
    currency: Currency,
    interval: &'static str,
) -> Price {
    let seconds = match interval.as_bytes()[0] {
        b'd' => DAY_S,
        b'w' => 7 * DAY_S,
        _ => 30 * DAY_S,
    };
    Price {
        id,
        product,
        amount,
        currency,
        interval,
        seconds,
    }
}
