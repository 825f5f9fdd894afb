//! Settings from the environment, read once and checked before anything starts.

mod address;
mod read;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stripegym_core::id::PriceId;
use stripegym_core::{ApiKey, WebhookSecret};

pub use address::DatabaseAddress;

/// The SQLite file of a server that nobody told where its data goes.
const DATABASE_FILE: &str = "stripegym.db";
/// The sandbox's state, beside the database.
const STATE_FILE: &str = "stripegym-sandbox.state";

/// What the program was told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the pages, the API and the webhook are served.
    pub bind: SocketAddr,
    /// How browsers reach the server, if that is not where it listens.
    pub frontend_url: Option<String>,
    /// The database, if one was named.
    pub database: Option<DatabaseAddress>,
    /// Stripe, or the sandbox in its place.
    pub stripe: Stripe,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How long a claim on an event holds before another worker may take it over.
    pub lease: Duration,
    /// Where the files are that nobody named.
    pub directory: PathBuf,
}

/// Which Stripe the server talks to.
#[derive(Debug, Clone)]
pub enum Stripe {
    /// The sandbox, started in this process: no account and no network.
    Offline {
        /// Where the sandbox listens.
        sandbox: SocketAddr,
    },
    /// Stripe itself, or whatever `STRIPE_API_BASE` names.
    Api(Box<Account>),
}

/// A Stripe account and what the shop sells from it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The secret key.
    pub key: ApiKey,
    /// Another host than Stripe's own.
    pub base: Option<String>,
    /// The signing secrets of the webhook endpoint, several during a rotation.
    pub webhook_secrets: Vec<WebhookSecret>,
    /// What is for sale.
    pub prices: Prices,
}

/// The prices of what is for sale.
#[derive(Debug, Clone)]
pub struct Prices {
    /// The one-off product.
    pub protein: PriceId,
    /// The smaller monthly plan.
    pub standard: Option<PriceId>,
    /// The larger monthly plan.
    pub premium: Option<PriceId>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What a person must look at.
    Error,
    /// And what went wrong but mends itself.
    Warn,
    /// And one line per request.
    Info,
    /// And what happens within.
    Debug,
    /// Everything.
    Trace,
}

/// A setting that cannot work: which one, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

impl Config {
    /// Reads the settings through `variable`, such as the process environment.
    ///
    /// # Errors
    /// On the first setting that cannot work.
    ///
    /// ```
    /// use reference_app::Config;
    /// let config = Config::read(|_| None)?;
    /// assert!(config.is_offline());
    /// # Ok::<(), reference_app::ConfigError>(())
    /// ```
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        read::config(&variable)
    }

    /// True when real money moves.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(&self.stripe, Stripe::Api(account) if account.key.is_live())
    }

    /// Keeps the files that nobody named in another directory than the current one.
    #[must_use]
    pub fn in_directory(self, directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            ..self
        }
    }

    /// True when the sandbox stands in for Stripe.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        matches!(self.stripe, Stripe::Offline { .. })
    }

    /// The address of the database, named or not.
    #[must_use]
    pub fn database_address(&self) -> DatabaseAddress {
        let default = || DatabaseAddress::sqlite(&database_file(&self.directory));
        self.database.clone().unwrap_or_else(default)
    }

    /// The file that the sandbox keeps its state in.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        state_file(&self.directory)
    }
}

impl LogLevel {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl ConfigError {
    fn new(variable: &'static str, problem: impl fmt::Display) -> Self {
        Self {
            variable,
            problem: problem.to_string(),
        }
    }

    /// The variable at fault.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }
}

pub(crate) fn database_file(directory: &Path) -> PathBuf {
    directory.join(DATABASE_FILE)
}

pub(crate) fn state_file(directory: &Path) -> PathBuf {
    directory.join(STATE_FILE)
}
