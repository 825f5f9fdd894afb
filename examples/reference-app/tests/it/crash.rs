//! kill -9 at every statement boundary between a webhook's receipt and its
//! last commit. The server runs in a process of its own, which this test
//! starts, arms, lets die, and starts again.

use std::env;
use std::io::BufRead;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use reference_app::{Config, Server};
use rustix::process::{Signal, getpid, kill_process};
use stripegym_core::Store;
use stripegym_core::ledger::Account;
use stripegym_core::store::{InboxState, InboxSummary, Owner, StoreError};
use stripegym_sqlx::Database;
use stripegym_tests::{Boundaries, Boundary, Crossing, Sender, TestDb, paid_session, until};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const SECRET: &str = "whsec_crash_test_fake";
/// Tells the test program that it is the server that is to be killed.
const IS_CHILD: &str = "CRASH_TEST_CHILD";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_at_every_statement_boundary_on_sqlite() {
    if env::var_os(IS_CHILD).is_some() {
        return serve_until_killed().await;
    }
    story(
        TestDb::sqlite(),
        "crash::kill_nine_at_every_statement_boundary_on_sqlite",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_at_every_statement_boundary_on_postgres() {
    if env::var_os(IS_CHILD).is_some() {
        return serve_until_killed().await;
    }
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    story(
        db,
        "crash::kill_nine_at_every_statement_boundary_on_postgres",
    )
    .await;
}

async fn story(db: TestDb, name: &str) {
    let database = Database::connect(db.url()).await.unwrap();
    let mut shop = Shop::start(name, &db).await;
    let store = database.store();
    let http = crate::shop::http_client();
    let mut nth = 0;
    loop {
        nth += 1;
        shop.arm(nth).await;
        let acknowledged = deliver(&http, &shop.url, nth).await;
        if acknowledged {
            // The worker may be the one that is still at it, and dies of it.
            while !shop.is_dead() && inbox(&*store).await.oldest_open.is_some() {
                tokio::task::yield_now().await;
            }
            if !shop.is_dead() {
                break;
            }
        }
        shop.died().await;
        let known = inbox(&*store)
            .await
            .counts
            .iter()
            .map(|(_, count)| *count)
            .sum::<u64>();
        let stored = known == u64::from(nth);
        assert!(
            stored || !acknowledged,
            "boundary {nth}: acknowledged and lost"
        );

        // Started again, nothing is delivered again: what was stored is done.
        shop = Shop::start(name, &db).await;
        until("everything stored is done", async || {
            inbox(&*store).await.oldest_open.is_none().then_some(())
        })
        .await;
        assert_booked(&*store, if stored { nth } else { nth - 1 }, nth).await;

        // And delivered again, because Stripe was not told: nothing twice.
        assert!(deliver(&http, &shop.url, nth).await, "boundary {nth}");
        until("the worker, if it was faster, is done", async || {
            inbox(&*store).await.oldest_open.is_none().then_some(())
        })
        .await;
        assert_booked(&*store, nth, nth).await;
    }
    assert!(nth > 20, "only {nth} boundaries were walked");
    assert_booked(&*store, nth, nth).await;
    shop.kill().await;
    database.close().await;
}

async fn inbox(store: &dyn Store) -> InboxSummary {
    store.read().await.unwrap().inbox_summary().await.unwrap()
}

async fn assert_booked(store: &dyn Store, number: u32, nth: u32) {
    let mut read = store.read().await.unwrap();
    let purchases = read
        .purchases(&Owner::new("41").unwrap(), None, 100)
        .await
        .unwrap();
    assert_eq!(
        purchases.len(),
        usize::try_from(number).unwrap(),
        "boundary {nth}"
    );
    let balances = read.trial_balance().await.unwrap();
    assert_eq!(
        balances.iter().map(|b| b.balance.minor()).sum::<i64>(),
        0,
        "boundary {nth}"
    );
    let clearing = balances
        .iter()
        .find(|b| b.account == Account::StripeClearing);
    let booked = clearing.map_or(0, |b| b.balance.minor());
    assert_eq!(booked, 4980 * i64::from(number), "boundary {nth}");
    assert_eq!(
        read.inbox_summary().await.unwrap().count(InboxState::Dead),
        0,
        "boundary {nth}"
    );
}

/// True if it was acknowledged.
async fn deliver(http: &reqwest::Client, url: &str, number: u32) -> bool {
    let body = paid_session(number).to_string();
    let request = http
        .post(format!("{url}/webhook"))
        .header("stripe-signature", Sender::new(SECRET).sign(&body))
        .body(body);
    request
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}

/// The server in a process of its own: this very test program, told so.
struct Shop {
    process: Child,
    orders: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Shop {
    async fn start(test: &str, db: &TestDb) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env_clear()
            .env(IS_CHILD, "1")
            .env("DATABASE_URL", db.url())
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("STRIPE_SECRET_KEY", "sk_test_crash_fake")
            .env("STRIPE_WEBHOOK_SECRET", SECRET)
            .env("STRIPE_API_BASE", "http://127.0.0.1:1")
            .env("PRICE_ID", "price_crash")
            .env("LEASE_SECONDS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let words = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut shop = Self {
            process,
            orders,
            words,
            url: String::new(),
        };
        shop.url = shop.hear("serving ").await;
        shop
    }

    /// Reads what the process prints until it says this.
    async fn hear(&mut self, word: &str) -> String {
        while let Some(line) = self.words.next_line().await.unwrap() {
            if let Some((_, rest)) = line.split_once(word) {
                return rest.to_owned();
            }
        }
        panic!("the server ended without saying {word:?}");
    }

    async fn arm(&mut self, nth: u32) {
        self.orders
            .write_all(format!("{nth}\n").as_bytes())
            .await
            .unwrap();
        self.hear("armed").await;
    }

    fn is_dead(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    async fn died(&mut self) {
        use std::os::unix::process::ExitStatusExt;
        let status = self.process.wait().await.unwrap();
        assert_eq!(status.signal(), Some(9), "by its own hand: {status}");
    }

    async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

/// Kills this process, by the signal that cannot be caught, at the nth boundary.
struct KillAt(Arc<AtomicU32>);

impl Boundary for KillAt {
    fn cross(&self, _crossing: Crossing) -> Result<(), StoreError> {
        let left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left == Ok(1) {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
        Ok(())
    }
}

async fn serve_until_killed() {
    let armed = Arc::new(AtomicU32::new(0));
    let kill = Arc::new(KillAt(Arc::clone(&armed)));
    let running = Server::new(Config::read(|name| env::var(name).ok()).unwrap())
        .wrap_store(|store| Arc::new(Boundaries::around(store, kill)))
        .start()
        .await
        .unwrap();
    println!("serving {}", running.url());
    // The parent's end of the pipe closes with the parent.
    let listening = tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lock().lines() {
            armed.store(line.unwrap().trim().parse().unwrap(), Ordering::SeqCst);
            println!("armed");
        }
    });
    listening.await.unwrap();
}
