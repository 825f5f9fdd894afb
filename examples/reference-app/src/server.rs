//! The whole server, from settings to running and back.

mod error;
mod listen;
mod offline;
mod source;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use stripegym_core::process::{ProcessorConfig, Worker};
use stripegym_core::reconcile::Reconciler;
use stripegym_core::retention::Retention;
use stripegym_core::{ApiKey, Client, Clock, Processor, Store, SystemClock};
use stripegym_sandbox::Sandbox;
use stripegym_sqlx::Database;
use tokio::net::TcpListener;

use crate::accounts::Accounts;
use crate::api::App;
use crate::config::{Config, DatabaseAddress, Stripe, database_file};
use crate::database::Pools;
use crate::instance::Instance;
use crate::shop::{self, Shop};
use crate::web;
use listen::Listening;
use offline::Offline;
use source::Source;

pub use error::StartError;

/// How often Stripe is asked for what it could not deliver. Each time it tells
/// of charges, fees and payouts as well, which no webhook of ours does.
const RECONCILE_EVERY: Duration = Duration::from_secs(600);

/// A server that is about to start.
pub struct Server {
    config: Config,
    clock: Arc<dyn Clock>,
    wrap: Wrap,
}

type Wrap = Box<dyn FnOnce(Arc<dyn Store>) -> Arc<dyn Store> + Send>;

/// A server that serves. Dropping it stops it at once; to let what is under way
/// finish, call [`Running::shutdown`].
#[derive(Debug)]
pub struct Running {
    url: String,
    store: Arc<dyn Store>,
    listening: Listening,
    worker: Worker,
    retention: Worker,
    reconciler: Worker,
    sandbox: Option<Sandbox>,
    database: Database,
}

impl Server {
    /// A server with these settings and the machine's clock.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            clock: Arc::new(SystemClock),
            wrap: Box::new(|store| store),
        }
    }

    /// Takes time from another clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Puts something around the store, through which events are processed and
    /// purchases are read: for tests that break it.
    #[must_use]
    pub fn wrap_store(
        self,
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store> + Send + 'static,
    ) -> Self {
        Self {
            wrap: Box::new(wrap),
            ..self
        }
    }

    /// Starts it. When this returns, it serves.
    ///
    /// # Errors
    /// See [`StartError`]. A first start that fails leaves no files behind.
    pub async fn start(self) -> Result<Running, StartError> {
        // First of all, so that a chosen port is known to everything that follows. Who connects
        // before the routes are there waits in the listener's queue.
        let (listener, address) = listen(self.config.bind).await?;
        let local_url = format!("http://{}", reachable(address));
        let base_url = self
            .config
            .frontend_url
            .clone()
            .unwrap_or_else(|| local_url.clone());
        let gathered = self.gather(&local_url).await?;
        let Self {
            config,
            clock,
            wrap,
        } = self;
        let Gathered {
            database,
            pools,
            instance,
            accounts,
            source,
        } = gathered;
        let Source {
            stripe,
            prices,
            verifier,
            sandbox,
        } = source;
        let store = wrap(database.store());
        let processor = processor(&store, &clock, &config, &stripe);
        let source_client = stripe.clone();
        let shop = Shop::new(shop::Parts {
            stripe,
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            prices,
            instance: instance.id,
            base_url: base_url.clone(),
            is_sandbox: sandbox.is_some(),
        });
        let worker = processor.start_worker();
        let reconciler = Reconciler::new(&processor, source_client);
        let reconciler = reconciler.start_worker(RECONCILE_EVERY);
        let retention = Retention::new(database.store())
            .clock(Arc::clone(&clock))
            .start_worker();
        let router = web::router(web::Parts {
            app: Arc::new(App {
                accounts,
                shop,
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                is_https: base_url.starts_with("https:"),
            }),
            pools,
            verifier: verifier.clock(Arc::clone(&clock)),
            processor,
            clock,
        });
        let listening = Listening::start(listener, address, router);
        Ok(Running {
            url: base_url,
            store,
            listening,
            worker,
            retention,
            reconciler,
            sandbox,
            database,
        })
    }

    /// The accounts, the client, the sandbox: all that a start may lack.
    async fn gather(&self, local_url: &str) -> Result<Gathered, StartError> {
        let Self { config, clock, .. } = self;
        let offline = Offline::check(config)?;
        let (database, pools) = open(&config.database_address()).await?;
        let instance = Instance::find_or_create(&pools)
            .await
            .map_err(StartError::Instance)?;
        let accounts = Accounts::new(pools.clone(), Arc::clone(clock)).await;
        let accounts = accounts.map_err(StartError::accounts)?;
        let source = match (&config.stripe, &offline) {
            (Stripe::Api(account), _) => Source::of_account(account, &pools, &instance).await?,
            (Stripe::Offline { .. }, Some(files)) => {
                files.start(&pools, &instance, local_url).await?
            }
            (Stripe::Offline { .. }, None) => return Err(StartError::Incomplete),
        };
        // From here on nothing fails.
        if let Some(files) = offline {
            files.keep();
        }
        Ok(Gathered {
            database,
            pools,
            instance,
            accounts,
            source,
        })
    }
}

