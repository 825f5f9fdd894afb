//! Starting a sandbox.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::calendar::DAY;
use crate::clock::{Clock, SystemClock};
use crate::edge::SandboxService;
use crate::engine::{Engine, Sources};
use crate::error::ApiError;
use crate::faults::FaultPlan;
use crate::ids::IdSource;
use crate::journal::JournalError;
use crate::resources::webhook_endpoint;
use crate::sandbox::{Sandbox, Tasks};
use crate::settings::{AfterRetries, Settings};
use crate::tx::Origin;

/// The endpoint that `forward_to` keeps.
const FORWARD_DESCRIPTION: &str = "stripegym-sandbox --forward-to";

/// How a sandbox is to start. Every setting has a default.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use stripegym_sandbox::Sandbox;
///
/// let sandbox = Sandbox::builder().seed(7).start().await?;
/// println!("{}", sandbox.url());
/// sandbox.shutdown().await;
/// # Ok::<(), stripegym_sandbox::StartError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    seed: Option<u64>,
    state_file: Option<PathBuf>,
    forward: Option<(String, String)>,
    clock: Arc<dyn Clock>,
    public_url: Option<String>,
    merchant_name: String,
    retry_days: Vec<i64>,
    upcoming_days: u16,
    after_retries: AfterRetries,
    faults: FaultPlan,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: None,
            state_file: None,
            forward: None,
            clock: Arc::new(SystemClock),
            public_url: None,
            merchant_name: "Sandbox Shop".to_owned(),
            retry_days: vec![3, 5, 7],
            upcoming_days: 7,
            after_retries: AfterRetries::default(),
            faults: FaultPlan::none(),
        }
    }
}

impl Builder {
    /// Where to listen. Default: a free port of this machine.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Repeats ids: the same seed and the same requests give the same ids. Default: the ids
    /// come from the operating system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Keeps everything in this file. Default: in memory only.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Sends every event to `url`, signed with `secret`.
    pub fn forward_to(mut self, url: impl Into<String>, secret: impl Into<String>) -> Self {
        self.forward = Some((url.into(), secret.into()));
        self
    }

    /// Where the time comes from. Default: the machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where browsers reach the hosted pages, when that is not the listening address.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The name that the hosted pages show.
    pub fn merchant_name(mut self, name: impl Into<String>) -> Self {
        self.merchant_name = name.into();
        self
    }

    /// How many days pass between the attempts to collect an invoice. Default: 3, 5 and 7.
    pub fn retry_days(mut self, days: impl IntoIterator<Item = u16>) -> Self {
        self.retry_days = days.into_iter().map(i64::from).collect();
        self
    }

    /// How many days before a renewal `invoice.upcoming` is sent; 0 sends none. Default: 7.
    /// Periods that are not longer than this go without.
    pub fn upcoming_days(mut self, days: u16) -> Self {
        self.upcoming_days = days;
        self
    }

    /// What becomes of a subscription when they all failed. Default: it is canceled.
    pub fn after_retries(mut self, then: AfterRetries) -> Self {
        self.after_retries = then;
        self
    }

    /// What goes wrong, from the start on. Default: nothing. With a [`seed`](Self::seed), the
    /// same requests bring the same faults.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the address is taken, the state file cannot be used, the forwarding address is no
    /// plain `http:` one, or the system refuses.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        if let Some((url, _)) = self
            .forward
            .as_ref()
            .filter(|(url, _)| !url.starts_with("http://"))
        {
            return Err(StartError::ForwardUrl { url: url.clone() });
        }
        let listener = bind(self.listen).await?;
        let address = listener.local_addr()?;
        let url = self.public_url.map_or_else(
            || format!("http://{}", reachable(address)),
            |url| url.trim_end_matches('/').to_owned(),
        );
        let settings = Settings {
            public_url: url.clone(),
            merchant_name: self.merchant_name,
            retry_days: self.retry_days,
            upcoming_seconds: (self.upcoming_days > 0)
                .then(|| i64::from(self.upcoming_days).saturating_mul(DAY)),
            after_retries: self.after_retries,
        };
        let sources = sources(self.seed, self.faults).map_err(io::Error::other)?;
        let file = self.state_file;
        let engine = Engine::open(self.clock, settings, sources, file.as_deref())
            .map_err(|error| StartError::from_journal(error, file.unwrap_or_default()))?;
        let engine = Arc::new(engine);
        prepare(&engine, self.forward.as_ref())
            .map_err(|error| io::Error::other(error.message().to_owned()))?;
        let service = SandboxService::new(Arc::clone(&engine));
        let tasks = Tasks::spawn(&engine, service, listener);
        Ok(Sandbox::new(engine, address, url, tasks))
    }
}

fn sources(seed: Option<u64>, faults: FaultPlan) -> Result<Sources, getrandom::Error> {
    Ok(match seed {
        Some(seed) => Sources {
            ids: IdSource::seeded(seed, "objects"),
            request_ids: IdSource::seeded(seed, "requests"),
            faults,
            fault_seed: seed,
        },
        None => Sources {
            ids: IdSource::from_os()?,
            request_ids: IdSource::from_os()?,
            faults,
            // Half of it: seeds that people see and type again should not be too long.
            fault_seed: u64::from(getrandom::u32()?),
        },
    })
}

fn prepare(engine: &Engine, forward: Option<&(String, String)>) -> Result<(), ApiError> {
    engine.refresh_urls()?;
    if let Some((url, secret)) = forward {
        engine.transact(Origin::default(), |tx| {
            webhook_endpoint::find_or_create(tx, FORWARD_DESCRIPTION, url, Some(secret))
        })?;
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressInUse { address },
            _ => StartError::Listen {
                address,
                source: error,
            },
        })
}

/// Browsers cannot go to "any address"; this machine is one of them.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
    } else {
        address
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Somebody listens there already.
    #[error("the address {address} is already in use")]
    AddressInUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// Listening failed otherwise.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Another process uses the state file.
    #[error("the state file {} is in use by another process", path.display())]
    StateLocked {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else; it was left as it is.
    #[error("{} is not a state file of the sandbox; it was left untouched", path.display())]
    StateForeign {
        /// The file.
        path: PathBuf,
    },
    /// The file is a state file, but damaged; it was left as it is.
    #[error("the state file {} cannot be read; it was left untouched", path.display())]
    StateUnreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Only plain HTTP can be forwarded to.
    #[error("cannot forward to {url}: only http:// addresses are supported")]
    ForwardUrl {
        /// The address that was asked for.
        url: String,
    },
    /// Anything else that the system refused.
    #[error("the system refused")]
    Io(#[from] io::Error),
}

impl StartError {
    fn from_journal(error: JournalError, path: PathBuf) -> Self {
        match error {
            JournalError::Locked => Self::StateLocked { path },
            JournalError::Foreign => Self::StateForeign { path },
            error => Self::StateUnreadable {
                path,
                source: Box::new(error),
            },
        }
    }
}
