//! The process that is measured: the real route, store and workers.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use stripegym_benches::inputs::verifier;
use stripegym_core::Processor;
use stripegym_core::process::{Mode, ProcessorConfig};
use stripegym_sqlx::Database;
use tokio::net::TcpListener;

use super::Outcome;

/// Serves until it is killed, or until whoever started it is gone.
#[expect(clippy::print_stdout, reason = "its answer to whoever started it")]
pub(crate) fn run(database: &str, address: &str, workers: usize) -> Outcome<()> {
    std::thread::spawn(|| {
        let mut nothing = Vec::new();
        // The other end closes with the process that holds it.
        if std::io::stdin().read_to_end(&mut nothing).is_ok() {
            std::process::exit(0);
        }
    });
    tokio::runtime::Runtime::new()?.block_on(async {
        let database = Database::connect(database).await?;
        database.migrate().await?;
        let processor = queued(&database);
        let workers: Vec<_> = (0..workers).map(|_| processor.start_worker()).collect();
        let route = stripegym_axum::webhook(verifier(), processor);
        let listener = TcpListener::bind(address).await?;
        println!("{}", listener.local_addr()?);
        axum::serve(listener, Router::new().route("/webhook", route)).await?;
        drop(workers);
        Ok(())
    })
}

/// A processor whose requests end with the receipt.
pub(crate) fn queued(database: &Database) -> Processor {
    let mut config = ProcessorConfig::default();
    config.mode = Mode::Queued;
    Processor::builder(database.store()).config(config).build()
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(database: &str, address: &str, workers: usize) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", database, address, &workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line
            .trim()
            .parse()
            .map_err(|_| "the server did not start")?;
        Ok(Self { child, address })
    }

    /// SIGKILL: nothing in it runs from here on.
    pub(crate) fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> Outcome<u64> {
        let path = Path::new("/proc").join(self.child.id().to_string());
        let status = std::fs::read_to_string(path.join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("the kernel does not tell VmRSS")?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already; then there is nothing to end.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
