//! Whether a call had its effect, asked of Stripe.

use async_trait::async_trait;
use serde_json::Value;

use crate::client::{ApiError, Client, Request};
use crate::id::AccountId;
use crate::journal::METADATA_KEY;
use crate::store::JournalEntry;

/// Objects per page, and pages per look-up: a hundred thousand objects since
/// the call was made.
const PAGE_SIZE: &str = "100";
const PAGES_MAX: u32 = 1000;
/// Our clock and Stripe's may differ.
const SKEW_S: i64 = 3600;

/// Finds what a call has made. Open: write one for calls that `ByMetadata`
/// does not fit. Never ask Stripe's Search, which lags and so proves no absence.
#[async_trait]
pub trait LookUp: Send + Sync {
    /// A name for the log.
    fn name(&self) -> &'static str;

    /// The id of what the call made, or `None` if it surely made nothing.
    ///
    /// # Errors
    /// When Stripe cannot be asked; then nothing is known.
    async fn find(&self, stripe: &Client, entry: &JournalEntry)
    -> Result<Option<String>, ApiError>;
}

/// Reads a list of everything created since the call was planned and looks for
/// the metadata that every journalled call carries.
#[derive(Debug, Clone)]
pub struct ByMetadata {
    list: Request,
}

impl ByMetadata {
    /// In this list, such as `/v1/customers`, narrowed by these parameters,
    /// such as a parent's id.
    #[must_use]
    pub fn in_list(list: Request) -> Self {
        Self { list }
    }

    fn page(&self, entry: &JournalEntry, after: Option<&str>) -> Request {
        let since = entry.planned_at.unix_s().saturating_sub(SKEW_S).to_string();
        let mut page = self
            .list
            .clone()
            .param("created[gte]", &since)
            .param("limit", PAGE_SIZE);
        if let Some(id) = after {
            page = page.param("starting_after", id);
        }
        match entry
            .call
            .account
            .as_deref()
            .and_then(|id| AccountId::parse(id).ok())
        {
            Some(account) => page.with_account(account),
            None => page,
        }
    }
}

#[async_trait]
impl LookUp for ByMetadata {
    fn name(&self) -> &'static str {
        "list by creation time and metadata"
    }

    async fn find(
        &self,
        stripe: &Client,
        entry: &JournalEntry,
    ) -> Result<Option<String>, ApiError> {
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let answer = stripe.execute(self.page(entry, after.as_deref())).await?;
            let page: Value = serde_json::from_slice(answer.body())
                .map_err(|source| ApiError::unreadable_answer(&answer, source))?;
            let objects = page["data"].as_array().map_or(&[][..], Vec::as_slice);
            let ours = objects
                .iter()
                .find(|object| object["metadata"][METADATA_KEY] == *entry.call.idempotency_key);
            if let Some(id) = ours.and_then(|object| object["id"].as_str()) {
                return Ok(Some(id.to_owned()));
            }
            after = objects
                .last()
                .and_then(|last| last["id"].as_str())
                .map(ToOwned::to_owned);
            if page["has_more"] != true || after.is_none() {
                return Ok(None);
            }
        }
        Err(ApiError::list_too_long())
    }
}
