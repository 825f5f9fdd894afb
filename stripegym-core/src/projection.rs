//! From Stripe's objects to our rows: pure functions that decide what a row
//! becomes. Which of two tellings of an object is the newer one is decided
//! elsewhere; here what is final stays final, and what is known of an owner is
//! not forgotten.

mod billing;
mod checkout_session;
mod money;

use crate::object::{FieldError, Object};
use crate::store::{ObjectKind, ObjectRow};

/// Why an object cannot be stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// A field that the row needs is not readable.
    #[error("a field that the row needs is not readable")]
    Field(#[from] FieldError),
}

/// What an object says, as a row. `livemode` is for kinds that do not tell it
/// themselves.
///
/// # Errors
/// When a field that the row needs is absent or of another type.
pub fn project(
    kind: ObjectKind,
    object: &Object,
    livemode: bool,
) -> Result<ObjectRow, ProjectionError> {
    Ok(match kind {
        ObjectKind::Customer => money::customer(&object.view(), livemode)?.into(),
        ObjectKind::CheckoutSession => checkout_session::project(&object.view(), livemode)?.into(),
        ObjectKind::Subscription => billing::subscription(&object.view(), livemode)?.into(),
        ObjectKind::SubscriptionSchedule => billing::schedule(&object.view(), livemode)?.into(),
        ObjectKind::Invoice => billing::invoice(&object.view(), livemode)?.into(),
        ObjectKind::Refund => money::refund(&object.view(), livemode)?.into(),
        ObjectKind::Dispute => money::dispute(&object.view(), livemode)?.into(),
    })
}

/// What the stored row becomes when `told`, which is not older, arrives.
#[must_use]
pub fn advance(stored: Option<ObjectRow>, told: ObjectRow) -> ObjectRow {
    match (stored, told) {
        (Some(ObjectRow::CheckoutSession(stored)), ObjectRow::CheckoutSession(told)) => {
            checkout_session::advance(stored, told).into()
        }
        (Some(ObjectRow::Subscription(stored)), ObjectRow::Subscription(told))
            if stored.fields.status.is_final() && !told.fields.status.is_final() =>
        {
            stored.into()
        }
        (_, told) => told,
    }
}

/// A text for a column: PostgreSQL takes no NUL, and one must not cost us the row.
fn text(value: Option<&str>) -> Option<String> {
    value.map(|text| text.replace('\0', ""))
}

fn livemode_of(object: &Object, otherwise: bool) -> Result<bool, FieldError> {
    Ok(object.get::<Option<bool>>("livemode")?.unwrap_or(otherwise))
}
