//! What is printed at the end.

use super::load::Delivered;

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// Hundredths of what it is compared with, at least.
    AtLeast(u64),
    /// So many microseconds at most.
    Under(u64),
    /// Nothing was promised.
    Told,
}

/// Rows of the table.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<[String; 5]>,
}

impl Report {
    /// A rate beside the one it is compared with, both in events a second.
    pub(crate) fn rate(
        &mut self,
        what: &str,
        rate: u64,
        beside: Option<(&str, u64)>,
        wanted: Wanted,
    ) {
        let (other, ratio) = match beside {
            Some((name, other)) => {
                let ratio = rate * 100 / other.max(1);
                (format!("{name} {other}/s"), Some(ratio))
            }
            None => (String::new(), None),
        };
        let ratio_text = ratio.map(hundredths).unwrap_or_default();
        let (limit, verdict) = match (wanted, ratio) {
            (Wanted::AtLeast(least), Some(ratio)) => {
                (format!(">= {}", hundredths(least)), told(ratio >= least))
            }
            _ => (String::new(), ""),
        };
        self.row(
            what,
            &format!("{rate}/s"),
            &other,
            &ratio_text,
            &limit,
            verdict,
        );
    }

    /// The latencies of a run, and what 99 of 100 did not exceed in the one beside it.
    pub(crate) fn latency(
        &mut self,
        what: &str,
        run: &Delivered,
        beside: Option<u64>,
        wanted: Wanted,
    ) {
        let (limit, verdict) = match wanted {
            Wanted::Under(micros) => (
                format!("p99 < {}", millis(micros)),
                told(run.p99_us < micros),
            ),
            _ => (String::new(), ""),
        };
        let beside = beside.map(|p99_us| format!("p99 {}", millis(p99_us)));
        let value = format!(
            "p99 {}, p50 {}, max {}",
            millis(run.p99_us),
            millis(run.p50_us),
            millis(run.max_us)
        );
        self.row(
            what,
            &value,
            &beside.unwrap_or_default(),
            "",
            &limit,
            verdict,
        );
    }

    /// Something that holds, or the run would have ended.
    pub(crate) fn fact(&mut self, what: &str, value: &str) {
        self.row(what, value, "", "", "", "");
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a table")]
    fn row(
        &mut self,
        what: &str,
        value: &str,
        beside: &str,
        ratio: &str,
        limit: &str,
        verdict: &str,
    ) {
        let last = format!("{limit}  {verdict}").trim().to_owned();
        self.rows
            .push([what.into(), value.into(), beside.into(), ratio.into(), last]);
    }

    /// Prints the table.
    #[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
    pub(crate) fn print(&self) {
        let heading = ["", "measured", "beside it", "ratio", "wanted"].map(String::from);
        let rows: Vec<_> = std::iter::once(&heading).chain(&self.rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = (0..5)
            .map(|column| width(column).unwrap_or_default())
            .collect();
        println!();
        for row in rows {
            let mut line = String::new();
            for (text, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{text:width$}  "));
            }
            println!("{}", line.trim_end());
        }
    }
}

fn told(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// Microseconds as milliseconds with one decimal.
pub(crate) fn millis(micros: u64) -> String {
    format!("{}.{} ms", micros / 1000, micros % 1000 / 100)
}
