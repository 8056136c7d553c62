//! SQLite files as files: identity, the lock of migrations, copies, new files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::new_file::{Existing, NewFile};
use crate::path::{FileIdentity, folder_of, with_suffix};

/// Which file connections were opened to, and whether it was writable: a connection that was opened
/// read-only stays so after the file has become writable again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileState {
    identity: FileIdentity,
    is_writable: bool,
}

impl FileState {
    /// Follows links; fails if there is no file. Permissions are asked by `access`, since opening and
    /// closing the file would drop SQLite's locks (see [`lock_folder`]).
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            identity: FileIdentity::of(path)?,
            is_writable: rustix::fs::access(path, Access::WRITE_OK).is_ok(),
        })
    }
}

/// Waits for the lock of migrations on a folder, which is held until the returned handle is dropped.
///
/// Without it a program could find the file between two steps of another: the copy is made, the
/// tables are not. The lock is on the folder, since a lock file would stay behind, and opening and
/// closing the database itself would drop the locks that SQLite holds on it in this process (POSIX
/// locks belong to the process, not to the handle).
pub(crate) async fn lock_folder(database: &Path) -> io::Result<File> {
    let folder = File::open(folder_of(database))?;
    tokio::task::spawn_blocking(move || folder.lock().map(|()| folder))
        .await
        .map_err(io::Error::other)?
}

/// Makes an empty database file that only its owner may read, unless there is a file. SQLite would make
/// one that everybody may read; its `-wal` and `-shm` files get the mode of the database.
pub(crate) fn make_file(database: &Path) -> io::Result<()> {
    match NewFile::begin(database, Existing::Keep).and_then(NewFile::finish) {
        // Another program was faster and made it in the same way: use that.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Begins a file for a copy of a database, with the permissions of the database at most. Its name will
/// be the database's with the suffix.
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
