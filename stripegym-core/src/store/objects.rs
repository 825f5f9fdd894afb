//! Who owns what, and how far our knowledge of an object reaches.

use std::fmt;

use crate::id::CustomerId;
use crate::store::record::TextColumn;

/// One of your users, by the id that your application gives them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(Box<str>);

/// Why a text cannot name an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an owner is named by 1 to 200 printable ASCII characters")]
pub struct OwnerError;

impl Owner {
    /// Longest name; it must fit `client_reference_id`, which takes 200 characters.
    pub const LENGTH_MAX: usize = 200;

    /// The metadata key under which a subscription may name its owner. Set it
    /// in `subscription_data` when you make a Checkout Session, so that the
    /// subscription is theirs even if the session's events never arrive.
    pub const METADATA_KEY: &'static str = "stripegym_owner";

    /// Names an owner.
    ///
    /// # Errors
    /// When the name is empty, too long or not printable ASCII.
    pub fn new(name: impl Into<String>) -> Result<Self, OwnerError> {
        let name = name.into();
        let fits = !name.is_empty() && name.len() <= Self::LENGTH_MAX;
        if fits && name.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(name.into()))
        } else {
            Err(OwnerError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Owner({})", self.0)
    }
}

/// What came of binding an owner and a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerLink {
    /// They are bound to each other, now or since before.
    Linked,
    /// The owner has another customer.
    OwnerHas(CustomerId),
    /// The customer belongs to another owner.
    CustomerOf(Owner),
}

impl TextColumn for Owner {
    fn to_text(&self) -> String {
        self.0.clone().into()
    }

    fn from_text(text: String) -> Option<Self> {
        Self::new(text).ok()
    }
}

/// How far our knowledge of one object reaches. Every write of its row, be it
/// from an event or from a fetch, moves the head with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// When the newest event was made whose state we have, in seconds since the
    /// Unix epoch.
    pub created: i64,
    /// The number under which the last write began. Work that began before it
    /// writes no more.
    pub fence: i64,
    /// The last time that the object was fetched.
    pub fetched: Option<LastFetch>,
    /// True once the object is deleted. It never comes back.
    pub gone: bool,
}

/// A fetch of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastFetch {
    /// The number taken before it began: whatever had reached us under a lower
    /// one had happened by then, so the answer shows it.
    pub fence: i64,
    /// When Stripe answered, by Stripe's clock, in seconds since the Unix epoch.
    pub at: i64,
}
