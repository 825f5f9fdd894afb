//! kill -9 after every statement of a subscription's life: it begins, its first
//! invoice is paid, which has to be fetched, and reconciliation finds its end.
//! The life is lived in a process of its own, which dies there. Another one
//! takes over, and in the end everything is as Stripe has it.

use std::env;
use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use serde_json::Value;
use stripegym_core::process::ProcessorConfig;
use stripegym_core::reconcile::{Reconciler, Run, Sweep};
use stripegym_core::store::{EventSelection, InboxState, Store, StoreError};
use stripegym_core::{ApiKey, Client, ManualClock, Processor, Timestamp};
use stripegym_sandbox::Sandbox;
use stripegym_sqlx::Database;
use stripegym_tests::{Boundaries, Boundary, Crossing, Sender, TestDb};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::stripe::Shop;
use super::{SECRET, truth};

/// Tells the test program that it is the process that is to be killed, and
/// after how many statements.
const KILL_AT: &str = "CHAOS_KILL_AT";
const NOW_S: &str = "CHAOS_NOW_S";
/// Walkers at the same time; each has a database of its own.
const WALKERS: usize = 3;
const ALWAYS: Run = Run {
    sweep: Sweep::Always,
    dry_run: false,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_after_every_statement_of_a_subscriptions_life_on_sqlite() {
    let name = "chaos::walk::kill_nine_after_every_statement_of_a_subscriptions_life_on_sqlite";
    walk(name, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_after_every_statement_of_a_subscriptions_life_on_postgres() {
    let name = "chaos::walk::kill_nine_after_every_statement_of_a_subscriptions_life_on_postgres";
    walk(name, true).await;
}

async fn walk(name: &'static str, on_postgres: bool) {
    if let Ok(nth) = env::var(KILL_AT) {
        return live_until_killed(nth.parse().unwrap()).await;
    }
    let life = Arc::new(Life::lived().await);
    let (next, is_over) = (
        Arc::new(AtomicU32::new(1)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut walkers = JoinSet::new();
    for _ in 0..WALKERS {
        let (life, next, is_over) = (Arc::clone(&life), Arc::clone(&next), Arc::clone(&is_over));
        walkers.spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                let nth = next.fetch_add(1, Ordering::SeqCst);
                let db = if on_postgres {
                    TestDb::postgres().await
                } else {
                    Some(TestDb::sqlite())
                };
                let Some(db) = db else { return };
                if life.is_lived_to_the_end(name, nth, &db).await {
                    is_over.store(true, Ordering::SeqCst);
                }
            }
        });
    }
    walkers.join_all().await;
    let walked = next.load(Ordering::SeqCst);
    if is_over.load(Ordering::SeqCst) {
        assert!(walked > 60, "only {walked} statements were walked");
    }
    println!("chaos: killed after each of about {walked} statements");
}

/// What happened at Stripe.
struct Life {
    shop: Shop,
    told: Vec<Value>,
}

impl Life {
    async fn lived() -> Self {
        let shop = Shop::open(5).await;
        shop.one_month_only().await;
        let events = shop.sandbox.events();
        let of = |kind: &str| {
            events
                .iter()
                .find(|event| event["type"] == kind)
                .unwrap()
                .clone()
        };
        let told = vec![of("invoice.paid"), of("customer.subscription.created")];
        Self { shop, told }
    }

    /// Lives it in a process that dies after so many statements; `true` if it
    /// had fewer. Whatever it left is brought to its end here.
    async fn is_lived_to_the_end(&self, name: &str, nth: u32, db: &TestDb) -> bool {
        let database = Database::connect(db.url()).await.unwrap();
        database.migrate().await.unwrap();
        let now_s = self.shop.now_s();
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(KILL_AT, nth.to_string())
            .env(NOW_S, now_s.to_string())
            .env("DATABASE_URL", db.url())
            .env("STRIPE_API_BASE", self.shop.sandbox.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let told = Value::from(self.told.clone()).to_string();
        let mut input = process.stdin.take().unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut input, told.as_bytes())
            .await
            .unwrap();
        drop(input);
        let ended = process.wait_with_output().await.unwrap();
        let words = String::from_utf8(ended.stdout).unwrap();
        let lived = words.contains("lived to the end");
        let signal = std::os::unix::process::ExitStatusExt::signal(&ended.status);
        assert_eq!(signal, (!lived).then_some(9), "statement {nth}: {words}");

        let store = database.store();
        let mut read = store.read().await.unwrap();
        let stored = read.events(&EventSelection::default(), 1000).await.unwrap();
        drop(read);
        for (_, id) in words
            .lines()
            .filter_map(|line| line.split_once("acknowledged "))
        {
            let is_stored = stored.iter().any(|event| event.key.event_id == id);
            assert!(is_stored, "statement {nth}: {id} is acknowledged and lost");
        }
        // Two minutes later every claim of the dead has run out.
        let later = ManualClock::at(Timestamp::from_unix_s(now_s + 120));
        let processor = processor(Arc::clone(&store), &self.shop.stripe, later);
        for event in self
            .told
            .iter()
            .filter(|event| !words.contains(id_of(event)))
        {
            // Stripe was not told that it came, and delivers it again.
            processor
                .receive(Sender::new(SECRET).verified(event))
                .await
                .unwrap();
        }
        processor.drain().await.unwrap();
        let reconciler = Reconciler::new(&processor, self.shop.stripe.clone());
        reconciler.run(ALWAYS).await.unwrap();
        let again = reconciler.run(ALWAYS).await.unwrap();
        assert!(again.is_clean(), "statement {nth}: {again}");
        assert_at_rest(&*store, &self.shop.sandbox).await;
        truth::books(&*store, &self.shop).await;
        database.close().await;
        lived
    }
}

async fn assert_at_rest(store: &dyn Store, sandbox: &Sandbox) {
    let inbox = store.read().await.unwrap().inbox_summary().await.unwrap();
    assert_eq!(
        (inbox.count(InboxState::Dead), inbox.oldest_open),
        (0, None)
    );
    assert!(
        truth::rows(store, sandbox).await >= 3,
        "customer, subscription, invoice"
    );
}

fn id_of(event: &Value) -> &str {
    event["id"].as_str().unwrap()
}

fn processor(store: Arc<dyn Store>, stripe: &Client, clock: ManualClock) -> Processor {
    let mut config = ProcessorConfig::default();
    config.livemode = Some(false);
    Processor::builder(store)
        .clock(Arc::new(clock))
        .config(config)
        .source(stripe.clone())
        .build()
}

/// Kills this process, by the signal that cannot be caught, after the nth
/// statement. Between two statements nothing reaches the database, so before
/// the next one would be the same.
struct KillAt(AtomicU32);

impl Boundary for KillAt {
    fn cross(&self, crossing: Crossing) -> Result<(), StoreError> {
        if let Crossing::After(_) = crossing
            && self.0.fetch_sub(1, Ordering::SeqCst) == 1
        {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Ok(())
    }
}

async fn live_until_killed(nth: u32) {
    let told = tokio::task::block_in_place(|| std::io::read_to_string(std::io::stdin()).unwrap());
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let database = Database::connect(&env::var("DATABASE_URL").unwrap())
        .await
        .unwrap();
    let stripe = Client::builder(ApiKey::parse("sk_test_chaos_fake").unwrap())
        .base(&env::var("STRIPE_API_BASE").unwrap())
        .build()
        .unwrap();
    let now_s = env::var(NOW_S).unwrap().parse().unwrap();
    let clock = ManualClock::at(Timestamp::from_unix_s(now_s));
    let dies = Arc::new(KillAt(AtomicU32::new(nth)));
    let store = Arc::new(Boundaries::around(database.store(), dies));
    let processor = processor(store, &stripe, clock.clone());
    for event in &told {
        processor
            .receive(Sender::new(SECRET).verified(event))
            .await
            .unwrap();
        say(&format!("acknowledged {}", id_of(event)));
    }
    clock.advance(Duration::from_secs(1));
    Reconciler::new(&processor, stripe)
        .run(ALWAYS)
        .await
        .unwrap();
    say("lived to the end");
}

/// At once: who is killed flushes nothing.
fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{words}").unwrap();
    out.flush().unwrap();
}
