//! A PostgreSQL of our own, with its defaults, and pgbench on it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::Outcome;
use super::events::around_the_number;

const START_TRIES: u32 = 600;
const START_WAIT: Duration = Duration::from_millis(50);

/// The columns, the key and the compression of the inbox, and nothing else of it.
pub(crate) const PGBENCH_TABLE: &str = "
    CREATE TABLE pgbench_inbox (
        LIKE stripegym_inbox_events INCLUDING DEFAULTS INCLUDING COMPRESSION,
        PRIMARY KEY (account, livemode, event_id))";

/// The whole event goes over the connection each time, as a parameter of a
/// prepared statement: nothing is parsed twice.
const SCRIPT: &str = "\
\\set n :n + 1
\\set number 10000000000000000 + (:run * 1000 + :client_id) * 1000000000 + :n
INSERT INTO pgbench_inbox (account, livemode, event_id, type, object_id, api_version, created, \
payload, received_at, next_at) VALUES ('', false, 'evt_1Sbench' || :number::text, \
'customer.subscription.updated', 'sub_1Sbench00000000000000001', '2026-10-28.endive', 1793000000, \
convert_to(:head::text || :number::text || :tail::text, 'UTF8'), 1793000000000, 1793000000000) \
ON CONFLICT (account, livemode, event_id) DO NOTHING;
";

/// A running server; stopped when dropped.
pub(crate) struct Cluster {
    bin: PathBuf,
    dir: PathBuf,
    port: u16,
    postmaster: Child,
}

impl Cluster {
    /// Makes a cluster in `dir` and starts it on a free port.
    pub(crate) fn start(dir: &Path) -> Outcome<Self> {
        let bin = find()?;
        let dir = dir.join("pg");
        fs::create_dir(&dir)?;
        if rustix::process::geteuid().is_root() {
            // PostgreSQL's own user must get in.
            let parent = dir.parent().ok_or("no folder")?;
            fs::set_permissions(parent, fs::Permissions::from_mode(0o755))?;
            run(Command::new("chown").arg("postgres").arg(&dir))?;
        }
        let data = dir.join("data");
        run(as_postgres(&bin.join("initdb"))
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-D",
            ])
            .arg(&data))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let postmaster = launch(&bin, &dir, port)?;
        let cluster = Self {
            bin,
            dir,
            port,
            postmaster,
        };
        cluster.wait_until_it_answers()?;
        Ok(cluster)
    }

    /// Where it is, as `DATABASE_URL` takes it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// SIGKILL to the process that was started: its children find out and end.
    pub(crate) fn kill(&mut self) -> Outcome<()> {
        self.postmaster.kill()?;
        self.postmaster.wait()?;
        Ok(())
    }

    /// Starts again on what is on the disk.
    pub(crate) fn restart(&mut self) -> Outcome<()> {
        for _ in 0..START_TRIES {
            self.postmaster = launch(&self.bin, &self.dir, self.port)?;
            if self.wait_until_it_answers().is_ok() {
                return Ok(());
            }
            // It does not start while a child of the old one still lives.
            let _ended = self.postmaster.kill();
            self.postmaster.wait()?;
        }
        Err("PostgreSQL does not start again; see its log".into())
    }

    fn wait_until_it_answers(&self) -> Outcome<()> {
        let pid_file = self.dir.join("data/postmaster.pid");
        for _ in 0..START_TRIES {
            let state = fs::read_to_string(&pid_file).unwrap_or_default();
            let ours = state.lines().next() == Some(&self.postmaster.id().to_string());
            if ours && state.lines().last().map(str::trim) == Some("ready") {
                return Ok(());
            }
            if ended(self.postmaster.id()) {
                return Err("PostgreSQL ended at once".into());
            }
            std::thread::sleep(START_WAIT);
        }
        Err("PostgreSQL does not answer".into())
    }

    /// Inserts with so many clients for so long; `run` numbers the runs: their
    /// events differ.
    pub(crate) fn pgbench(&self, plan: &Inserts, run: u32) -> Outcome<Inserted> {
        let script = self.dir.join("insert.sql");
        fs::write(&script, SCRIPT)?;
        let log = self.dir.join(format!("pgbench-{run}"));
        let (head, tail) = around_the_number();
        let mut command = Command::new(self.bin.join("pgbench"));
        command
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-n",
                "-M",
                "prepared",
                "-j",
                "2",
                "-l",
            ])
            .args([
                "-p",
                &self.port.to_string(),
                "-c",
                &plan.clients.to_string(),
            ])
            .args([
                "-T",
                &plan.seconds.to_string(),
                "-D",
                "n=0",
                "-D",
                &format!("run={run}"),
            ])
            .args(["-D", &format!("head={head}"), "-D", &format!("tail={tail}")])
            .arg(format!("--log-prefix={}", log.display()))
            .arg("-f")
            .arg(&script);
        if let Some(rate) = plan.per_second {
            command.args(["-R", &rate.to_string()]);
        }
        let out = command.arg("postgres").output()?;
        let told = String::from_utf8_lossy(&out.stdout);
        let rate = told.lines().find_map(|line| line.strip_prefix("tps = "));
        let whole = rate.and_then(|rate| rate.split(['.', ' ']).next());
        let problem = || format!("pgbench: {}", String::from_utf8_lossy(&out.stderr));
        Ok(Inserted {
            per_second: whole.ok_or_else(problem)?.parse()?,
            p99_us: self.p99_us(&format!("pgbench-{run}."))?,
        })
    }

    /// From pgbench's logs, one for each of its threads: a line for each insert,
    /// whose third word is its latency.
    fn p99_us(&self, prefix: &str) -> Outcome<u64> {
        let mut latencies: Vec<u64> = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                let log = fs::read_to_string(entry.path())?;
                let times = log
                    .lines()
                    .filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok());
                latencies.extend(times);
            }
        }
        latencies.sort_unstable();
        let at = latencies.len() * 99 / 100;
        Ok(latencies.get(at).copied().ok_or("pgbench logged nothing")?)
    }
}

/// What pgbench is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inserts {
    pub(crate) clients: usize,
    pub(crate) seconds: u64,
    /// As many as go unless set.
    pub(crate) per_second: Option<u64>,
}

/// What pgbench tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inserted {
    pub(crate) per_second: u64,
    pub(crate) p99_us: u64,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // At once, but with its children; it may be dead already.
        if let Some(pid) = i32::try_from(self.postmaster.id())
            .ok()
            .and_then(Pid::from_raw)
        {
            let _told = kill_process(pid, Signal::QUIT);
        }
        let _status = self.postmaster.wait();
    }
}

/// Whether the process has ended; a dead child keeps its entry until it is waited for.
fn ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with('Z'))
}

fn launch(bin: &Path, dir: &Path, port: u16) -> Outcome<Child> {
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("log"))?;
    let child = as_postgres(&bin.join("postgres"))
        .arg("-D")
        .arg(dir.join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .arg("-k")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    Ok(child)
}

/// PostgreSQL refuses to run as root, so root hands it to its own user.
/// `setpriv` becomes the program: the process id stays the same.
fn as_postgres(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
        .arg(program)
        .current_dir("/");
    command
}

fn run(command: &mut Command) -> Outcome<()> {
    let out = command.output()?;
    if out.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&out.stderr).into_owned().into())
}

/// The folder of `initdb`, `postgres` and `pgbench`.
fn find() -> Outcome<PathBuf> {
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<_> = packaged.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let found = folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pgbench"]
            .iter()
            .all(|name| folder.join(name).exists())
    });
    found.ok_or_else(|| "no PostgreSQL with pgbench here: install the package postgresql".into())
}
