//! Why the server did not start, in words for whoever started it.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use stripegym_core::client;
use stripegym_sqlx::{ConnectError, MigrateError};

use crate::accounts::AccountsError;
use crate::shop::ShopError;

/// Why the server did not start. Printed with its sources it is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Somebody listens there already.
    #[error(
        "{variable}: {address} is taken; stop what listens there, or set {variable} to another address (port 0 takes any)"
    )]
    Taken {
        /// The variable that moves it.
        variable: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// Listening failed otherwise.
    #[error("{variable}: cannot listen on {address}")]
    Listen {
        /// The variable that moves it.
        variable: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The database and the sandbox's state belong together, and one is gone.
    #[error("{} is there but {} is missing, and they belong together; put it back, or start over with `reference-app reset --yes`", present.display(), missing.display())]
    OneOfTwo {
        /// The one that is there.
        present: PathBuf,
        /// The one that is not.
        missing: PathBuf,
    },
    /// The database was used with a sandbox whose state is gone.
    #[error("the database was used with the sandbox's state, but {} is missing; put it back, or use a fresh database", missing.display())]
    StateMissing {
        /// Where the state should be.
        missing: PathBuf,
    },
    /// The database was used with Stripe where now the sandbox is, or the reverse.
    #[error(
        "the database was used with {used} and cannot be used with {wanted}: their customers and prices differ; set DATABASE_URL to a database of its own"
    )]
    OtherCounterpart {
        /// With whom it was used.
        used: &'static str,
        /// With whom it was to be used.
        wanted: &'static str,
    },
    /// The sandbox's state was used with another database.
    #[error("{} does not belong to this database; set DATABASE_URL to the one it was used with, or take both away and start over", state.display())]
    StateOfAnother {
        /// The state.
        state: PathBuf,
    },
    /// The sandbox did not start.
    #[error("the sandbox did not start")]
    Sandbox(#[source] stripegym_sandbox::StartError),
    /// The sandbox started but cannot be used.
    #[error("the sandbox cannot be used")]
    SandboxUnusable(#[source] Box<dyn Error + Send + Sync>),
    /// The database cannot be opened.
    #[error("DATABASE_URL: check the address, and that the database is there and lets you in")]
    Connect(#[source] ConnectError),
    /// The library's tables could not be made.
    #[error("DATABASE_URL: the library's part of the database cannot be used")]
    Migrate(#[source] MigrateError),
    /// The app's tables could not be made.
    #[error("DATABASE_URL: the app's tables could not be brought up to date")]
    MigrateApp(#[source] sqlx::migrate::MigrateError),
    /// The app's own tables cannot be read.
    #[error("DATABASE_URL: the app's tables cannot be used")]
    Instance(#[source] sqlx::Error),
    /// The accounts cannot be used.
    #[error("the accounts cannot be used")]
    Accounts(#[source] Box<dyn Error + Send + Sync>),
    /// The client cannot be built from the settings.
    #[error("STRIPE_API_BASE: cannot be used")]
    Client(#[source] client::ConfigError),
    /// There is no offline database yet, and only a start makes one.
    #[error(
        "there is no database here: the offline mode makes its own when it serves; set DATABASE_URL to name another"
    )]
    NoDatabase,
    /// The database was opened, but a question to it failed.
    #[error("DATABASE_URL: the database failed")]
    Store(#[from] stripegym_core::store::StoreError),
    /// A reconciliation ended early.
    #[error("not everything was reconciled; what was written stays, so run it again{}", if *.offline { " while the server runs: offline, the sandbox lives in it" } else { "" })]
    Reconcile {
        /// Whether there is no Stripe but the sandbox.
        offline: bool,
        /// Why.
        source: stripegym_core::reconcile::ReconcileError,
    },
    /// The settings do not say enough, or name a database that the app does not know.
    #[error("the settings are incomplete")]
    Incomplete,
}

impl StartError {
    pub(super) fn listen(variable: &'static str, address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::Taken { variable, address },
            _ => Self::Listen {
                variable,
                address,
                source,
            },
        }
    }

    pub(super) fn sandbox(source: stripegym_sandbox::StartError) -> Self {
        const VARIABLE: &str = "SANDBOX_BIND_ADDR";
        match source {
            stripegym_sandbox::StartError::AddressInUse { address } => Self::Taken {
                variable: VARIABLE,
                address,
            },
            stripegym_sandbox::StartError::Listen { address, source } => Self::Listen {
                variable: VARIABLE,
                address,
                source,
            },
            source => Self::Sandbox(source),
        }
    }

    pub(super) fn seed(source: ShopError) -> Self {
        Self::SandboxUnusable(source.into())
    }

    pub(super) fn unusable(source: impl Error + Send + Sync + 'static) -> Self {
        Self::SandboxUnusable(source.into())
    }

    pub(super) fn accounts(source: AccountsError) -> Self {
        Self::Accounts(source.into())
    }

    pub(super) fn one_of_two(present: &Path, missing: &Path) -> Self {
        Self::OneOfTwo {
            present: present.into(),
            missing: missing.into(),
        }
    }
}
