//! The library's own handler for Checkout Sessions: row, owner and ledger.

use std::sync::Arc;

use async_trait::async_trait;
use tracing::warn;

use crate::checkout::CheckoutSession;
use crate::clock::Clock;
use crate::event::Event;
use crate::ledger;
use crate::process::{Handler, HandlerError};
use crate::projection;
use crate::store::{CustomerLink, Tx};

/// Keeps the row of a session, binds its owner to its customer and books the
/// sale once the money is there.
#[derive(Debug)]
pub struct CheckoutHandler {
    clock: Arc<dyn Clock>,
    livemode: Option<bool>,
}

impl CheckoutHandler {
    /// A handler on this clock, for the sales of one mode or, with `None`, of both.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, livemode: Option<bool>) -> Self {
        Self { clock, livemode }
    }

    /// A connected account's sales are not ours, and play money is no money.
    fn is_ours(&self, event: &Event) -> bool {
        event.account().is_none() && self.livemode.is_none_or(|mode| mode == event.livemode())
    }
}

#[async_trait]
impl Handler for CheckoutHandler {
    async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
        if !self.is_ours(event) {
            return Ok(());
        }
        let now = self.clock.now();
        let session: CheckoutSession = event.object().map_err(HandlerError::permanent)?;
        let told =
            projection::project(&session, event.livemode()).map_err(HandlerError::permanent)?;
        let stored = tx.checkout_session(&told.id).await?;
        let row = projection::advance(stored, told);
        tx.put_checkout_session(&row, now).await?;

        if let (Some(owner), Some(customer)) = (&row.owner, &row.customer) {
            match tx.link_customer(owner, customer, now).await? {
                CustomerLink::Linked => {}
                // The sale stands all the same; the first bond stays.
                CustomerLink::OwnerHas(_) | CustomerLink::CustomerOf(_) => {
                    warn!(stripe.session = %row.id, "owner and customer are bound elsewhere already");
                }
            }
        }

        let booked = ledger::checkout_paid(&session, event.created());
        if let Some(entry) = booked.map_err(HandlerError::permanent)? {
            tx.post(&entry, now).await?;
        }
        Ok(())
    }
}
