//! What the sandbox is told at its start and never changes.

/// What becomes of a subscription whose invoice could not be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AfterRetries {
    /// It is canceled.
    #[default]
    Cancel,
    /// It becomes `unpaid`: invoices go on as drafts.
    MarkUnpaid,
    /// It stays `past_due`.
    LeavePastDue,
    /// It becomes `paused`.
    Pause,
}

/// Fixed for the life of a process.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where browsers reach the hosted pages: no slash at the end.
    pub(crate) public_url: String,
    /// The name on the hosted pages.
    pub(crate) merchant_name: String,
    /// Days from one failed collection of an invoice to the next.
    pub(crate) retry_days: Vec<i64>,
    /// Seconds between `invoice.upcoming` and the end of the period; none sends none.
    pub(crate) upcoming_seconds: Option<i64>,
    /// What becomes of a subscription when they are used up.
    pub(crate) after_retries: AfterRetries,
}
