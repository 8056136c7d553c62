//! What a SQLite file needs beside SQLite: its identity, a lock among programs, a copy's name.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Which file a path leads to. A file that was deleted or replaced under an open connection
/// goes on living there; comparing this shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// Follows links; fails where there is no file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata: Metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// Waits until no other program migrates a file in the same folder, and keeps it so until the
/// returned handle is dropped.
///
/// The lock is on the folder: a lock file would stay behind, and opening and closing the
/// database itself would drop the locks that SQLite holds on it in this process (POSIX locks
/// belong to the process, not to the handle).
pub(crate) async fn lock_folder(database: &Path) -> io::Result<File> {
    let parent = match database.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = File::open(parent)?;
    tokio::task::spawn_blocking(move || folder.lock().map(|()| folder))
        .await
        .map_err(io::Error::other)?
}

/// A path beside the file that is not taken yet: `site.sqlite3.before-adoption`, then
/// `….before-adoption-2` and so on.
pub(crate) fn copy_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".before-adoption");
    let first = PathBuf::from(&name);
    if !first.exists() {
        return first;
    }
    (2..10_000u32)
        .map(|number| {
            let mut numbered = name.clone();
            numbered.push(format!("-{number}"));
            PathBuf::from(numbered)
        })
        .find(|path| !path.exists())
        .unwrap_or(first)
}
