//! Our side: two processes on one database. Each has a runtime of its own, so
//! that it can be killed: whatever it had in hand stops where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::Executor;
use stripegym_core::dispatch::{Delivery, DispatcherConfig};
use stripegym_core::process::{Backoff, Mode, ProcessorConfig};
use stripegym_core::store::Effect;
use stripegym_core::{
    Client, Clock, Dispatcher, EffectHandler, Event, Handler, HandlerError, Processor, Tx,
};
use stripegym_sqlx::{Database, SqlTx};
use stripegym_tests::{Boundaries, Sender, until};
use tokio::runtime::Runtime;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use super::stripe::{Shop, StoryClock};
use super::trouble::Trouble;
use super::{Chance, LEASE, SECRET};

/// Who delivers at the same time.
const SENDERS: usize = 6;

/// What every process is made of.
#[derive(Clone)]
pub(super) struct Plan {
    mode: Mode,
    pub(super) clock: StoryClock,
    pub(super) stripe: Client,
    trouble: Arc<Trouble>,
    pub(super) mailbox: Mailbox,
}

impl Plan {
    pub(super) fn new(mode: Mode, shop: &Shop, trouble: Arc<Trouble>) -> Self {
        Self {
            mode,
            clock: shop.clock.clone(),
            stripe: shop.stripe.clone(),
            trouble,
            mailbox: Mailbox::default(),
        }
    }

    fn processor(&self, database: &Database) -> Processor {
        let mut config = ProcessorConfig::default();
        config.mode = self.mode;
        config.lease = LEASE;
        config.inline_wait = LEASE / 2;
        config.poll = Duration::from_millis(50);
        config.backoff = hasty();
        config.livemode = Some(false);
        let store = Boundaries::around(database.store(), self.trouble.clone());
        Processor::builder(Arc::new(store))
            .clock(Arc::new(self.clock.clone()))
            .config(config)
            .source(self.stripe.clone())
            .on("*", Notes(self.clock.clone()))
            .build()
    }

    fn dispatcher(&self, database: &Database) -> Dispatcher {
        let mut config = DispatcherConfig::default();
        config.lease = LEASE;
        config.limit = LEASE / 2;
        config.poll = Duration::from_millis(50);
        config.backoff = hasty();
        let store = Boundaries::around(database.store(), self.trouble.clone());
        Dispatcher::builder(Arc::new(store))
            .clock(Arc::new(self.clock.clone()))
            .config(config)
            .on("mail.*", self.mailbox.clone())
            .build()
    }
}

/// Tries again at once, and never gives up: here nothing fails for good.
fn hasty() -> Backoff {
    Backoff {
        base: Duration::from_millis(5),
        cap: Duration::from_millis(50),
        attempts_max: 100_000,
    }
}

/// A row in a table of our own for every event, and a mail.
struct Notes(StoryClock);

#[async_trait]
impl Handler for Notes {
    async fn handle(&self, event: &Event, tx: &mut dyn Tx) -> Result<(), HandlerError> {
        let id = event.id().as_str().to_owned();
        let mail = Effect::json(id.clone(), "mail.told", event.kind())?;
        tx.enqueue(&mail, self.0.now()).await?;
        let ran = if let Some(connection) = tx.postgres() {
            let note = sqlx::query("INSERT INTO chaos_notes (event) VALUES ($1)").bind(id);
            connection.execute(note).await.map(|_| ())
        } else if let Some(connection) = tx.sqlite() {
            let note = sqlx::query("INSERT INTO chaos_notes (event) VALUES ($1)").bind(id);
            connection.execute(note).await.map(|_| ())
        } else {
            return Err(HandlerError::permanent("no SQL here"));
        };
        ran.map_err(HandlerError::transient)
    }
}

/// What arrived on the other side; now and then it is not at home.
#[derive(Clone, Default)]
pub(super) struct Mailbox(Arc<Mutex<Vec<String>>>);

