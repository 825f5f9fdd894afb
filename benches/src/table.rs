//! Rows that are timed in turns and compared with the first of them.

use std::hint::black_box;
use std::time::Duration;

/// How long one row runs before it is the next one's turn: short enough that
/// all rows of a round see the same machine.
const TURN: Duration = Duration::from_micros(500);
const ROUNDS: usize = 201;
/// Without `--bench` (that is, under `cargo test`) the code only has to run.
const ROUNDS_QUICK: usize = 1;

/// A ratio in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u64);

impl Ratio {
    /// So many hundredths: `Ratio::hundredths(220)` is 2.2.
    #[must_use]
    pub const fn hundredths(hundredths: u64) -> Self {
        Self(hundredths)
    }

    fn between(one: Duration, other: Duration) -> Self {
        let ratio = one.as_nanos() * 100 / other.as_nanos().max(1);
        Self(u64::try_from(ratio).unwrap_or(u64::MAX))
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

struct Row<'a> {
    name: &'a str,
    at_most: Option<Ratio>,
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
    repeats: u32,
    times: Vec<Duration>,
}

/// A table under construction; [`Table::print`] measures it.
pub struct Table<'a> {
    title: &'a str,
    rows: Vec<Row<'a>>,
    rounds: usize,
}

impl<'a> Table<'a> {
    /// An empty table. It only smokes the code unless `cargo bench` runs it.
    #[must_use]
    pub fn new(title: &'a str) -> Self {
        let measure = std::env::args().any(|argument| argument == "--bench");
        Self {
            title,
            rows: Vec::new(),
            rounds: if measure { ROUNDS } else { ROUNDS_QUICK },
        }
    }

    /// Takes fewer rounds, for rows that are slow in themselves.
    #[must_use]
    pub fn rounds_at_most(self, rounds: usize) -> Self {
        Self {
            rounds: self.rounds.min(rounds),
            ..self
        }
    }

    /// Adds a row. The first one is what the others are compared with.
    #[must_use]
    pub fn row<T>(self, name: &'a str, mut run: impl FnMut() -> T + 'a) -> Self {
        self.timed(name, move |repeats| {
            let started = now();
            for _ in 0..repeats {
                black_box(run());
            }
            now().saturating_sub(started)
        })
    }

    /// Adds a row that looks at the clock itself, whichever clock that is: it
    /// is told how often to repeat, and answers how long that took.
    #[must_use]
    pub fn timed(mut self, name: &'a str, run: impl FnMut(u32) -> Duration + 'a) -> Self {
        self.rows.push(Row {
            name,
            at_most: None,
            run: Box::new(run),
            repeats: 1,
            times: Vec::new(),
        });
        self
    }

    /// What the last row's ratio should not exceed.
    #[must_use]
    pub fn at_most(mut self, ratio: Ratio) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.at_most = Some(ratio);
        }
        self
    }

    /// Measures the rows in turns and prints them.
    #[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
    pub fn print(mut self) {
        self.measure();
        let width = self.rows.iter().map(|row| row.name.len()).max();
        let width = width.unwrap_or_default();
        println!("\n{} (median of {} rounds)", self.title, self.rounds);
        println!(
            "{:width$}  {:>12}  {:>7}  {:>7}",
            "", "each", "ratio", "at most"
        );
        let Some((base, _)) = self.rows.split_first() else {
            return;
        };
        for row in &self.rows {
            let ratio = median(row.ratios(base));
            let each = median(row.each()).unwrap_or_default();
            let each = format!("{} ns", each.as_nanos());
            let ratio_text = ratio.map_or_else(String::new, |ratio| ratio.to_string());
            let (limit, verdict) = match (row.at_most, ratio) {
                (Some(limit), Some(ratio)) if ratio <= limit => (limit.to_string(), "  reached"),
                (Some(limit), _) => (limit.to_string(), "  MISSED"),
                (None, _) => (String::new(), ""),
            };
            println!(
                "{:width$}  {each:>12}  {ratio_text:>7}  {limit:>7}{verdict}",
                row.name
            );
        }
    }

    fn measure(&mut self) {
        if self.rounds > ROUNDS_QUICK {
            self.rows.iter_mut().for_each(Row::settle);
        }
        for _ in 0..self.rounds {
            for row in &mut self.rows {
                let time = (row.run)(row.repeats);
                row.times.push(time);
            }
        }
    }
}

impl Row<'_> {
    /// Finds how many repeats fill a turn, warming up on the way.
    fn settle(&mut self) {
        while (self.run)(self.repeats) < TURN && self.repeats < 1 << 20 {
            self.repeats *= 2;
        }
    }

    fn each(&self) -> Vec<Duration> {
        self.times.iter().map(|time| *time / self.repeats).collect()
    }

    /// Round by round: what slows the machine down slows both sides.
    fn ratios(&self, base: &Self) -> Vec<Ratio> {
        let pairs = self.times.iter().zip(&base.times);
        pairs
            .map(|(mine, its)| Ratio::between(*mine * base.repeats, *its * self.repeats))
            .collect()
    }
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// Since the first call.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

impl std::fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({}, {} rows)", self.title, self.rows.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_two_decimals() {
        let ratio = Ratio::between(Duration::from_nanos(2203), Duration::from_nanos(1000));
        assert_eq!(ratio, Ratio::hundredths(220));
        assert_eq!(ratio.to_string(), "2.20");
        assert_eq!(Ratio::hundredths(7).to_string(), "0.07");
    }

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        assert_eq!(median(vec![3, 900, 2, 3, 3]), Some(3));
        assert_eq!(median(Vec::<u64>::new()), None);
    }
}
