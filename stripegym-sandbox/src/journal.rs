//! The state file: one line of JSON per committed change, written before anyone hears of it.
//!
//! A process that dies while it writes leaves a last line without its newline. That line was
//! never answered for, so loading drops it. Anything else that does not read is an error, and
//! the file is left as it was. Written, not synced: the promise is against the death of the
//! process, not of the machine; starting and ending do sync.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::state::{Record, State};

const MARK: &str = "stripegym-sandbox-state";
const FORMAT: u32 = 1;

/// The first line: whose file this is.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    file: String,
    format: u32,
}

/// How far ids and request ids had been drawn when a line was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) ids: u64,
    pub(crate) requests: u64,
}

/// Every line but the first, as read.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(flatten)]
    counters: Counters,
    records: Vec<Record>,
}

/// The same, as written: borrowed.
#[derive(Debug, Serialize)]
struct LineRef<'a> {
    #[serde(flatten)]
    counters: Counters,
    records: &'a [Record],
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("another process uses this state file")]
    Locked,
    #[error("this is not a state file of the sandbox; it was left untouched")]
    Foreign,
    #[error("line {line} of the state file cannot be read; it was left untouched")]
    Corrupt {
        line: usize,
        source: serde_json::Error,
    },
    #[error("the state file cannot be read or written")]
    Io(#[from] io::Error),
}

/// The open file, locked against other processes for as long as this lives.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Up to here every line is whole.
    length: u64,
    /// A line could not be written nor taken back: nothing more may follow it.
    broken: bool,
    _lock: File,
}

impl Journal {
    /// Loads `path` into `state` and opens it for more, compacted to what still counts.
    pub(crate) fn open(path: &Path, state: &mut State) -> Result<(Self, Counters), JournalError> {
        let lock = lock(path)?;
        let counters = match fs::read(path) {
            Ok(bytes) => load(&bytes, state)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Counters::default(),
            Err(error) => return Err(error.into()),
        };
        Ok((Self::compact(path, state, counters, lock)?, counters))
    }

    /// Writes the state afresh beside the old file and puts it in its place in one step.
    fn compact(
        path: &Path,
        state: &State,
        counters: Counters,
        lock: File,
    ) -> Result<Self, JournalError> {
        let beside = with_suffix(path, ".new");
        let mut file = File::create(&beside)?;
        let header = Header {
            file: MARK.to_owned(),
            format: FORMAT,
        };
        let mut text = encode(&header)?;
        if counters != Counters::default() {
            text.extend(encode(&LineRef {
                counters,
                records: &[],
            })?);
        }
        for record in state.records() {
            text.extend(encode(&LineRef {
                counters,
                records: &[record],
            })?);
        }
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_directory(path)?;
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file,
            length,
            broken: false,
            _lock: lock,
        })
    }

    /// Adds one line: all records of one request, or none of them.
    pub(crate) fn append(&mut self, counters: Counters, records: &[Record]) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write failed half way"));
        }
        let line = encode(&LineRef { counters, records }).map_err(io::Error::other)?;
        match self.file.write_all(&line) {
            Ok(()) => {
                self.length = self
                    .length
                    .saturating_add(u64::try_from(line.len()).unwrap_or(0));
                Ok(())
            }
            Err(error) => {
                // A full disk may have taken half of it; the next line must not glue to that.
                let repaired = self.file.set_len(self.length).and_then(|()| {
                    self.file
                        .seek(SeekFrom::Start(self.length))
                        .map(|_position| ())
                });
                self.broken = repaired.is_err();
                Err(error)
            }
        }
    }

    /// Onto the disk: at the end of an orderly life.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, JournalError> {
    let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

fn load(bytes: &[u8], state: &mut State) -> Result<Counters, JournalError> {
    let mut counters = Counters::default();
    if bytes.is_empty() {
        return Ok(counters);
    }
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let header: Header = lines
        .next()
        .and_then(|(_, line)| serde_json::from_slice(line).ok())
        .ok_or(JournalError::Foreign)?;
    if header.file != MARK || header.format != FORMAT {
        return Err(JournalError::Foreign);
    }
    for (at, line) in lines {
        if line.last() != Some(&b'\n') {
            tracing::warn!(
                "the last line of the state file is torn; it was never answered for and is dropped"
            );
            break;
        }
        let line: Line = serde_json::from_slice(line).map_err(|source| JournalError::Corrupt {
            line: at + 1,
            source,
        })?;
        counters.ids = counters.ids.max(line.counters.ids);
        counters.requests = counters.requests.max(line.counters.requests);
        for record in line.records {
            state.apply(record);
        }
    }
    Ok(counters)
}

/// A file of its own: compaction replaces the state file, and a lock would go with it.
fn lock(path: &Path) -> Result<File, JournalError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(with_suffix(path, ".lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(JournalError::Locked),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The rename itself has to reach the disk, where the system lets one ask for it.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match File::open(parent) {
        Ok(directory) if cfg!(unix) => directory.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
