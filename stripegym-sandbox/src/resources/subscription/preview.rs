//! What previews try out.

use super::{cancel_with, create, cycle, has_ended, items, upcoming, update};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::{Object, dig, integer, set, text};
use crate::params::Args;
use crate::tx::{Tx, assign};

/// A subscription that is tried out; only the parameters of previews count.
pub(crate) fn create_for_preview(
    tx: &mut Tx<'_>,
    customer: &str,
    details: &Args,
    args: &Args,
) -> Result<String, ApiError> {
    let mut made = Args::default();
    assign(
        &mut made.0,
        details,
        &["items", "trial_end", "proration_behavior"],
    );
    assign(&mut made.0, args, &["discounts"]);
    set(&mut made.0, "customer", customer);
    set(&mut made.0, "payment_behavior", "default_incomplete");
    create::from_args(tx, &made).map(|entry| entry.id)
}

/// A change that is tried out.
pub(crate) fn change_for_preview(
    tx: &mut Tx<'_>,
    id: &str,
    details: &Args,
) -> Result<(), ApiError> {
    let entry = tx.open(Kind::Subscription, id)?;
    if details.boolean("cancel_now") == Some(true) {
        let mut args = Args::default();
        set(&mut args.0, "prorate", true);
        set(&mut args.0, "invoice_now", true);
        return cancel_with(tx, entry, &args).map(|_ended| ());
    }
    let mut args = details.clone();
    set(&mut args.0, "payment_behavior", "default_incomplete");
    update::from_args(tx, entry, &args)
}

/// What the end of the period would bring.
pub(crate) fn next_invoice(tx: &mut Tx<'_>, id: &str) -> Result<Object, ApiError> {
    let mut entry = tx.open(Kind::Subscription, id)?;
    let none = || {
        ApiError::invalid("No upcoming invoices for customer")
            .code("invoice_upcoming_none")
            .while_executing()
    };
    let (_, end) = items::period(&items::of(&entry.object));
    let ends = integer(&entry.object, "cancel_at").is_some_and(|at| at <= end);
    if has_ended(&entry.object) || ends {
        return Err(none());
    }
    if text(&entry.object, "status") == Some("trialing") {
        set(&mut entry.hidden, "reminded", true);
    }
    upcoming::pass_over(&mut entry);
    let before = dig(&entry.object, "latest_invoice").clone();
    tx.put(entry.clone());
    tx.set_time(entry.clock.clone(), end);
    cycle::wake(tx, &entry);
    let after = tx.known(Kind::Subscription, id)?;
    match text(&after.object, "latest_invoice") {
        Some(invoice) if before != invoice => Ok(tx.known(Kind::Invoice, invoice)?.object),
        _ => Err(none()),
    }
}
