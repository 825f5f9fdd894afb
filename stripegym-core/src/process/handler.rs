//! What runs for an event, inside the one transaction of its effects.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;

use crate::event::Event;
use crate::store::{EffectError, ObjectKind, StoreError, StoreErrorKind, Tx};

/// Turns an event into effects on the database. Open: write your own.
///
/// Everything done through `tx` commits together with the mark that the event
/// is done, so it happens exactly once. Do no HTTP here and send no mail: a
/// transaction that waits for the network holds everybody up, and what left
/// the house cannot be rolled back.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Handles one event.
    ///
    /// # Errors
    /// Say with [`HandlerError`] whether trying again may help.
    async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError>;
}

/// Why a handler failed, and what follows from it.
#[derive(Debug)]
pub struct HandlerError {
    kind: HandlerErrorKind,
    source: Box<dyn Error + Send + Sync>,
    missing: Option<(ObjectKind, String)>,
}

/// A row that another event will bring, or has lost.
#[derive(Debug, thiserror::Error)]
#[error("the {} {id} is not here yet", kind.as_str())]
struct Missing {
    kind: ObjectKind,
    id: String,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerErrorKind {
    /// Try again later.
    Transient,
    /// Trying again will not help: to the dead letters.
    Permanent,
    /// Somebody else has the event: stop without a trace.
    ClaimLost,
}

impl HandlerError {
    /// A failure that may pass.
    pub fn transient(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: HandlerErrorKind::Transient,
            source: source.into(),
            missing: None,
        }
    }

    /// A failure that will not pass.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: HandlerErrorKind::Permanent,
            source: source.into(),
            missing: None,
        }
    }

    /// Not yet: the row of this object is missing, because its event is late
    /// or lost. The object is fetched from Stripe, its row written, and the
    /// event handled again at once; if that does not help, later.
    #[must_use]
    pub fn not_yet(kind: ObjectKind, id: &str) -> Self {
        let id = id.to_owned();
        let missing = Some((kind, id.clone()));
        Self {
            missing,
            ..Self::transient(Missing { kind, id })
        }
    }

    /// The object that was missing.
    pub(super) fn missing(&self) -> Option<&(ObjectKind, String)> {
        self.missing.as_ref()
    }

    /// What follows from it.
    #[must_use]
    pub fn kind(&self) -> HandlerErrorKind {
        self.kind
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            HandlerErrorKind::Transient => "the handler failed",
            HandlerErrorKind::Permanent => "the handler refused the event",
            HandlerErrorKind::ClaimLost => "the event was taken over",
        })
    }
}

impl Error for HandlerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

impl From<StoreError> for HandlerError {
    fn from(source: StoreError) -> Self {
        let kind = match source.kind() {
            StoreErrorKind::ClaimLost => HandlerErrorKind::ClaimLost,
            StoreErrorKind::PostingConflict
            | StoreErrorKind::Overflow
            | StoreErrorKind::Corrupt => HandlerErrorKind::Permanent,
            _ => HandlerErrorKind::Transient,
        };
        Self {
            kind,
            source: Box::new(source),
            missing: None,
        }
    }
}

/// What is not an effect now will not be one later.
impl From<EffectError> for HandlerError {
    fn from(refused: EffectError) -> Self {
        Self::permanent(refused)
    }
}

/// Whether a handler registered for `pattern` wants events of this type.
pub(super) fn applies(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => kind.starts_with(family),
        None => kind == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::applies;

    #[test]
    fn a_pattern_names_a_type_a_family_or_everything() {
        assert!(applies("invoice.paid", "invoice.paid"));
        assert!(!applies("invoice.paid", "invoice.paid.x"));
        assert!(applies("invoice.*", "invoice.paid"));
        assert!(!applies("invoice.*", "invoice_payment.paid"));
        assert!(applies("*", "moon.landed"));
    }
}
