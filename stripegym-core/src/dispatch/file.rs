//! Effects as lines in a file: for a start, for tests, and for another program
//! that reads them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;

use super::{Delivery, EffectHandler};
use crate::process::HandlerError;

/// Appends one line of JSON per delivery to a file and brings it to disk:
///
/// ```json
/// {"message_id":"…","object_id":"in_1","name":"mail.receipt","attempt":1,"payload":{}}
/// ```
///
/// A line that a crash cut short stays alone on its line, and the delivery
/// comes again; readers skip what is no JSON and know a repeat by `message_id`.
/// The file holds what the payloads hold: guard it like the database.
#[derive(Debug, Clone)]
pub struct FileNotifier {
    path: PathBuf,
    /// Lines of one process do not run into each other.
    turn: Arc<Mutex<()>>,
}

#[derive(Serialize)]
struct Line<'a> {
    message_id: &'a str,
    object_id: &'a str,
    name: &'a str,
    attempt: u32,
    payload: Value,
}

impl FileNotifier {
    /// Writes to this file, which is made when the first effect comes.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            turn: Arc::default(),
        }
    }
}

#[async_trait]
impl EffectHandler for FileNotifier {
    async fn deliver(&self, effect: &Delivery) -> Result<(), HandlerError> {
        let text = || Value::from(String::from_utf8_lossy(effect.payload()).into_owned());
        let line = Line {
            message_id: effect.message_id(),
            object_id: effect.object_id(),
            name: effect.name(),
            attempt: effect.attempt(),
            payload: serde_json::from_slice(effect.payload()).unwrap_or_else(|_| text()),
        };
        let mut line = serde_json::to_vec(&line).map_err(HandlerError::permanent)?;
        line.push(b'\n');
        let this = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let _turn = this.turn.lock().unwrap_or_else(PoisonError::into_inner);
            append(&this.path, &line)
        });
        let written = written.await.map_err(HandlerError::transient)?;
        written.map_err(HandlerError::transient)
    }
}

fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)?;
    // In one piece, as other processes may be appending, too.
    if ends_in_a_line(&mut file)? {
        file.write_all(line)?;
    } else {
        file.write_all(&[b"\n", line].concat())?;
    }
    file.sync_all()?;
    if is_new {
        keep_name(path)?;
    }
    Ok(())
}

fn ends_in_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// On Unix a new file's name is in its folder, which is brought to disk apart.
#[cfg(unix)]
fn keep_name(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn keep_name(_path: &Path) -> io::Result<()> {
    Ok(())
}
