//! One Stripe customer per owner, whatever happens.

use super::{ByMetadata, CallKey, Journal, JournalError};
use crate::client::Request;
use crate::customer::CreateCustomer;
use crate::id::{CustomerId, Id};
use crate::store::{CustomerLink, Owner};

impl Journal {
    /// The Stripe customer of an owner, made with `create` if there is none.
    ///
    /// However often, from however many processes and after whatever crash
    /// this is called, the owner has one customer at Stripe.
    ///
    /// # Errors
    /// See [`JournalError`]; call it again later.
    ///
    /// ```no_run
    /// # use stripegym_core::journal::{Journal, JournalError};
    /// # use stripegym_core::{Owner, customer::CreateCustomer};
    /// # async fn run(journal: Journal, owner: Owner) -> Result<(), JournalError> {
    /// let create = CreateCustomer::new().email("hanako@example.com");
    /// let customer = journal.customer_of(&owner, create).await?;
    /// # Ok(()) }
    /// ```
    pub async fn customer_of(
        &self,
        owner: &Owner,
        create: CreateCustomer,
    ) -> Result<CustomerId, JournalError> {
        let known = {
            // No connection is held while Stripe is asked.
            let mut read = self.store.read().await?;
            read.customer_of(owner).await?
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let key = CallKey::new(format!("customer:{owner}"))
            .map_err(|_| JournalError::Unreadable("the owner's name is too long for a key"))?;
        let look_up = ByMetadata::in_list(Request::get("/v1/customers"));
        let made = self.perform(&key, create, &look_up).await?;
        let made = CustomerId::from_stripe(&made)
            .map_err(|_| JournalError::Unreadable("Stripe answered with an odd customer id"))?;
        let mut tx = self.store.begin().await?;
        match tx.link_customer(owner, &made, self.clock.now()).await? {
            CustomerLink::Linked => {
                tx.commit().await?;
                Ok(made)
            }
            CustomerLink::OwnerHas(first) => Ok(first),
            CustomerLink::CustomerOf(_) => Err(JournalError::Unreadable(
                "the customer belongs to another owner",
            )),
        }
    }
}
