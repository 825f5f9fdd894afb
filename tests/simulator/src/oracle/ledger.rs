//! The ledger: the balance of every account and currency.

use std::collections::BTreeMap;

use stripegym_core::store::StoreError;

use super::{Case, books, expect};

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
    let known = books::entries(case.world);
    let should_be: BTreeMap<(String, String), i64> = books::balances(&known)
        .into_iter()
        .map(|((account, currency), minor)| ((account.to_owned(), currency.to_string()), minor))
        .collect();
    expect(findings, || "the trial balance".to_owned(), &is, &should_be);
    Ok(())
}
