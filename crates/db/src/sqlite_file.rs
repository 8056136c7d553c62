//! What a SQLite file needs beside SQLite: its identity, a lock among programs, copies.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::new_file::{Existing, NewFile};
use crate::path::{FileIdentity, folder_of, with_suffix};

/// Which file connections were opened to, and how: one that could only be opened for reading
/// stays so when the file may be written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileState {
    identity: FileIdentity,
    is_writable: bool,
}

impl FileState {
    /// Follows links; fails where there is no file. To try and open it would drop SQLite's locks.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            identity: FileIdentity::of(path)?,
            is_writable: rustix::fs::access(path, Access::WRITE_OK).is_ok(),
        })
    }
}

/// Waits until no other program migrates a file in the same folder, and keeps it so until the
/// returned handle is dropped.
///
/// Without it one would find the file as another leaves it between two of its steps: the copy
/// made, the tables not yet. The lock is on the folder: a lock file would stay behind, and
/// opening and closing the database itself would drop the locks that SQLite holds on it in this
/// process (POSIX locks belong to the process, not to the handle).
pub(crate) async fn lock_folder(database: &Path) -> io::Result<File> {
    let folder = File::open(folder_of(database))?;
    tokio::task::spawn_blocking(move || folder.lock().map(|()| folder))
        .await
        .map_err(io::Error::other)?
}

/// Makes the file of a database that is not there yet, empty, for its owner alone. SQLite would make
/// one that everybody may read, and gives its `-wal` and `-shm` the mode of the database.
pub(crate) fn make_file(database: &Path) -> io::Result<()> {
    match NewFile::begin(database, Existing::Keep).and_then(NewFile::finish) {
        // Another program was faster, and made it in the same way.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes an empty file for a copy of a database, readable by nobody who may not read that. Its
/// name will be the database's with the suffix.
pub(crate) fn begin_copy(database: &Path, suffix: &str) -> io::Result<NewFile> {
    let copy = NewFile::begin(&free_path(database, suffix), Existing::Keep)?;
    copy.open_to_those_of(database)?;
    Ok(copy)
}

/// Writes a consistent copy of a SQLite file into an empty one. Not possible within a
/// transaction.
pub(crate) async fn copy_to(connection: &impl ConnectionTrait, to: &Path) -> Result<(), DbErr> {
    let path = to.to_str().ok_or_else(|| {
        DbErr::Custom("the path of the database is not UTF-8: no copy can be made".to_owned())
    })?;
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, "VACUUM INTO $1", [path.into()]);
    connection.execute_raw(statement).await.map(|_| ())
}

/// Lets readers and one writer of a SQLite file work at the same time. The mode is the file's
/// own and lasts; where it is set already this writes nothing.
pub(crate) async fn use_write_ahead_log(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = "PRAGMA main.journal_mode = wal";
    connection.execute_unprepared(sql).await.map(|_| ())
}

/// A path beside the file that is not taken yet: `site.sqlite3.before-adoption`, then
/// `….before-adoption-2` and so on.
pub(crate) fn free_path(database: &Path, suffix: &str) -> PathBuf {
    let first = with_suffix(database, suffix);
    if !first.exists() {
        return first;
    }
    (2..10_000u32)
        .map(|number| with_suffix(database, &format!("{suffix}-{number}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}
