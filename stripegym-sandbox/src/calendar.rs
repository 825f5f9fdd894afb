//! Dates without a library: UTC, the Gregorian calendar, whole seconds.

/// Seconds of a day.
pub(crate) const DAY: i64 = 24 * 60 * 60;
/// Seconds of an hour.
pub(crate) const HOUR: i64 = 60 * 60;

/// A civil date and what of its day has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) second_of_day: i64,
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
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: u32::try_from(month).unwrap_or(1),
            day: u32::try_from(day).unwrap_or(1),
            second_of_day: unix_seconds.rem_euclid(DAY),
        }
    }

    /// Back to seconds.
    pub(crate) fn seconds(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = i64::from(self.month);
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        days.saturating_mul(DAY).saturating_add(self.second_of_day)
    }

    fn days_in_month(year: i64, month: u32) -> u32 {
        match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// The guess below is off by a few at most; this only guards against the end of time itself.
const STEPS_MAX: usize = 1_000;

/// How often something recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// Every so many units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) unit: Unit,
    pub(crate) count: i64,
}

impl Interval {
    pub(crate) fn parse(unit: &str, count: i64) -> Self {
        let unit = match unit {
            "day" => Unit::Day,
            "week" => Unit::Week,
            "year" => Unit::Year,
            _ => Unit::Month,
        };
        Self {
            unit,
            count: count.max(1),
        }
    }

    /// The `times`-th recurrence after `anchor`. Counted from the anchor, not from the one
    /// before: 31 January leads to 28 February and on to 31 March.
    pub(crate) fn after(self, anchor: i64, times: i64) -> i64 {
        let count = self.count.saturating_mul(times);
        match self.unit {
            Unit::Day => anchor.saturating_add(count.saturating_mul(DAY)),
            Unit::Week => anchor.saturating_add(count.saturating_mul(7 * DAY)),
            Unit::Month => add_months(anchor, count),
            Unit::Year => add_months(anchor, count.saturating_mul(12)),
        }
    }

    /// The first recurrence of `anchor` that is later than `time`.
    pub(crate) fn next_after(self, anchor: i64, time: i64) -> i64 {
        let shortest = match self.unit {
            Unit::Day => DAY,
            Unit::Week => 7 * DAY,
            Unit::Month => 28 * DAY,
            Unit::Year => 365 * DAY,
        };
        let span = shortest.saturating_mul(self.count).saturating_mul(32) / 31;
        // A guess that is never too late, then step by step.
        let mut times = time.saturating_sub(anchor).div_euclid(span.max(1)) - 1;
        let mut next = self.after(anchor, times);
        for _ in 0..STEPS_MAX {
            if next > time {
                break;
            }
            times += 1;
            next = self.after(anchor, times);
        }
        next
    }

    /// Longer than any single recurrence, for limits.
    pub(crate) fn seconds_max(self) -> i64 {
        let longest = match self.unit {
            Unit::Day => DAY,
            Unit::Week => 7 * DAY,
            Unit::Month => 31 * DAY,
            Unit::Year => 366 * DAY,
        };
        longest.saturating_mul(self.count)
    }
}

fn add_months(anchor: i64, months: i64) -> i64 {
    let date = Date::of(anchor);
    let index = date.year * 12 + i64::from(date.month) - 1 + months;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let month = u32::try_from(month).unwrap_or(1);
    let day = date.day.min(Date::days_in_month(year, month));
    Date {
        year,
        month,
        day,
        ..date
    }
    .seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i64, month: u32, day: u32) -> i64 {
        Date {
            year,
            month,
            day,
            second_of_day: 3_600,
        }
        .seconds()
    }

    #[test]
    fn dates_and_seconds_agree_both_ways() {
        for seconds in [0, 1_760_000_000, 1_709_164_800, 951_782_400, 4_102_444_799] {
            assert_eq!(Date::of(seconds).seconds(), seconds);
        }
        let leap = Date::of(1_709_164_800);
        assert_eq!((leap.year, leap.month, leap.day), (2024, 2, 29));
    }

    #[test]
    fn months_are_counted_from_the_anchor() {
        let monthly = Interval::parse("month", 1);
        let anchor = day(2026, 1, 31);
        assert_eq!(monthly.after(anchor, 1), day(2026, 2, 28));
        assert_eq!(monthly.after(anchor, 2), day(2026, 3, 31));
        assert_eq!(
            monthly.next_after(anchor, day(2026, 2, 28)),
            day(2026, 3, 31)
        );
        assert_eq!(
            monthly.next_after(anchor, day(2026, 2, 27)),
            day(2026, 2, 28)
        );
        let yearly = Interval::parse("year", 1);
        assert_eq!(yearly.after(day(2024, 2, 29), 1), day(2025, 2, 28));
        assert_eq!(
            yearly.next_after(day(2024, 2, 29), day(2027, 6, 1)),
            day(2028, 2, 29)
        );
    }
}
