//! Rows of the projections.

use std::fmt;

use crate::checkout::{CheckoutMode, CheckoutStatus, PaymentStatus};
use crate::id::{CheckoutSessionId, CustomerId, PaymentIntentId};
use crate::money::Amount;

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

/// The state of one Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSessionRow {
    /// The session.
    pub id: CheckoutSessionId,
    /// Whose it is, if we know.
    pub owner: Option<Owner>,
    /// The Stripe customer, once there is one.
    pub customer: Option<CustomerId>,
    /// What it is for.
    pub mode: CheckoutMode,
    /// Where it stands.
    pub status: CheckoutStatus,
    /// Whether the money is there.
    pub payment_status: PaymentStatus,
    /// The total, for sessions with a price.
    pub total: Option<Amount>,
    /// The payment, once there is one.
    pub payment_intent: Option<PaymentIntentId>,
    /// What was bought, from the metadata key `product_name`.
    pub product_name: Option<String>,
    /// When Stripe made it, in seconds since the Unix epoch.
    pub created: i64,
    /// True for real money.
    pub livemode: bool,
}
