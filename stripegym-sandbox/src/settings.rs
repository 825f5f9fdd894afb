//! What the sandbox is told at its start and never changes.

/// Fixed for the life of a process.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where browsers reach the hosted pages: no slash at the end.
    pub(crate) public_url: String,
    /// The name on the hosted pages.
    pub(crate) merchant_name: String,
}
