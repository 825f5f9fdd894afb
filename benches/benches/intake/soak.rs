//! Hours on end: deliveries at half the pace that workers keep up with, and the
//! memory of the process that takes and books them.

use std::time::Duration;

use stripegym_sqlx::Database;

use super::events::Kind;
use super::load::Plan;
use super::phases::{ANY, Bench, all_taken, finish, start};
use super::postgres::Cluster;
use super::report::millis;
use super::serve::Server;
use super::{Outcome, drain};

const WORKERS: usize = 2;
const LINES: u64 = 20;
/// How long the workers' pace is sought, under more than they can do.
const SOUGHT_SECONDS: u64 = 3;

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
pub(crate) fn run(bench: &Bench, seconds: u64) -> Outcome<()> {
    let cluster = Cluster::start(bench.dir.path())?;
    let server = Server::start(&cluster.url(), ANY, WORKERS)?;
    let sought = Plan {
        kind: Kind::Sale,
        seconds: SOUGHT_SECONDS,
        ..bench.plan(&server, 0)
    };
    let database = bench.runtime.block_on(Database::connect(&cluster.url()))?;
    let run = all_taken(finish(start(&sought)?)?)?;
    let left = bench.runtime.block_on(drain::open(&database))?;
    let done = run.acknowledged.saturating_sub(left);
    let pace = done * 1_000_000 / run.took_us.max(1) / 2;
    let plan = Plan {
        kind: Kind::Sale,
        seconds,
        per_second: Some(pace),
        ..bench.plan(&server, 1)
    };
    println!("{pace} sales a second for {seconds} s, {WORKERS} workers");
    let mut load = start(&plan)?;
    let every = (seconds / LINES).max(1);
    let mut passed = 0;
    while load.try_wait()?.is_none() {
        let open = bench.runtime.block_on(drain::open(&database))?;
        let resident = server.resident_kib()?;
        println!("{passed:>7} s  {resident:>8} KiB resident  {open:>8} events wait for a worker");
        std::thread::sleep(Duration::from_secs(every));
        passed += every;
    }
    let run = all_taken(finish(load)?)?;
    let resident = server.resident_kib()?;
    println!("    end    {resident:>8} KiB resident");
    println!(
        "{} events acknowledged, p99 {}, slowest {}",
        run.acknowledged,
        millis(run.p99_us),
        millis(run.max_us)
    );
    Ok(())
}
