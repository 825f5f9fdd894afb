//! Starting over: which files the offline mode keeps, and deleting them.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::{database_file, state_file};

/// What keeps `reset` from doing anything.
#[derive(Debug, thiserror::Error)]
#[error(
    "reset is for the offline files only, and {variable} is set; unset it if you mean the files in this directory"
)]
pub struct ResetRefused {
    variable: &'static str,
}

/// The files that `reset` would delete, those that exist. With a database or a
/// Stripe account named it touches nothing: whoever has named one may think
/// that this is what they reset.
///
/// # Errors
/// When `variable` has a value for `DATABASE_URL` or `STRIPE_SECRET_KEY`.
pub fn resettable(
    directory: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Vec<PathBuf>, ResetRefused> {
    for name in ["DATABASE_URL", "STRIPE_SECRET_KEY"] {
        if variable(name).is_some() {
            return Err(ResetRefused { variable: name });
        }
    }
    let database = database_files(&database_file(directory));
    let state = state_files(&state_file(directory));
    Ok(database
        .into_iter()
        .chain(state)
        .filter(|file| file.exists())
        .collect())
}

/// Deletes the files.
///
/// # Errors
/// On the first that cannot be deleted.
pub fn delete(files: &[PathBuf]) -> io::Result<()> {
    files.iter().try_for_each(std::fs::remove_file)
}

/// An SQLite file and what SQLite keeps beside it.
pub(crate) fn database_files(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|ending| with_ending(database, ending))
}

/// The sandbox's state and what the sandbox keeps beside it.
pub(crate) fn state_files(state: &Path) -> [PathBuf; 2] {
    ["", ".lock"].map(|ending| with_ending(state, ending))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
