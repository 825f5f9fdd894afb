//! Lists page by page, each with the number taken before it was asked for.

use super::{ReconcileError, Reconciler};
use crate::client::{List, Request};
use crate::object::{Object, list_from_slice};
use crate::process::date;

const PAGE: &str = "100";

/// One page of a list, newest first.
pub(super) struct Page {
    pub(super) objects: Vec<Object>,
    /// Taken before Stripe was asked.
    pub(super) fence: i64,
    /// When Stripe answered, in seconds since the Unix epoch.
    pub(super) at: i64,
    /// The request for the next page.
    pub(super) next: Option<Request>,
}

impl Reconciler {
    pub(super) async fn page(&self, request: Request) -> Result<Page, ReconcileError> {
        let mut tx = self.processor.store().begin().await?;
        let fence = tx.next_fence().await?;
        tx.commit().await?;
        let request = request.param("limit", PAGE);
        let answer = self.client.execute(request.clone()).await?;
        let at = date(&answer).unwrap_or_else(|| self.processor.clock().now().unix_s());
        let list: List<Object> = list_from_slice(answer.body()).map_err(unreadable)?;
        let more = list.has_more();
        let objects = list.into_data();
        let last = objects.last().filter(|_| more);
        let next = match last.map(|object| object.get::<&str>("id")) {
            Some(id) => Some(request.param("starting_after", id.map_err(unreadable)?)),
            // To stop here in silence would look like the end of the list.
            None if more => return Err(unreadable("there is more, but nothing that leads there")),
            None => None,
        };
        Ok(Page {
            objects,
            fence,
            at,
            next,
        })
    }
}

pub(super) fn unreadable(
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> ReconcileError {
    ReconcileError::Unreadable(error.into())
}
