//! What is for sale, and the way to Stripe's payment page.

mod catalogue;
mod checkout;
pub(crate) mod seed;

use std::sync::Arc;

use stripegym_core::journal::{Journal, JournalError};
use stripegym_core::object::FieldError;
use stripegym_core::store::OwnerError;
use stripegym_core::{ApiError, Client, Clock, Owner, Store};
use tokio::sync::OnceCell;

use crate::accounts::Member;
use crate::config::Prices;

pub(crate) use catalogue::{Catalogue, Product};
pub(crate) use checkout::Order;

/// The shop. What it says about prices, it asks Stripe once and remembers: a
/// price at Stripe never changes its amount.
#[derive(Debug)]
pub(crate) struct Shop {
    stripe: Client,
    /// For calls that must take effect once.
    journal: Journal,
    prices: Prices,
    catalogue: OnceCell<Catalogue>,
    /// Tells this installation's customers from another's on the same account.
    instance: String,
    /// How browsers reach us.
    base_url: String,
    is_sandbox: bool,
}

/// What a [`Shop`] is made of.
pub(crate) struct Parts {
    pub(crate) stripe: Client,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) prices: Prices,
    pub(crate) instance: String,
    pub(crate) base_url: String,
    pub(crate) is_sandbox: bool,
}

/// Why the shop could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("Stripe did not do it")]
    Stripe(#[from] ApiError),
    #[error("Stripe's answer lacks something")]
    Answer(#[from] FieldError),
    #[error("a journalled call is not done")]
    Journal(#[from] JournalError),
    #[error("the member cannot be an owner")]
    Owner(#[from] OwnerError),
    #[error("the checkout session has no page")]
    NoPage,
    #[error("the product is not for sale")]
    NotForSale,
}

impl Shop {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            stripe,
            store,
            clock,
            prices,
            instance,
            base_url,
            is_sandbox,
        } = parts;
        let catalogue = OnceCell::new();
        let journal = Journal::new(store, stripe.clone(), clock);
        Self {
            stripe,
            journal,
            prices,
            catalogue,
            instance,
            base_url,
            is_sandbox,
        }
    }

    /// True when no real money moves because the sandbox stands in for Stripe.
    pub(crate) fn is_sandbox(&self) -> bool {
        self.is_sandbox
    }

    /// The member's name in the library's tables and at Stripe. Two
    /// installations on one account hear of each other's sales, and both have
    /// a member 1: so the installation is part of the name.
    pub(crate) fn owner(&self, member: &Member) -> Result<Owner, OwnerError> {
        Owner::new(format!("{}-{}", self.instance, member.id))
    }

    /// What is for sale.
    pub(crate) async fn catalogue(&self) -> Result<&Catalogue, ShopError> {
        self.catalogue
            .get_or_try_init(|| Catalogue::load(&self.stripe, &self.prices))
            .await
    }

    /// The price of the one-off product.
    pub(crate) fn protein(&self) -> &stripegym_core::id::PriceId {
        &self.prices.protein
    }
}
