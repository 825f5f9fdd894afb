//! The sandbox in Stripe's place, and the files that it and the database keep.
//!
//! What the sandbox sold, the database remembers: one without the other tells
//! half a story. So a start needs both or neither, and each must be the one
//! that the other was used with. Where the database is a file of our own, the
//! files themselves are looked at before anything is opened. Wherever it is, it
//! remembers the sandbox that it was used with, and that is compared as well.

use std::net::SocketAddr;
use std::path::PathBuf;

use stripegym_core::webhook::Verifier;
use stripegym_core::{ApiKey, WebhookSecret};
use stripegym_sandbox::Sandbox;
use tracing::warn;

use super::StartError;
use super::source::{Source, client};
use crate::config::{Config, Stripe, database_file};
use crate::database::Pools;
use crate::instance::{self, Counterpart, Instance};
use crate::reset::{database_files, state_files};
use crate::shop::seed::seed;

/// Finds our webhook endpoint again at the next start.
const ENDPOINT: &str = "reference-app";

/// The files of a start without Stripe.
pub(super) struct Offline {
    sandbox: SocketAddr,
    state: PathBuf,
    has_state: bool,
    /// Files that this start makes; gone again should it fail.
    made: Vec<PathBuf>,
}

impl Offline {
    /// Looks at the files, unless Stripe itself is in use. Changes nothing.
    pub(super) fn check(config: &Config) -> Result<Option<Self>, StartError> {
        let Stripe::Offline { sandbox } = config.stripe else {
            return Ok(None);
        };
        let state = config.state_file();
        let has_state = state.exists();
        let mut made = Vec::new();
        if config.database.is_none() {
            let database = database_file(&config.directory);
            match (database.exists(), has_state) {
                (true, false) => return Err(StartError::one_of_two(&database, &state)),
                (false, true) => return Err(StartError::one_of_two(&state, &database)),
                (true, true) => {}
                (false, false) => made.extend(database_files(&database)),
            }
        }
        if !has_state {
            made.extend(state_files(&state));
        }
        Ok(Some(Self {
            sandbox,
            state,
            has_state,
            made,
        }))
    }

    /// Starts the sandbox, fills it with what the shop sells, and makes sure
    /// that it is this database's. Webhooks go to `url`.
    pub(super) async fn start(
        &self,
        pools: &Pools,
        instance: &Instance,
        url: &str,
    ) -> Result<Source, StartError> {
        self.compare_with(instance)?;
        let sandbox = Sandbox::builder()
            .listen(self.sandbox)
            .state_file(&self.state)
            .merchant_name("stripegym")
            .start()
            .await
            .map_err(StartError::sandbox)?;
        let key = ApiKey::parse(sandbox.secret_key()).map_err(StartError::unusable)?;
        let stripe = client(key, Some(&sandbox.url()))?;
        // Before there is an endpoint: a first start is not told of its own doing.
        let prices = seed(&stripe).await.map_err(StartError::seed)?;
        let secret = sandbox.webhook_endpoint(ENDPOINT, &format!("{url}/webhook"));
        let counterpart = Counterpart::sandbox(&secret);
        let secret = WebhookSecret::parse(&secret).map_err(StartError::unusable)?;
        match &instance.counterpart {
            Some(known) if *known == counterpart => {}
            Some(_) => {
                sandbox.shutdown().await;
                return Err(self.state_of_another());
            }
            None => {
                // Last of all: whatever failed before, the next start begins anew.
                instance::remember(pools, &counterpart)
                    .await
                    .map_err(StartError::Instance)?;
            }
        }
        Ok(Source {
            stripe,
            prices,
            verifier: Verifier::new(secret),
            sandbox: Some(sandbox),
        })
    }

    /// What can be told before the sandbox is started, and so touched.
    fn compare_with(&self, instance: &Instance) -> Result<(), StartError> {
        match (&instance.counterpart, self.has_state) {
            (Some(used), _) if !used.is_sandbox() => Err(StartError::OtherCounterpart {
                used: used.name(),
                wanted: "the built-in sandbox",
            }),
            (Some(_), false) => Err(StartError::StateMissing {
                missing: self.state.clone(),
            }),
            (None, true) => Err(self.state_of_another()),
            (Some(_), true) | (None, false) => Ok(()),
        }
    }

    fn state_of_another(&self) -> StartError {
        StartError::StateOfAnother {
            state: self.state.clone(),
        }
    }

    /// The start succeeded: what it made stays.
    pub(super) fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Offline {
    /// A first start that failed leaves nothing behind that the next one would
    /// stumble over.
    fn drop(&mut self) {
        for file in self.made.iter().filter(|file| file.exists()) {
            if let Err(error) = std::fs::remove_file(file) {
                warn!(file = %file.display(), %error, "a file of the failed start stays behind");
            }
        }
    }
}
