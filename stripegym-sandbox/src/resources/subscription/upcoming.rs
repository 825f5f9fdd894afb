//! `invoice.upcoming`: what the next renewal will bring, told some days ahead.

use super::{cycle, items, preview};
use crate::error::ApiError;
use crate::object::{Object, integer, set, text};
use crate::resources::invoice;
use crate::state::Entry;
use crate::tx::Tx;

/// The end of the period that was told of already.
const TOLD: &str = "upcoming";

/// When it is to be told, if it is.
pub(super) fn at(tx: &Tx<'_>, entry: &Entry) -> Option<i64> {
    let subscription = &entry.object;
    let lead = tx.settings.upcoming_seconds?;
    let renews = matches!(
        text(subscription, "status"),
        Some("active" | "trialing" | "past_due")
    );
    let (start, end) = items::period(&items::of(subscription));
    let ends = integer(subscription, "cancel_at").is_some_and(|at| at <= end);
    let told = integer(&entry.hidden, TOLD) == Some(end);
    let at = end.saturating_sub(lead);
    (renews && !ends && !told && at > start).then_some(at)
}

/// The end of this period needs no telling.
pub(super) fn pass_over(entry: &mut Entry) {
    let (_, end) = items::period(&items::of(&entry.object));
    set(&mut entry.hidden, TOLD, end);
}

/// Tries the renewal out and tells of its invoice, which has no id yet.
pub(super) fn tell(tx: &mut Tx<'_>, mut entry: Entry) -> Result<(), ApiError> {
    pass_over(&mut entry);
    cycle::plan(tx, &mut entry);
    tx.put(entry.clone());
    let (clock, now) = (tx.clock().map(ToOwned::to_owned), tx.now());
    let tried = tx.try_out(|tx| preview::next_invoice(tx, &entry.id));
    tx.set_time(clock, now);
    // A paused or ending one has no next invoice, and nothing is told of it.
    if let Ok(next) = tried {
        let mut next: Object = invoice::as_preview(next, "upcoming");
        next.remove("id");
        tx.emit("invoice.upcoming", &next, None);
    }
    Ok(())
}
