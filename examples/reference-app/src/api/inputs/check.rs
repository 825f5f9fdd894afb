//! Checking all fields before saying anything.

use jiff::Timestamp as Moment;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use stripegym_core::Timestamp;

use crate::problem::{Code, FieldFault, Problem};

/// The longest address that mail can be sent to.
const EMAIL_BYTES_MAX: usize = 254;
/// Nobody alive was born before.
const BIRTH_YEAR_MIN: i16 = 1900;

/// Collects what is wrong, one fault per field.
#[derive(Default)]
pub(super) struct Checker(Vec<(&'static str, FieldFault)>);

impl Checker {
    pub(super) fn require(&mut self, field: &'static str, fault: FieldFault, holds: bool) {
        if !holds && self.0.iter().all(|(name, _)| *name != field) {
            self.0.push((field, fault));
        }
    }

    /// The value, if there is one.
    pub(super) fn take<T>(
        &mut self,
        field: &'static str,
        fault: FieldFault,
        value: Option<T>,
    ) -> Option<T> {
        self.require(field, fault, value.is_some());
        value
    }

    /// `checked`, if nothing was wrong.
    pub(super) fn done<T>(self, checked: T) -> Result<T, Problem> {
        if self.0.is_empty() {
            Ok(checked)
        } else {
            Err(Problem::in_fields(Code::InvalidInput, self.0))
        }
    }
}

/// The address, if it looks like one: by the rule of browsers' own fields, and
/// with a dot in its host. What browsers let pass, Stripe takes as well. Whether
/// mail arrives, only mail can tell.
pub(super) fn email(text: &str) -> Option<String> {
    let (user, host) = text.split_once('@')?;
    let in_user = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    let user_fits = !user.is_empty() && user.bytes().all(in_user);
    let label_fits = |label: &str| {
        let known = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        known && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let host_fits = host.contains('.') && host.split('.').all(label_fits);
    (text.len() <= EMAIL_BYTES_MAX && user_fits && host_fits).then(|| text.to_owned())
}

/// Whether it is a day, written YYYY-MM-DD, on which somebody may have been born.
pub(super) fn date_of_birth(text: &str, now: Timestamp) -> bool {
    let digits = |(at, b): (usize, u8)| {
        if matches!(at, 4 | 7) {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    };
    // The parser takes other ways to write a date, too.
    if text.len() != 10 || !text.bytes().enumerate().all(digits) {
        return false;
    }
    let Ok(day) = text.parse::<Date>() else {
        return false;
    };
    let Ok(now) = Moment::from_millisecond(now.unix_ms()) else {
        return false;
    };
    // Somewhere it is tomorrow already.
    let tomorrow = now.to_zoned(TimeZone::UTC).date().tomorrow();
    day.year() >= BIRTH_YEAR_MIN && tomorrow.is_ok_and(|tomorrow| day <= tomorrow)
}
