//! Dates without a library: UTC, the Gregorian calendar, whole seconds.

/// Seconds of a day.
pub(crate) const DAY: i64 = 24 * 60 * 60;
/// A civil date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    pub(crate) month: u32,
}

impl Date {
    /// The date of a time in seconds since the Unix epoch.
    pub(crate) fn of(unix_seconds: i64) -> Self {
        // Days to civil date by the well-known era arithmetic.
        let days = unix_seconds.div_euclid(DAY) + 719_468;
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
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: u32::try_from(month).unwrap_or(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_dates() {
        let date = |seconds| {
            let date = Date::of(seconds);
            (date.year, date.month)
        };
        assert_eq!(date(0), (1970, 1));
        assert_eq!(date(1_760_000_000), (2025, 10));
        assert_eq!(date(1_709_164_800), (2024, 2)); // 29 February
    }
}
