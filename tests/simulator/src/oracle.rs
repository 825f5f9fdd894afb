//! What should be, from the simulated Stripe's final state alone, against what
//! the store says. One function per kind of row; add one where core gets rows.

pub mod books;
mod inbox;
mod ledger;
mod owners;
mod rows;

use std::collections::BTreeSet;

use stripegym_core::Store;
use stripegym_core::store::StoreError;

use crate::world::World;
use crate::world::id::Id;

pub(crate) use inbox::missing;

/// How far back Stripe lists events.
pub(crate) const EVENTS_REACH_S: i64 = 30 * 86_400;

/// What the comparisons look at.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    /// The simulated Stripe, after everything.
    pub(crate) world: &'a World,
    /// The store.
    pub(crate) store: &'a dyn Store,
    /// When the run ended, in seconds since the Unix epoch.
    pub(crate) now_s: i64,
    /// Events that are not in the inbox.
    pub(crate) missing: BTreeSet<Id>,
    /// Whether the last reconciliation read every object.
    pub(crate) swept: bool,
}

/// Everything that is not as it should be, in words. Nothing means all is well.
///
/// # Errors
/// When the store fails.
pub async fn compare(
    world: &World,
    store: &dyn Store,
    now_s: i64,
    swept: bool,
) -> Result<Vec<String>, StoreError> {
    let mut findings = Vec::new();
    let missing = missing(world, store).await?;
    let case = Case {
        world,
        store,
        now_s,
        missing,
        swept,
    };
    inbox::compare(&case, &mut findings).await?;
    rows::compare(&case, &mut findings).await?;
    owners::compare(&case, &mut findings).await?;
    ledger::compare(&case, &mut findings).await?;
    Ok(findings)
}

/// Notes a difference.
pub(crate) fn expect<T: PartialEq + std::fmt::Debug>(
    findings: &mut Vec<String>,
    what: impl FnOnce() -> String,
    is: &T,
    should_be: &T,
) {
    if is != should_be {
        findings.push(format!("{} is {is:?}, should be {should_be:?}", what()));
    }
}
