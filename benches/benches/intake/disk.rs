//! What the disk can do: how often in a second it takes something for good.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use stripegym_core::{Clock as _, SystemClock};

use super::Outcome;

/// A page of PostgreSQL's log.
const PAGE: [u8; 8192] = [7; 8192];
const PAGES: u64 = 2048;
const MEASURED_FOR: Duration = Duration::from_secs(1);
/// From `linux/magic.h`.
const TMPFS_MAGIC: i64 = 0x0102_1994;

/// Refuses memory that only looks like a disk.
pub(crate) fn check(dir: &Path) -> Outcome<()> {
    let kind = rustix::fs::statfs(dir)?.f_type;
    if kind == TMPFS_MAGIC {
        return Err(format!(
            "{} is memory, not a disk; name another --dir",
            dir.display()
        )
        .into());
    }
    Ok(())
}

/// `fdatasync` calls in a second, each after a page written in place, as the
/// logs of both databases do.
pub(crate) fn syncs_per_second(dir: &Path) -> Outcome<u64> {
    let path = dir.join("fdatasync");
    let mut file = File::create(&path)?;
    for _ in 0..PAGES {
        file.write_all(&PAGE)?;
    }
    file.sync_all()?;
    let (started, mut count) = (SystemClock.now(), 0);
    while SystemClock.now().since(started) < MEASURED_FOR {
        if count % PAGES == 0 {
            file.rewind()?;
        }
        file.write_all(&PAGE)?;
        file.sync_data()?;
        count += 1;
    }
    std::fs::remove_file(path)?;
    Ok(count)
}
