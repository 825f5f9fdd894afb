//! Where payments come from: Stripe, or the sandbox in its place.

use std::time::Duration;

use stripegym_core::webhook::Verifier;
use stripegym_core::{ApiKey, Client};
use stripegym_sandbox::Sandbox;

use super::StartError;
use crate::config::{Account, Prices};
use crate::database::Pools;
use crate::instance::{self, Counterpart, Instance};

/// How long one try of a call to Stripe may take. A member waits for it, and
/// the page gives up after 20 s: two tries must fit.
const STRIPE_TIME_MAX: Duration = Duration::from_secs(8);
const STRIPE_RETRIES: u32 = 1;

/// Where payments come from.
pub(super) struct Source {
    pub(super) stripe: Client,
    pub(super) prices: Prices,
    pub(super) verifier: Verifier,
    pub(super) sandbox: Option<Sandbox>,
}

impl Source {
    pub(super) async fn of_account(
        account: &Account,
        pools: &Pools,
        instance: &Instance,
    ) -> Result<Self, StartError> {
        let stripe = client(account.key.clone(), account.base.as_deref())?;
        let wanted = Counterpart::stripe(&account.key);
        match &instance.counterpart {
            Some(used) if *used == wanted => {}
            Some(used) => {
                let (used, wanted) = (used.name(), wanted.name());
                return Err(StartError::OtherCounterpart { used, wanted });
            }
            None => {
                instance::remember(pools, &wanted)
                    .await
                    .map_err(StartError::Instance)?;
            }
        }
        Ok(Self {
            stripe,
            prices: account.prices.clone(),
            verifier: Verifier::rotating(account.webhook_secrets.clone()),
            sandbox: None,
        })
    }
}

/// A client that does not keep a member waiting for long.
pub(super) fn client(key: ApiKey, base: Option<&str>) -> Result<Client, StartError> {
    let mut client = Client::builder(key);
    if let Some(base) = base {
        client = client.base(base);
    }
    client
        .timeout(STRIPE_TIME_MAX)
        .retries(STRIPE_RETRIES)
        .build()
        .map_err(StartError::Client)
}