/// Creates the tables of the library and of the app, or brings them up to date.
///
/// # Errors
/// When the database cannot be opened, a statement fails, or there is no
/// offline database yet: made here, it would lack its sandbox.
pub async fn migrate(config: &Config) -> Result<(), StartError> {
    open_store(config).await?.close().await;
    Ok(())
}

/// The database that the settings name, without a server around it.
pub(crate) async fn open_store(config: &Config) -> Result<Database, StartError> {
    let is_default = config.database.is_none() && config.is_offline();
    if is_default && !database_file(&config.directory).exists() {
        return Err(StartError::NoDatabase);
    }
    let (database, _) = open(&config.database_address()).await?;
    Ok(database)
}

/// A processor beside a running server, or without one, and the client that it
/// asks. Offline, the sandbox lives in the running server.
pub(crate) fn apart(
    config: &Config,
    database: &Database,
) -> Result<(Processor, Client), StartError> {
    let stripe = match &config.stripe {
        Stripe::Api(account) => source::client(account.key.clone(), account.base.as_deref())?,
        Stripe::Offline { sandbox } => {
            let key = ApiKey::parse("sk_test_operator").map_err(StartError::unusable)?;
            source::client(key, Some(&format!("http://{}", reachable(*sandbox))))?
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let processor = processor(&database.store(), &clock, config, &stripe);
    Ok((processor, stripe))
}

/// What a server is made of, once all that may fail has succeeded.
struct Gathered {
    database: Database,
    pools: Pools,
    instance: Instance,
    accounts: Accounts,
    source: Source,
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::listen("BIND_ADDR", wanted, error);
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn open(address: &DatabaseAddress) -> Result<(Database, Pools), StartError> {
    let database = Database::connect(address.expose())
        .await
        .map_err(StartError::Connect)?;
    let pools = Pools::of(&database).ok_or(StartError::Incomplete)?;
    database.migrate().await.map_err(StartError::Migrate)?;
    pools.migrate().await.map_err(StartError::MigrateApp)?;
    Ok((database, pools))
}

fn processor(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    config: &Config,
    stripe: &Client,
) -> Processor {
    let mut times = ProcessorConfig::default();
    times.lease = config.lease;
    times.livemode = Some(config.is_live());
    // An attempt must end before its claim does.
    times.inline_wait = times.inline_wait.min(config.lease);
    Processor::builder(Arc::clone(store))
        .clock(Arc::clone(clock))
        .config(times)
        .source(stripe.clone())
        .build()
}

/// Browsers cannot go to "any address"; this machine is one of them.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        named => named,
    }
}

impl Running {
    /// How browsers reach it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The sandbox, if one stands in for Stripe.
    #[must_use]
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Takes no new requests, lets those under way and the event in hand finish
    /// (within bounds), and brings everything to disk.
    pub async fn shutdown(self) {
        self.listening.shutdown().await;
        self.worker.shutdown().await;
        self.retention.shutdown().await;
        self.reconciler.shutdown().await;
        // After our own requests, which may be waiting for it.
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
        self.database.close().await;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.config)
    }
}
