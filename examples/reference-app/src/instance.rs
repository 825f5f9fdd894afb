//! Who this installation is, and with whom its database does business.

use sha2::{Digest, Sha256};
use sqlx::Error as SqlError;
use stripegym_core::ApiKey;

use crate::database::{Pools, on_reader, on_writer};

const CREATE: &str = "
    INSERT INTO app_instance (only_row, id) VALUES (1, $1) ON CONFLICT (only_row) DO NOTHING";
const FIND: &str = "SELECT id, counterpart FROM app_instance WHERE only_row = 1";
const REMEMBER: &str = "UPDATE app_instance SET counterpart = $1 WHERE only_row = 1";

const ID_BYTES: usize = 8;

/// What the database says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// Random, and for good.
    pub(crate) id: String,
    /// With whom it was used, if ever.
    pub(crate) counterpart: Option<Counterpart>,
}

/// Who the customers, prices and payments in a database are known to: Stripe in
/// one of its modes, or one sandbox. To anyone else its ids mean nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counterpart(String);

const SANDBOX: &str = "sandbox:";
const LIVE: &str = "stripe:live";
const TEST: &str = "stripe:test";

impl Counterpart {
    /// The sandbox that made this signing secret, which lives in its state.
    pub(crate) fn sandbox(secret: &str) -> Self {
        Self(format!(
            "{SANDBOX}{}",
            hex::encode(Sha256::digest(secret.as_bytes()))
        ))
    }

    /// Stripe, in the key's mode.
    pub(crate) fn stripe(key: &ApiKey) -> Self {
        Self(if key.is_live() { LIVE } else { TEST }.to_owned())
    }

    pub(crate) fn is_sandbox(&self) -> bool {
        self.0.starts_with(SANDBOX)
    }

    /// What to call it.
    pub(crate) fn name(&self) -> &'static str {
        match self.0.as_str() {
            LIVE => "Stripe in live mode",
            TEST => "Stripe in test mode",
            _ => "the built-in sandbox",
        }
    }
}

impl Instance {
    /// Reads who this is; the first to ask decides it.
    pub(crate) async fn find_or_create(pools: &Pools) -> Result<Self, SqlError> {
        let mut random = [0; ID_BYTES];
        getrandom::fill(&mut random).map_err(|error| SqlError::Io(error.into()))?;
        let id = hex::encode(random);
        on_writer!(pools, |pool| sqlx::query(CREATE)
            .bind(id)
            .execute(pool)
            .await
            .map(drop))?;
        let (id, counterpart): (String, Option<String>) =
            on_reader!(pools, |pool| sqlx::query_as(FIND).fetch_one(pool).await)?;
        Ok(Self {
            id,
            counterpart: counterpart.map(Counterpart),
        })
    }
}

/// Remembers with whom the database is used.
pub(crate) async fn remember(pools: &Pools, counterpart: &Counterpart) -> Result<(), SqlError> {
    on_writer!(pools, |pool| {
        sqlx::query(REMEMBER)
            .bind(&counterpart.0)
            .execute(pool)
            .await
            .map(drop)
    })
}
