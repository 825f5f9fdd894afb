//! What a reconciliation found.

use std::fmt;

use serde_json::{Value, json};

use crate::event::Event;
use crate::ledger::RuleError;
use crate::object::Object;
use crate::process::Chain;
use crate::store::{Drift, DriftKind, FieldChange, Scalar};

/// How many events are named one by one.
const EVENTS_NAMED_MAX: usize = 100;

/// What a reconciliation found and, unless it was a dry run, put right.
/// Prints as text; [`DriftReport::to_json`] is for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriftReport {
    /// True if nothing was written.
    pub dry_run: bool,
    /// Events that Stripe listed.
    pub events_read: usize,
    /// Those that were never delivered.
    pub events_new: usize,
    /// The first of those: id and type.
    pub events_named: Vec<(String, String)>,
    /// Whether every object was read.
    pub swept: bool,
    /// How many those were.
    pub objects_read: usize,
    /// Rows that were not as they should be.
    pub drifts: Vec<Drift>,
    /// Balance transactions that Stripe listed.
    pub balance_read: usize,
    /// Ledger transactions that were missing.
    pub posted: usize,
    /// What could not be booked: a person must look.
    pub unbooked: Vec<Unbooked>,
}

/// Something that could not be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbooked {
    /// The object's id.
    pub id: String,
    /// Why.
    pub reason: String,
}

impl Unbooked {
    pub(super) fn of(object: &Object, why: &RuleError) -> Self {
        Self {
            id: object.get("id").unwrap_or("?").to_owned(),
            reason: Chain(why).to_string(),
        }
    }
}

impl DriftReport {
    pub(super) fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            events_read: 0,
            events_new: 0,
            events_named: Vec::new(),
            swept: false,
            objects_read: 0,
            drifts: Vec::new(),
            balance_read: 0,
            posted: 0,
            unbooked: Vec::new(),
        }
    }

    pub(super) fn note_event(&mut self, event: &Event) {
        if self.events_named.len() < EVENTS_NAMED_MAX {
            let named = (event.id().as_str().to_owned(), event.kind().to_owned());
            self.events_named.push(named);
        }
    }

    /// True if nothing was missing, stale or extra, and everything is booked.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.events_new == 0
            && self.drifts.is_empty()
            && self.posted == 0
            && self.unbooked.is_empty()
    }

    /// The report for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let events = self.events_named.iter();
        let events: Vec<_> = events
            .map(|(id, kind)| json!({ "id": id, "type": kind }))
            .collect();
        let drifts: Vec<_> = self.drifts.iter().map(drift_json).collect();
        let unbooked = self.unbooked.iter();
        let unbooked: Vec<_> = unbooked
            .map(|one| json!({ "id": one.id, "reason": one.reason }))
            .collect();
        json!({
            "dry_run": self.dry_run,
            "clean": self.is_clean(),
            "events": { "read": self.events_read, "new": self.events_new, "first": events },
            "objects": { "swept": self.swept, "read": self.objects_read, "drift": drifts },
            "balance_transactions": { "read": self.balance_read },
            "ledger": { "posted": self.posted, "unbooked": unbooked },
        })
    }
}

fn drift_json(drift: &Drift) -> Value {
    let fields: Vec<_> = match &drift.what {
        DriftKind::Stale(changes) => changes.iter().map(change_json).collect(),
        DriftKind::Missing | DriftKind::Extra => Vec::new(),
    };
    json!({
        "object": drift.kind.as_str(), "id": drift.id, "what": drift.what.as_str(),
        "fields": fields,
    })
}

fn change_json(change: &FieldChange) -> Value {
    let value = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => json!(text),
        Scalar::Int(number) => json!(number),
        Scalar::Flag(flag) => json!(flag),
    };
    json!({
        "field": change.column, "stored": value(&change.stored), "stripe": value(&change.told),
    })
}

impl fmt::Display for DriftReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let would = if self.dry_run { "would be " } else { "" };
        writeln!(
            f,
            "events: {} listed, {} new",
            self.events_read, self.events_new
        )?;
        for (id, kind) in &self.events_named {
            writeln!(f, "  {id}  {kind}")?;
        }
        if self.swept {
            let off = self.drifts.len();
            writeln!(
                f,
                "objects: {} read, {off} {would}put right",
                self.objects_read
            )?;
        } else {
            writeln!(
                f,
                "objects: not read, as the list of events reaches back far enough"
            )?;
        }
        for drift in &self.drifts {
            write!(f, "{drift}")?;
        }
        writeln!(
            f,
            "ledger: {} balance transactions read, {} {would}posted, {} without a rule",
            self.balance_read,
            self.posted,
            self.unbooked.len()
        )?;
        for Unbooked { id, reason } in &self.unbooked {
            writeln!(f, "  {id}  {reason}")?;
        }
        Ok(())
    }
}
