//! How the ledger's answers read at the command line.

use std::fmt::Write as _;

use stripegym_core::ledger::Account;
use stripegym_core::store::{AccountBalance, OpenClearing, StatementLine};
use stripegym_core::{Currency, Timestamp};

use super::{Report, day};

pub(super) fn balances(balances: &[AccountBalance]) -> String {
    if balances.is_empty() {
        return "The ledger is empty.\n".to_owned();
    }
    let line = |line: &AccountBalance| {
        format!(
            "{:<18}{:>24}\n",
            line.account.as_str(),
            line.balance.to_string()
        )
    };
    balances.iter().map(line).collect()
}

pub(super) fn check(unbalanced: &[(String, String)]) -> Report {
    if unbalanced.is_empty() {
        let text = "Every transaction sums to zero.\n".to_owned();
        return Report {
            text,
            is_well: true,
        };
    }
    let lines = unbalanced
        .iter()
        .map(|(rule, id)| format!("unbalanced: {rule} {id}\n"));
    Report {
        text: lines.collect(),
        is_well: false,
    }
}

/// The currencies in which an account has lines.
pub(super) fn currencies(account: Account, balances: &[AccountBalance]) -> Vec<Currency> {
    let here = balances.iter().filter(|line| line.account == account);
    here.map(|line| line.balance.currency()).collect()
}

pub(super) fn open(open: &[OpenClearing], now: Timestamp) -> String {
    if open.is_empty() {
        return "Nothing is open: all of clearing has drained.\n".to_owned();
    }
    let mut text = String::new();
    for item in open {
        let since = Timestamp::from_unix_s(item.since);
        // Writing to a `String` cannot fail.
        let _written = writeln!(
            text,
            "{}  {:>12} {:>24}  {}",
            day(since),
            age(now.unix_ms().saturating_sub(since.unix_ms())),
            item.amount.to_string(),
            item.match_ref.as_deref().unwrap_or("without a reference"),
        );
    }
    text
}

pub(super) fn statement(lines: &[StatementLine]) -> String {
    if lines.is_empty() {
        return "No postings.\n".to_owned();
    }
    let mut text = String::new();
    for line in lines {
        let match_ref = match &line.match_ref {
            Some(reference) if *reference != line.object_id => format!(" for {reference}"),
            _ => String::new(),
        };
        let _written = writeln!(
            text,
            "{} {:>24}  {:<20} {}{match_ref}",
            day(Timestamp::from_unix_s(line.occurred_at)),
            line.amount.to_string(),
            line.rule,
            line.object_id,
        );
    }
    text
}

/// A time span in the two units that say most.
fn age(ms: i64) -> String {
    let minutes = ms.div_euclid(60_000);
    let (hours, days) = (minutes.div_euclid(60), minutes.div_euclid(24 * 60));
    if minutes < 1 {
        "just now".to_owned()
    } else if hours < 1 {
        format!("{minutes} min")
    } else if days < 1 {
        format!("{hours} h {} min", minutes.rem_euclid(60))
    } else {
        format!("{days} d {} h", hours.rem_euclid(24))
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_is_told_in_the_units_that_matter() {
        for (seconds, told) in [
            (0, "just now"),
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min"),
            (3 * 3600 + 240, "3 h 4 min"),
            (86_400, "1 d 0 h"),
            (40 * 86_400 + 7200, "40 d 2 h"),
        ] {
            assert_eq!(age(seconds * 1000), told);
        }
    }
}
