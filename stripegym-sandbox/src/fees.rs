//! What Stripe keeps of a charge, and when the rest is available: test data, not a promise.

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Hundredths of a percent and a fixed part, for a card of the merchant's own country.
struct Rate {
    basis_points: i64,
    fixed: i64,
    /// On top for cards from elsewhere.
    foreign_basis_points: i64,
    home: &'static str,
    business_days: u32,
}

const JAPAN: Rate = Rate {
    basis_points: 360,
    fixed: 0,
    foreign_basis_points: 0,
    home: "JP",
    business_days: 4,
};
const UNITED_STATES: Rate = Rate {
    basis_points: 290,
    fixed: 30,
    foreign_basis_points: 150,
    home: "US",
    business_days: 2,
};
/// No published figure is modelled for other currencies; the American percentage stands in.
const ELSEWHERE: Rate = Rate {
    basis_points: 290,
    fixed: 0,
    foreign_basis_points: 0,
    home: "US",
    business_days: 2,
};

fn rate(currency: &str) -> &'static Rate {
    match currency {
        "jpy" => &JAPAN,
        "usd" => &UNITED_STATES,
        _ => &ELSEWHERE,
    }
}

/// The fee on a charge; halves round up.
pub(crate) fn fee(currency: &str, amount: i64, card_country: &str) -> i64 {
    let rate = rate(currency);
    let foreign = if card_country == rate.home {
        0
    } else {
        rate.foreign_basis_points
    };
    let share = amount
        .saturating_mul(rate.basis_points + foreign)
        .saturating_add(5_000);
    share.div_euclid(10_000).saturating_add(rate.fixed)
}

/// What a dispute costs: 15.00 where cents are known, 1,500 yen.
pub(crate) fn dispute(_currency: &str) -> i64 {
    1_500
}

/// Midnight UTC after so many business days.
pub(crate) fn available_on(currency: &str, created: i64) -> i64 {
    let mut day = created.div_euclid(DAY_SECONDS);
    let mut left = rate(currency).business_days;
    while left > 0 {
        day += 1;
        // 1 January 1970 was a Thursday: 0 is Thursday, 2 and 3 are the weekend.
        if !matches!(day.rem_euclid(7), 2 | 3) {
            left -= 1;
        }
    }
    day * DAY_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_follow_the_known_examples() {
        assert_eq!(fee("usd", 1_000, "US"), 59);
        assert_eq!(fee("usd", 1_000, "JP"), 74);
        assert_eq!(fee("jpy", 1_000, "JP"), 36);
        assert_eq!(fee("jpy", 50, "US"), 2); // 1.8
        assert_eq!(fee("jpy", 125, "US"), 5); // 4.5
    }

    #[test]
    fn weekends_do_not_count() {
        const FRIDAY_NOON: i64 = 1_760_097_600; // 10 October 2025
        const TUESDAY: i64 = 1_760_400_000 - 1_760_400_000 % DAY_SECONDS;
        assert_eq!(available_on("usd", FRIDAY_NOON), TUESDAY);
        assert_eq!(available_on("jpy", FRIDAY_NOON), TUESDAY + 2 * DAY_SECONDS);
    }
}
