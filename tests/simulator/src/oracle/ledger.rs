//! The ledger: the balance of every account and currency.

use std::collections::BTreeMap;

use stripegym_core::store::StoreError;

use super::books::{self, Entry};
use super::{Case, expect, sessions};
use crate::world::World;

pub(super) async fn compare(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let mut read = case.store.read().await?;
    let off = read.unbalanced().await?;
    expect(
        findings,
        || "unbalanced transactions".to_owned(),
        &off,
        &Vec::new(),
    );
    let is: BTreeMap<(String, String), i64> = read
        .trial_balance()
        .await?
        .into_iter()
        .map(|line| {
            let currency = line.balance.currency().as_str().to_owned();
            (
                (line.account.as_str().to_owned(), currency),
                line.balance.minor(),
            )
        })
        .filter(|(_, minor)| *minor != 0)
        .collect();
    let known = known_today(case.world, case);
    let should_be: BTreeMap<(String, String), i64> = books::balances(&known)
        .into_iter()
        .map(|((account, currency), minor)| ((account.to_owned(), currency.to_string()), minor))
        .collect();
    expect(findings, || "the trial balance".to_owned(), &is, &should_be);
    Ok(())
}

/// Sales of sessions that an event told as paid: what core books so far.
fn known_today(world: &World, case: &Case<'_>) -> Vec<Entry> {
    world
        .sessions
        .iter()
        .filter(|session| sessions::payment_status(session) == "paid")
        .filter(|session| !case.is_beyond_reach(session.id))
        .filter_map(|session| books::session(world, session))
        .collect()
}
