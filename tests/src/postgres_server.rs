//! A PostgreSQL of one test's own, to be stopped and started.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::skip;

/// A throwaway cluster on a free port, gone when dropped.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Makes a cluster with the newest `initdb` of this machine and starts it;
    /// none when there is none. Such a skip is told, and with `CI=true` it fails.
    ///
    /// # Panics
    /// When the programs are there but do not work.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = find() else {
            skip("a PostgreSQL of its own: there is no initdb in /usr/lib/postgresql/*/bin");
            return None;
        };
        let folder = TempDir::new().expect("a temporary directory");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let server = Self {
            programs,
            folder,
            port,
        };
        if is_root() {
            // It refuses to run as root, and its user must get in.
            let owner = Command::new("chown")
                .arg("postgres")
                .arg(server.folder.path())
                .status();
            assert!(owner.is_ok_and(|status| status.success()), "chown postgres");
        }
        let data = server.data();
        let made = server.run(
            "initdb",
            &["-U", "postgres", "-A", "trust", "-E", "UTF8", "-D", &data],
        );
        assert!(made, "initdb works");
        server.start_again();
        Some(server)
    }

    /// Its address, as `DATABASE_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it as a crash would: no goodbye to anybody, nothing written that
    /// was not on the disk.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop_at_once(&self) {
        assert!(self.stop(), "PostgreSQL stops");
    }

    /// Starts it on what is on the disk, and waits until it answers.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1",
            self.port,
            self.folder.path().display()
        );
        let log = self.folder.path().join("log").display().to_string();
        let data = self.data();
        let started = self.run(
            "pg_ctl",
            &["-D", &data, "-l", &log, "-w", "-o", &options, "start"],
        );
        assert!(started, "PostgreSQL starts");
    }

    fn stop(&self) -> bool {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-w", "-m", "immediate", "stop"])
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Runs one of its programs, as the user that it wants.
    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        // A server that kept our descriptors would hold up whoever reads our output.
        let quiet = command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // It is stopped already when a test fails in the middle.
        self.stop();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder of the newest version's programs.
fn find() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &PathBuf| {
        path.file_name()
            .and_then(OsStr::to_str)?
            .parse::<u32>()
            .ok()
    };
    let newest = versions
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(number)?;
    Some(newest.join("bin"))
}
