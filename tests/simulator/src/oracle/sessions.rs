//! Checkout sessions, their owners and their customers.

use stripegym_core::id::CheckoutSessionId;
use stripegym_core::store::{CheckoutSessionRow, StoreError};
use stripegym_core::{Amount, Owner};

use super::{Case, expect};
use crate::consumer::ABILITIES;
use crate::world::id::Id;
use crate::world::objects::{Session, SessionMode, WayToPay};

/// Whether any event tells of a session: of one that is open, none does.
pub(super) fn is_told(session: &Session) -> bool {
    session.status != "open"
}

/// The payment status that can be known.
pub(super) fn payment_status(session: &Session) -> &'static str {
    match session.way {
        WayToPay::Manual if !ABILITIES.sees_captures => "unpaid",
        _ => session.payment_status,
    }
}

pub(super) async fn compare(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let mut tx = case.store.begin().await?;
    for session in &case.world.sessions {
        if case.is_beyond_reach(session.id) {
            continue;
        }
        let Ok(id) = session.id.to_string().parse::<CheckoutSessionId>() else {
            continue;
        };
        let row = tx.checkout_session(&id).await?;
        expect(
            findings,
            || format!("{id}: known"),
            &row.is_some(),
            &is_told(session),
        );
        if let Some(row) = row.filter(|_| is_told(session)) {
            same_row(session, row, findings);
        }
    }
    drop(tx);
    owners(case, findings).await
}

fn same_row(session: &Session, row: CheckoutSessionRow, findings: &mut Vec<String>) {
    let text = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    let mode = match session.mode {
        SessionMode::Payment => "payment",
        SessionMode::Subscription => "subscription",
    };
    let owner = row.owner.as_ref().map(Owner::as_str).unwrap_or_default();
    let customer = row.customer.as_ref().map(ToString::to_string);
    let intent = row.payment_intent.as_ref().map(ToString::to_string);
    let payment_status = payment_status(session);
    let (customer, intent) = (customer.unwrap_or_default(), intent.unwrap_or_default());
    let (by, paid_by) = (text(session.customer), text(session.shown_intent()));
    let product = row.product_name.unwrap_or_default();
    for (field, is, should_be) in [
        ("status", row.status.as_str(), session.status),
        (
            "payment_status",
            row.payment_status.as_str(),
            payment_status,
        ),
        ("mode", row.mode.as_str(), mode),
        ("owner", owner, &session.owner()),
        ("customer", &customer, &by),
        ("payment_intent", &intent, &paid_by),
        ("product_name", &product, &session.product_name()),
    ] {
        expect(
            findings,
            || format!("{}: {field}", session.id),
            &is,
            &should_be,
        );
    }
    let is = (row.total.map(Amount::minor), row.created);
    let should_be = (Some(session.total), session.created);
    expect(
        findings,
        || format!("{}: total and created", session.id),
        &is,
        &should_be,
    );
}

async fn owners(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let mut read = case.store.read().await?;
    for session in case
        .world
        .sessions
        .iter()
        .filter(|session| is_told(session))
    {
        let (Ok(owner), Some(customer)) = (Owner::new(session.owner()), session.customer) else {
            continue;
        };
        if case.is_beyond_reach(session.id) {
            continue;
        }
        let bound = read.customer_of(&owner).await?.map(|id| id.to_string());
        let should_be = Some(customer.to_string());
        expect(
            findings,
            || format!("{owner}: customer"),
            &bound,
            &should_be,
        );
    }
    Ok(())
}
