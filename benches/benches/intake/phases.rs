//! What is measured, in order.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use stripegym_benches::describe;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::events::Kind;
use super::load::{Delivered, Plan};
use super::options::Options;
use super::postgres::{Cluster, Inserts, PGBENCH_TABLE};
use super::report::{Report, Wanted};
use super::serve::Server;
use super::{Outcome, bare, disk, drain, ledger};

/// Where a server listens the first time.
pub(crate) const ANY: &str = "127.0.0.1:0";
/// What PostgreSQL's run is told apart by from SQLite's is its database, so the
/// numbers of both may begin here.
const FIRST: u64 = 1;
/// Each measurement's events have numbers of their own.
const APART: u64 = 100_000_000;
/// Events that are drained by one worker, and by several.
const DRAINED: u64 = 3000;
const WORKERS: usize = 4;
/// How long before and after a server is killed.
const BEFORE_KILL: Duration = Duration::from_millis(1500);
const KILL_SECONDS: u64 = 4;

/// Everything that outlives one measurement.
pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) dir: TempDir,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
}

impl Bench {
    #[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
    pub(crate) fn prepare(options: &Options) -> Outcome<Self> {
        let dir = tempfile::Builder::new()
            .prefix("stripegym-intake-")
            .tempdir_in(&options.dir)?;
        disk::check(dir.path())?;
        let syncs = disk::syncs_per_second(dir.path())?;
        println!("{}, load {}", describe(), neighbours());
        println!(
            "{}: {syncs} fdatasync/s, each after 8 KiB in place",
            options.dir.display()
        );
        Ok(Self {
            runtime: Runtime::new()?,
            dir,
            connections: options.connections,
            seconds: options.seconds,
        })
    }

    /// A plan that goes at full speed; `nth` numbers the measurement.
    pub(crate) fn plan(&self, server: &Server, nth: u64) -> Plan {
        Plan {
            address: server.address,
            connections: self.connections,
            kind: Kind::Subscription,
            first: FIRST + nth * APART,
            count: APART,
            seconds: self.seconds,
            per_second: None,
            acknowledged: None,
        }
    }

    pub(crate) fn postgres(&self, report: &mut Report) -> Outcome<()> {
        let mut cluster = Cluster::start(self.dir.path())?;
        let server = Server::start(&cluster.url(), ANY, 0)?;
        self.runtime.block_on(settings(&cluster.url()))?;
        self.beside_pgbench(&cluster, &server, report)?;

        let acknowledged = self.dir.path().join("acknowledged-postgres");
        let plan = Plan {
            seconds: KILL_SECONDS,
            acknowledged: Some(acknowledged.clone()),
            ..self.plan(&server, 3)
        };
        let load = start(&plan)?;
        std::thread::sleep(BEFORE_KILL);
        cluster.kill()?;
        cluster.restart()?;
        let told = finish(load)?;
        let stored = self.runtime.block_on(postgres_ids(&cluster.url()))?;
        all_there(&acknowledged, &stored, &told, report)?;
        drop(server);

        self.drained(&cluster.url(), report)?;
        self.runtime
            .block_on(ledger::measure(&cluster.url(), report))
    }

    fn beside_pgbench(
        &self,
        cluster: &Cluster,
        server: &Server,
        report: &mut Report,
    ) -> Outcome<()> {
        let full = Inserts {
            clients: self.connections,
            seconds: self.seconds,
            per_second: None,
        };
        // In turns, so that both see the same neighbours.
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for turn in 0..2 {
            theirs.push(cluster.pgbench(&full, turn)?);
            ours.push(all_taken(deliver(&self.plan(server, turn.into()))?)?);
        }
        let pgbench = theirs.iter().map(|run| run.per_second).sum::<u64>() / 2;
        let rate = ours.iter().map(Delivered::per_second).sum::<u64>() / 2;
        let beside = Some(("pgbench", pgbench));
        report.rate(
            "PostgreSQL: webhooks made durable",
            rate,
            beside,
            Wanted::AtLeast(200),
        );
        for (run, theirs) in ours.iter().zip(theirs) {
            report.latency("  at full speed", run, Some(theirs.p99_us), Wanted::Told);
        }
        let per_second = Some(pgbench / 2);
        let theirs = cluster.pgbench(&Inserts { per_second, ..full }, 2)?;
        let half = Plan {
            per_second,
            ..self.plan(server, 2)
        };
        let half = all_taken(deliver(&half)?)?;
        let what = "  at half of pgbench's rate";
        report.latency(what, &half, Some(theirs.p99_us), Wanted::Under(20_000));
        Ok(())
    }

