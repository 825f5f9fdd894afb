//! Who belongs to which customer.

use stripegym_core::Owner;
use stripegym_core::store::StoreError;

use super::{Case, expect};

pub(super) async fn compare(case: &Case<'_>, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let mut read = case.store.read().await?;
    for session in case
        .world
        .sessions
        .iter()
        .filter(|session| session.status != "open")
    {
        let (Ok(owner), Some(customer)) = (Owner::new(session.owner()), session.customer) else {
            continue;
        };
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
