//! The trouble: to the database and the way there, to processes, and at the
//! boundaries of statements.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use stripegym_core::reconcile::{Reconciler, Run, Sweep};
use stripegym_core::store::{StoreError, StoreErrorKind};
use stripegym_tests::{Boundary, Crossing, Proxy, TestDb};

use super::house::House;
use super::{Chance, LEASE};

/// How often a thread stands still, in one round.
const STALLS_MAX: u32 = 5;

/// Whether there is trouble now, and the part of it that happens between two
/// statements: an error, or a thread that stands still until its claim has
/// run out.
pub(super) struct Trouble {
    is_on: AtomicBool,
    chance: Mutex<Chance>,
    stalls: AtomicU32,
    errors: AtomicU32,
}

impl Trouble {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            is_on: AtomicBool::new(false),
            chance: Mutex::new(Chance::new(seed)),
            stalls: AtomicU32::new(0),
            errors: AtomicU32::new(0),
        }
    }

    pub(super) fn begin(&self) {
        self.is_on.store(true, Ordering::SeqCst);
    }

    pub(super) fn end(&self) {
        self.is_on.store(false, Ordering::SeqCst);
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }
}

impl Boundary for Trouble {
    fn cross(&self, _crossing: Crossing) -> Result<(), StoreError> {
        if !self.is_on() {
            return Ok(());
        }
        let (fails, stalls) = {
            let mut chance = self.chance.lock().unwrap();
            (chance.one_in(150), chance.one_in(300))
        };
        let order = Ordering::SeqCst;
        let one_more = |n: u32| (n < STALLS_MAX).then_some(n + 1);
        if stalls && self.stalls.fetch_update(order, order, one_more).is_ok() {
            // The whole thread, as when a machine is put to sleep.
            std::thread::sleep(LEASE + LEASE / 8);
        }
        if fails {
            self.errors.fetch_add(1, order);
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

/// What was done, by number.
#[derive(Debug, Default)]
pub(super) struct Made {
    kills: u32,
    cuts: u32,
    ended: u32,
    locks: u32,
    jumps: u32,
    reconciled: u32,
    cut_short: u32,
}

/// Makes trouble until it is told to end, and answers in words what it did.
pub(super) async fn make(
    db: &TestDb,
    house: &House,
    proxies: &[Proxy],
    trouble: &Trouble,
    seed: u64,
) -> String {
    let mut chance = Chance::new(seed);
    let mut made = Made::default();
    while trouble.is_on() {
        let which = usize::try_from(chance.below(2)).unwrap();
        match chance.below(6) {
            0 => {
                house.kill(which).await;
                made.kills += 1;
            }
            1 => {
                made.jumps += 1;
                house.let_claims_run_out();
            }
            2 => {
                let process = house.process(which).await;
                let reconciler = Reconciler::new(&process.processor, house.stripe().clone());
                let run = Run {
                    sweep: Sweep::Always,
                    ..Run::default()
                };
                // It may fail like everything else, and be cut short anywhere.
                let limit = chance.millis(200, 1000);
                let ended = tokio::time::timeout(limit, reconciler.run(run)).await;
                made.reconciled += u32::from(matches!(ended, Ok(Ok(_))));
                made.cut_short += u32::from(ended.is_err());
            }
            _ if db.is_sqlite() => {
                made.locks += 1;
                hold_the_lock(db.url(), chance.millis(50, 300)).await;
            }
            3 => made.ended += end_backends(db.url()).await,
            _ => {
                made.cuts += 1;
                proxies[which].cut();
                // How long the line is down is the trouble itself.
                tokio::time::sleep(chance.millis(20, 150)).await;
                proxies[which].mend();
            }
        }
        // A moment of peace, or nothing at all would ever be done.
        tokio::time::sleep(chance.millis(30, 120)).await;
    }
    let (stalls, errors) = (&trouble.stalls, &trouble.errors);
    format!("{made:?}, stalls: {stalls:?}, errors: {errors:?}")
}

/// Another program writes to the same file, slowly.
async fn hold_the_lock(url: &str, hold: std::time::Duration) {
    let mut other = SqliteConnection::connect(url).await.unwrap();
    // Busy for longer than this connection waits: then somebody else holds it up.
    if other.execute("BEGIN IMMEDIATE").await.is_ok() {
        // How long it is held is the trouble itself.
        tokio::time::sleep(hold).await;
        other.execute("COMMIT").await.unwrap();
    }
    other.close().await.unwrap();
}

/// Ends a few of the server's ends of our connections, whatever they are at.
async fn end_backends(url: &str) -> u32 {
    const END: &str = "
        SELECT COUNT(pg_terminate_backend(pid)) FROM (
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            ORDER BY random() LIMIT 3) AS ours";
    let mut other = PgConnection::connect(url).await.unwrap();
    let ended: i64 = sqlx::query_scalar(END).fetch_one(&mut other).await.unwrap();
    other.close().await.unwrap();
    u32::try_from(ended).unwrap()
}
