//! What many schedules were like.

use std::collections::BTreeMap;
use std::fmt;

use crate::schedule::Report;

/// Counts over many schedules.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    schedules: u64,
    counted: u64,
    failed: u64,
    events: BTreeMap<usize, u64>,
    objects: BTreeMap<usize, u64>,
    faults: BTreeMap<usize, u64>,
    told: u64,
    calls: u64,
    fetches: u64,
    boundaries: u64,
}

impl Tally {
    /// Adds one.
    pub fn add(&mut self, report: &Report) {
        self.schedules += 1;
        self.counted += u64::from(report.is_counted());
        self.failed += u64::from(!report.findings.is_empty());
        let faults = usize::try_from(report.counts.faults).unwrap_or(usize::MAX);
        *self.events.entry(report.events / 10 * 10).or_default() += 1;
        *self.objects.entry(report.objects / 5 * 5).or_default() += 1;
        *self.faults.entry(faults / 5 * 5).or_default() += 1;
        self.told += u64::try_from(report.events).unwrap_or(0);
        self.calls += u64::from(report.counts.calls);
        self.fetches += u64::from(report.counts.fetches);
        self.boundaries += u64::from(report.counts.boundaries);
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.counted += other.counted;
        self.failed += other.failed;
        self.told += other.told;
        self.calls += other.calls;
        self.fetches += other.fetches;
        self.boundaries += other.boundaries;
        for (mine, theirs) in [
            (&mut self.events, &other.events),
            (&mut self.objects, &other.objects),
            (&mut self.faults, &other.faults),
        ] {
            for (bucket, count) in theirs {
                *mine.entry(*bucket).or_default() += count;
            }
        }
    }

    /// How many schedules there were.
    #[must_use]
    pub fn schedules(&self) -> u64 {
        self.schedules
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            schedules,
            counted,
            failed,
            told,
            calls,
            fetches,
            boundaries,
            ..
        } = self;
        writeln!(
            f,
            "{schedules} schedules, {counted} counted, {failed} failed"
        )?;
        for (what, width, buckets) in [
            ("events", 10, &self.events),
            ("objects", 5, &self.objects),
            ("faults", 5, &self.faults),
        ] {
            write!(f, "{what}:")?;
            for (bucket, count) in buckets {
                write!(f, " {bucket}-{}: {count}", bucket + width - 1)?;
            }
            writeln!(f)?;
        }
        let per_event = |n: &u64| {
            let hundredths = n * 100 / told.max(&1);
            format!("{}.{:02}", hundredths / 100, hundredths % 100)
        };
        let (calls, fetches) = (per_event(calls), per_event(fetches));
        write!(
            f,
            "per event: {} boundaries, {calls} API calls, {fetches} of them to fetch one object",
            boundaries / told.max(&1),
        )
    }
}