    pub(crate) fn sqlite(&self, report: &mut Report) -> Outcome<()> {
        let file = |name: &str| self.dir.path().join(name);
        let url = format!("sqlite:{}", file("intake.db").display());
        let server = Server::start(&url, ANY, 0)?;
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for turn in 0..2 {
            let path = file("bare.db");
            let bare = bare::commits_per_second(&path, self.seconds, turn * APART);
            theirs.push(self.runtime.block_on(bare)?);
            ours.push(all_taken(deliver(&self.plan(&server, turn))?)?);
        }
        let bare = theirs.iter().sum::<u64>() / 2;
        let rate = ours.iter().map(Delivered::per_second).sum::<u64>() / 2;
        let beside = Some(("a bare loop of commits", bare));
        report.rate("SQLite: webhooks made durable", rate, beside, Wanted::Told);
        let wanted = Some(("5,000 wanted:", 5000));
        report.rate("  the same", rate, wanted, Wanted::AtLeast(100));
        for run in &ours {
            report.latency("  at full speed", run, None, Wanted::Under(50_000));
        }

        let acknowledged = file("acknowledged-sqlite");
        let plan = Plan {
            seconds: KILL_SECONDS,
            acknowledged: Some(acknowledged.clone()),
            ..self.plan(&server, 3)
        };
        let address = server.address.to_string();
        let load = start(&plan)?;
        std::thread::sleep(BEFORE_KILL);
        server.kill()?;
        let server = Server::start(&url, &address, 0)?;
        let told = finish(load)?;
        let stored = self.runtime.block_on(sqlite_ids(&url))?;
        all_there(&acknowledged, &stored, &told, report)?;
        drop(server);
        self.drained(&url, report)
    }

    /// Sales are delivered first, then drained; what was there before is out of
    /// the way.
    fn drained(&self, url: &str, report: &mut Report) -> Outcome<()> {
        self.runtime.block_on(forget(url))?;
        for (nth, workers) in [(4, 1), (5, WORKERS)] {
            let server = Server::start(url, ANY, 0)?;
            let plan = Plan {
                kind: Kind::Sale,
                count: DRAINED,
                seconds: 60,
                ..self.plan(&server, nth)
            };
            all_taken(deliver(&plan)?)?;
            drop(server);
            let rate = self
                .runtime
                .block_on(drain::events_per_second(url, workers))?;
            report.rate(
                &format!("  sales booked by {workers} workers"),
                rate,
                None,
                Wanted::Told,
            );
        }
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
async fn settings(url: &str) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    let mut told = Vec::new();
    for name in [
        "server_version",
        "fsync",
        "synchronous_commit",
        "full_page_writes",
    ] {
        let show = AssertSqlSafe(format!("SHOW {name}"));
        let value: String = sqlx::query_scalar(show).fetch_one(&mut connection).await?;
        told.push(format!("{name} {value}"));
    }
    println!("PostgreSQL: {}", told.join(", "));
    sqlx::query(PGBENCH_TABLE).execute(&mut connection).await?;
    Ok(())
}

/// The processes that wanted to run in the last minute: a machine that is not
/// ours alone shows it here.
fn neighbours() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Starts a process that delivers.
pub(crate) fn start(plan: &Plan) -> Outcome<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(["load", &serde_json::to_string(plan)?])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(child)
}

/// Waits for it and hears what came of it.
pub(crate) fn finish(load: Child) -> Outcome<Delivered> {
    let out = load.wait_with_output()?;
    Ok(serde_json::from_slice(&out.stdout)?)
}

fn deliver(plan: &Plan) -> Outcome<Delivered> {
    finish(start(plan)?)
}

/// A figure with refused deliveries in it would be none.
pub(crate) fn all_taken(run: Delivered) -> Outcome<Delivered> {
    if run.refused > 0 || run.acknowledged == 0 {
        return Err(format!("{} taken, {} refused", run.acknowledged, run.refused).into());
    }
    Ok(run)
}

/// Every event that was acknowledged before, while and after the server was
/// killed must be in the table.
fn all_there(
    file: &Path,
    stored: &HashSet<String>,
    told: &Delivered,
    report: &mut Report,
) -> Outcome<()> {
    let acknowledged = std::fs::read_to_string(file)?;
    let lost = acknowledged
        .lines()
        .filter(|id| !stored.contains(*id))
        .count();
    if lost > 0 {
        return Err(format!("{lost} acknowledged events are lost").into());
    }
    let text = format!("{} of {} there", told.acknowledged, told.acknowledged);
    report.fact("  killed under load: acknowledged events", &text);
    report.fact("  refused meanwhile", &told.refused.to_string());
    Ok(())
}

const IDS: &str = "SELECT event_id FROM stripegym_inbox_events";

async fn postgres_ids(url: &str) -> Outcome<HashSet<String>> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::query(IDS).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn sqlite_ids(url: &str) -> Outcome<HashSet<String>> {
    let mut connection = SqliteConnection::connect(url).await?;
    let rows = sqlx::query(IDS).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Empties the inbox.
async fn forget(url: &str) -> Outcome<()> {
    let all = "DELETE FROM stripegym_inbox_events";
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await?;
        sqlx::query(all).execute(&mut connection).await?;
    } else {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query(all).execute(&mut connection).await?;
        sqlx::query("VACUUM ANALYZE stripegym_inbox_events")
            .execute(&mut connection)
            .await?;
    }
    Ok(())
}
