//! What can be said on the command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
scripts/bench intake [options], with BENCH_DIR naming a folder on a real disk (/var/tmp)
  --seconds N      how long each measurement takes (4)
  --connections N  connections at once (32)
  --soak SECONDS   only this: half of the workers' pace, and the memory at intervals";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) dir: PathBuf,
    pub(crate) seconds: u64,
    pub(crate) connections: usize,
    pub(crate) soak: Option<u64>,
}

impl Options {
    /// `None` when the words make no sense, or ask what would.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self {
            // Kept over restarts by convention, and so on a disk; /tmp often is not.
            dir: "/var/tmp".into(),
            seconds: 4,
            connections: 32,
            soak: None,
        };
        // Cargo says `--bench` to every benchmark.
        let mut words = words.iter().filter(|word| **word != "--bench");
        while let Some(name) = words.next() {
            let value = *words.next()?;
            match *name {
                "--dir" => options.dir = value.into(),
                "--seconds" => options.seconds = value.parse().ok()?,
                "--connections" => options.connections = value.parse().ok()?,
                "--soak" => options.soak = Some(value.parse().ok()?),
                _ => return None,
            }
        }
        Some(options)
    }
}
