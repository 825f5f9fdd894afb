//! Real databases, real threads, and trouble. Two processes share one database;
//! what Stripe delivers comes twice, shuffled and all at once, while processes
//! are killed, connections are cut, backends are ended, the write lock is held
//! and claims run out under workers that stand still. Then peace returns, and
//! everything is as Stripe has it.
//!
//! `CHAOS_SEED` tells one round again, `CHAOS_ROUNDS` asks for more of them.

mod house;
mod server;
pub(crate) mod stripe;
mod trouble;
pub(crate) mod truth;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use stripegym_core::process::Mode;
use stripegym_core::{Clock, SystemClock};
use stripegym_tests::{Proxy, TestDb};

use house::{House, Plan};
use stripe::Shop;
use trouble::Trouble;

const SECRET: &str = "whsec_chaos_fake";
/// How long a claim holds here: short, so that many run out.
const LEASE: Duration = Duration::from_millis(400);

/// Chance that is the same for the same seed.
#[derive(Debug, Clone)]
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `SplitMix64`, the usual small generator.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap();
            list.swap(last, other);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// The rounds to play: always the same ones, unless the environment says otherwise.
fn seeds(first: u64) -> Vec<u64> {
    if let Some(seed) = number("CHAOS_SEED") {
        return vec![seed];
    }
    (first..first + number("CHAOS_ROUNDS").unwrap_or(2)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_sqlite_while_requests_process_the_end_is_the_same() {
    for seed in seeds(100) {
        round(TestDb::sqlite(), Mode::Inline, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_sqlite_while_workers_process_the_end_is_the_same() {
    for seed in seeds(200) {
        round(TestDb::sqlite(), Mode::Queued, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_postgresql_while_requests_process_the_end_is_the_same() {
    for seed in seeds(300) {
        let Some(db) = TestDb::postgres().await else {
            return;
        };
        round(db, Mode::Inline, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_postgresql_while_workers_process_the_end_is_the_same() {
    for seed in seeds(400) {
        let Some(db) = TestDb::postgres().await else {
            return;
        };
        round(db, Mode::Queued, seed).await;
    }
}

/// Three acts: what one leaves is delivered while the next is on.
async fn round(db: TestDb, mode: Mode, seed: u64) {
    println!("chaos: seed {seed}, {mode:?}, sqlite: {}", db.is_sqlite());
    let mut chance = Chance::new(seed);
    truth::prepare(&db).await;
    let shop = Shop::open(seed).await;
    let mut proxies = Vec::new();
    let mut addresses = vec![db.url().to_owned(); 2];
    if !db.is_sqlite() {
        for address in &mut addresses {
            let (proxy, through) = Proxy::before(db.url()).await;
            *address = through;
            proxies.push(proxy);
        }
    }
    let trouble = Arc::new(Trouble::new(chance.next()));
    let plan = Plan::new(mode, &shop, Arc::clone(&trouble));
    let house = Arc::new(House::open(&addresses, &plan).await);
    let begun = SystemClock.now();
    trouble.begin();
    let making = trouble::make(&db, &house, &proxies, &trouble, chance.next());
    let mut told = BTreeSet::new();
    let playing = async {
        let mut events = shop.act(0).await;
        for act in 1..=3 {
            let delivering = house.deliver(&events, &mut chance);
            let (acknowledged, next) = tokio::join!(delivering, shop.act(act));
            told.extend(acknowledged);
            events = next;
        }
        told.extend(house.deliver(&events, &mut chance).await);
        trouble.end();
    };
    let (made, ()) = tokio::join!(making, playing);
    for proxy in &proxies {
        proxy.mend();
    }
    let troubled = SystemClock.now().since(begun);
    house.come_to_rest().await;
    truth::check(&house, &shop, &plan, &told).await;
    println!(
        "chaos: seed {seed}: {} events, trouble for {troubled:.1?} ({made}), {:.1?} in all",
        told.len(),
        SystemClock.now().since(begun)
    );
    house.close().await;
}