impl Mailbox {
    pub(super) fn arrived(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

#[async_trait]
impl EffectHandler for Mailbox {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        let is_first = effect.attempt() == 1;
        if is_first
            && effect
                .object_id()
                .bytes()
                .last()
                .is_some_and(|b| b % 8 == 0)
        {
            return Err(HandlerError::transient("nobody at home"));
        }
        let mut arrived = self.0.lock().unwrap();
        arrived.push(effect.object_id().to_owned());
        Ok(())
    }
}

/// A process: a runtime, a processor with two workers, a dispatcher with one.
pub(super) struct Process {
    runtime: Option<Runtime>,
    pub(super) processor: Processor,
    database: Database,
}

impl Process {
    async fn start(address: &str, plan: &Plan) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (address, plan) = (address.to_owned(), plan.clone());
        let starting = runtime.spawn(async move {
            // It may be a bad moment to start.
            let database = until("a process starts", async || {
                Database::connect(&address).await.ok()
            });
            let database = database.await;
            let processor = plan.processor(&database);
            let dispatcher = plan.dispatcher(&database);
            let workers = [
                processor.start_worker(),
                processor.start_worker(),
                dispatcher.start_worker(),
            ];
            // They work until the process dies.
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(workers);
            });
            (database, processor)
        });
        let (database, processor) = starting.await.unwrap();
        Self {
            runtime: Some(runtime),
            processor,
            database,
        }
    }

    /// Takes a delivery; `false` if it was not acknowledged.
    async fn take(&self, event: &Value) -> bool {
        let Some(runtime) = &self.runtime else {
            return false;
        };
        let processor = self.processor.clone();
        let delivery = Sender::new(SECRET).verified(event);
        let taken = runtime.spawn(async move { processor.receive(delivery).await });
        matches!(taken.await, Ok(Ok(_)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The processes.
pub(super) struct House {
    addresses: Vec<String>,
    processes: Vec<RwLock<Arc<Process>>>,
    plan: Plan,
}

impl House {
    pub(super) async fn open(addresses: &[String], plan: &Plan) -> Self {
        let mut processes = Vec::new();
        for address in addresses {
            let process = Process::start(address, plan).await;
            processes.push(RwLock::new(Arc::new(process)));
        }
        Self {
            addresses: addresses.to_vec(),
            processes,
            plan: plan.clone(),
        }
    }

    pub(super) async fn process(&self, which: usize) -> Arc<Process> {
        self.processes[which % self.processes.len()]
            .read()
            .await
            .clone()
    }

    /// Kills a process in the middle of whatever it does, and starts another.
    pub(super) async fn kill(&self, which: usize) {
        let which = which % self.processes.len();
        let next = Process::start(&self.addresses[which], &self.plan).await;
        // Whoever delivers at this moment loses the connection.
        *self.processes[which].write().await = Arc::new(next);
    }

    /// Delivers every event, one to three copies of it, in any order and
    /// several at once, until each copy is acknowledged. Answers their ids.
    pub(super) async fn deliver(
        self: &Arc<Self>,
        events: &[Value],
        chance: &mut Chance,
    ) -> BTreeSet<String> {
        let mut copies = Vec::new();
        for event in events {
            let number = usize::try_from(1 + chance.below(3)).unwrap();
            copies.extend(std::iter::repeat_n(event.clone(), number));
        }
        chance.shuffle(&mut copies);
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            let mine = copies.iter().skip(sender).step_by(SENDERS);
            let (mine, house) = (mine.cloned().collect(), Arc::clone(self));
            senders.spawn(house.send(mine, Chance::new(chance.next())));
        }
        senders.join_all().await;
        let ids = events.iter().map(|event| event["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }

    async fn send(self: Arc<Self>, events: Vec<Value>, mut chance: Chance) {
        for event in &events {
            until("an event is acknowledged", || {
                let which = usize::from(chance.one_in(2));
                let (house, event) = (&self, event);
                async move { house.process(which).await.take(event).await.then_some(()) }
            })
            .await;
        }
    }

    /// Nothing waits in the inbox any more, nor in the outbox.
    pub(super) async fn come_to_rest(&self) {
        let process = self.process(0).await;
        until("inbox and outbox are empty", async || {
            // What was claimed by the dead has run out.
            self.let_claims_run_out();
            let mut read = process.processor.store().read().await.ok()?;
            let inbox = read.inbox_summary().await.ok()?;
            let outbox = read.outbox_summary().await.ok()?;
            let rests = inbox.oldest_open.is_none() && outbox.oldest_open.is_none();
            rests.then_some(())
        })
        .await;
    }

    /// Whatever is claimed now is anybody's.
    pub(super) fn let_claims_run_out(&self) {
        self.plan.clock.jump(LEASE);
    }

    pub(super) fn stripe(&self) -> &Client {
        &self.plan.stripe
    }

    /// How often each event was noted in our own table.
    pub(super) async fn notes(&self) -> BTreeMap<String, i64> {
        const NOTES: &str = "SELECT event, COUNT(*) FROM chaos_notes GROUP BY event";
        let notes: Vec<(String, i64)> = match &self.process(0).await.database {
            Database::Postgres(store) => sqlx::query_as(NOTES).fetch_all(store.pool()).await,
            Database::Sqlite(store) => sqlx::query_as(NOTES).fetch_all(store.readers()).await,
            other => panic!("an unknown database: {other:?}"),
        }
        .unwrap();
        notes.into_iter().collect()
    }

    pub(super) async fn close(&self) {
        for process in &self.processes {
            process.read().await.database.close().await;
        }
    }
}
