//! What a SQLite file needs beside SQLite: its identity, a lock among programs, a copy.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
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
/// Without it one would find the file as another leaves it between two of its steps: the copy
/// made, the tables not yet. The lock is on the folder: a lock file would stay behind, and opening and closing the
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

/// A copy of a database that is being made: under a name of its own until it is whole, and
/// readable by nobody who may not read the database.
#[derive(Debug)]
pub(crate) struct FileCopy {
    unfinished: PathBuf,
    finished: PathBuf,
}

impl FileCopy {
    /// Makes an empty file beside the database, with its mode; takes away what a program that
    /// was killed left of one.
    pub(crate) fn begin(database: &Path) -> io::Result<Self> {
        let copy = Self {
            unfinished: with_suffix(database, UNFINISHED),
            finished: free_path(database),
        };
        for rest in ["", "-journal"] {
            match fs::remove_file(with_suffix(&copy.unfinished, rest)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let mode = fs::metadata(database)?.mode() & 0o777;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&copy.unfinished)?;
        // The mode that was asked for is less what the process's mask takes away.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        Ok(copy)
    }

    /// Where to write.
    pub(crate) fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Gives the copy its name once it is on the disk, and returns that.
    pub(crate) fn finish(self) -> io::Result<PathBuf> {
        File::open(&self.unfinished)?.sync_all()?;
        fs::rename(&self.unfinished, &self.finished)?;
        Ok(self.finished)
    }
}

const UNFINISHED: &str = ".before-adoption.unfinished";

/// A path beside the file that is not taken yet: `site.sqlite3.before-adoption`, then
/// `….before-adoption-2` and so on.
fn free_path(database: &Path) -> PathBuf {
    let first = with_suffix(database, ".before-adoption");
    if !first.exists() {
        return first;
    }
    (2..10_000u32)
        .map(|number| with_suffix(database, &format!(".before-adoption-{number}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
