//! How a row differs from what it should be.

use std::fmt;

use crate::store::{FieldChange, ObjectKind, ObjectRow};

/// A row that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The kind of object.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// How it is off.
    pub what: DriftKind,
}

/// How a row is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// Stripe has the object; there is no row.
    Missing,
    /// The row says something else.
    Stale(Vec<FieldChange>),
    /// There is a row; Stripe has the object no more.
    Extra,
}

impl DriftKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale(_) => "stale",
            Self::Extra => "extra",
        }
    }
}

impl Drift {
    pub(crate) fn between(
        kind: ObjectKind,
        id: &str,
        stored: Option<&ObjectRow>,
        told: Option<&ObjectRow>,
    ) -> Option<Self> {
        let what = match (stored, told) {
            (None, Some(_)) => DriftKind::Missing,
            (Some(_), None) => DriftKind::Extra,
            (Some(stored), Some(told)) if stored != told => {
                DriftKind::Stale(stored.changes_to(told))
            }
            _ => return None,
        };
        Some(Self {
            kind,
            id: id.to_owned(),
            what,
        })
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, kind) = (self.what.as_str(), self.kind.as_str());
        writeln!(f, "  {what:7}  {kind}  {}", self.id)?;
        if let DriftKind::Stale(changes) = &self.what {
            for change in changes {
                let FieldChange {
                    column,
                    stored,
                    told,
                } = change;
                writeln!(f, "             {column}: {stored} -> {told}")?;
            }
        }
        Ok(())
    }
}
