//! What several API versions say in different places.

use serde_json::{Map, Value};

use crate::object::{FieldError, FieldProblem, FromField, Object};
use crate::subscription::BillingModeType;

/// Since basil (2025-03-31) each item has its own period.
pub(super) fn current_period_start(subscription: &Object) -> Result<i64, FieldError> {
    period(subscription, "current_period_start", i64::max)
}

/// Since basil (2025-03-31) each item has its own period.
pub(super) fn current_period_end(subscription: &Object) -> Result<i64, FieldError> {
    period(subscription, "current_period_end", i64::min)
}

fn period(
    subscription: &Object,
    field: &str,
    choose: fn(i64, i64) -> i64,
) -> Result<i64, FieldError> {
    if subscription.has(&[field]) {
        return subscription.get(field);
    }
    let items: Vec<&Map<String, Value>> = subscription.get_at(&["items", "data"])?;
    let mut chosen = None;
    for item in items {
        let one = i64::from_field(item.get(field))
            .map_err(|problem| subscription.error_at(&["items", "data", field], problem))?;
        chosen = Some(chosen.map_or(one, |so_far| choose(so_far, one)));
    }
    // A subscription without items has no period.
    chosen.ok_or_else(|| subscription.error_at(&["items", "data", field], FieldProblem::Absent))
}

/// A text at first (2025-05), an object with a type soon after (2025-06).
pub(super) fn billing_mode(subscription: &Object) -> Result<Option<BillingModeType>, FieldError> {
    match subscription.json().get("billing_mode") {
        Some(Value::String(_)) => subscription.get("billing_mode"),
        _ => subscription.get_in("billing_mode", "type"),
    }
}

/// A date, or the end of the period; with a schedule or the portal it may be
/// the date alone.
pub(super) fn ends_at(subscription: &Object) -> Result<Option<i64>, FieldError> {
    if let Some(date) = subscription.get("cancel_at")? {
        return Ok(Some(date));
    }
    match subscription.get("cancel_at_period_end")? {
        Some(true) => current_period_end(subscription).map(Some),
        Some(false) | None => Ok(None),
    }
}
