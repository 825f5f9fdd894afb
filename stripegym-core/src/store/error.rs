//! What can go wrong in a store, sorted by what the caller can do about it.

use std::error::Error;
use std::fmt;

/// A failure of the store. The driver's own error is its source.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What a failure means to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The database cannot be reached or answers too late: try again later.
    Unavailable,
    /// Another transaction was in the way: try again now.
    Contended,
    /// The claim ran out and somebody else has what it was for: stop.
    ClaimLost,
    /// A ledger key is taken by other lines: a person must look.
    PostingConflict,
    /// A sum does not fit 64 bits: a person must look.
    Overflow,
    /// A stored row does not read back: a person must look.
    Corrupt,
    /// A statement failed in a way that trying again will not mend.
    Failed,
}

impl StoreError {
    /// An error of this kind without a deeper cause.
    #[must_use]
    pub fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// An error of this kind, caused by `source`.
    pub fn with_source(
        kind: StoreErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What it means to the caller.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// True when the same work may succeed if tried again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Unavailable | StoreErrorKind::Contended
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the database cannot be reached",
            StoreErrorKind::Contended => "another transaction was in the way",
            StoreErrorKind::ClaimLost => "the claim was lost",
            StoreErrorKind::PostingConflict => "this ledger key is taken by other lines",
            StoreErrorKind::Overflow => "a sum does not fit 64 bits",
            StoreErrorKind::Corrupt => "a stored row cannot be read back",
            StoreErrorKind::Failed => "a statement failed",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
