//! Stripe's own mock server, started for one test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::skip;

/// A running `stripe-mock`, stopped when dropped. It checks every parameter
/// against Stripe's own description of the API.
#[derive(Debug)]
pub struct StripeMock {
    process: Child,
    base: String,
}

impl StripeMock {
    /// Starts the program that `STRIPE_MOCK` names, or the one on the `PATH`;
    /// none when there is none. Such a skip is told, and with `CI=true` it fails.
    ///
    /// # Panics
    /// When the program is there but does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(program) = find() else {
            skip("stripe-mock: STRIPE_MOCK is not set and there is none on the PATH");
            return None;
        };
        let mut process = Command::new(program)
            .args(["-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("stripe-mock starts");
        let output = process.stdout.take().expect("its output is ours");
        let mut lines = BufReader::new(output).lines();
        let address = lines.by_ref().find_map(|line| {
            let line = line.expect("its output is text");
            let (_, address) = line.split_once("HTTP at address: ")?;
            Some(address.to_owned())
        });
        // What it says later is read and dropped, or it would block.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.expect("stripe-mock tells where it listens");
        Some(Self {
            process,
            base: format!("http://{address}"),
        })
    }

    /// The address to give to a client as its base.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl Drop for StripeMock {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("STRIPE_MOCK") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("stripe-mock"))
        .find(|program| program.is_file())
}
