//! Backups of SQLite: a database that is made anew from definitions of the grammar and rows, and
//! that SQLite checks.
//!
//! A database comes back within one transaction on the file that is there, so that every
//! program that has it open sees a commit like any other. Replacing the file would combine it with
//! the write-ahead log and the locks of the former one (`sqlite.org/howtocorrupt`, 1.4 and 2.4).
//! The file is replaced only if there is no database, or none that can be read.

mod attached;
mod checks;
mod definition;
mod kept;
mod rebuild;

use std::fs;
use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, DbErr};

use self::attached::{SOURCE, attach, close, config_of, tables, texts, value};
use self::checks::{NO_CHECKS, broken_checks, broken_checks_of, problems};
use self::definition::{Definition, OnUnknown};
use self::kept::{after_failure, keep_copy, keep_files};
use self::rebuild::{Proof, rebuild};
use super::error::{Error, FormerDatabase};
use super::failure::Failure;
use super::file::{self, Checksum, failed, refuse_database, verify_checksum};
use super::subject::{Contents, Progress, RestoreReport, Subject, needs_migration, report_phase};
use crate::address::Address;
use crate::connection::{Transaction, begin, begin_deferred};
use crate::error::{is_no_database, needs_recovery};
use crate::inspect::inspect;
use crate::names::quoted;
use crate::new_file::{Existing, NewFile, remove};
use crate::path::with_suffix;
use crate::pool::{Access, Config, single};
use crate::references;
use crate::schema::OwnTables;
use crate::sqlite_file::{lock_folder, use_write_ahead_log};

pub(super) async fn backup(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Contents, Error> {
    refuse_database(path, database)?;
    let mut new = file::begin(path, existing)?;
    let failed = |failure: Failure| failure.into_error("copy", subject, path);
    let copied = match copy(subject, Access::ReadOnly, &new, progress).await {
        Err(Failure::Database(error)) if needs_recovery(&error) => {
            copy(subject, Access::Recover, &new, progress).await
        }
        copied => copied,
    };
    let left_out = copied.map_err(failed)?.left_out;
    let broken = broken_checks_of(subject, new.path())
        .await
        .map_err(failed)?;
    file::append_checksum(&mut new).map_err(|source| file::failed("write", path, source))?;
    report_phase(progress, "checking the backup");
    let checked = check(subject, new.path()).await;
    let (mut contents, _) = checked.map_err(|error| match error {
        // The copy was just made: its damage is the database's.
        Error::Damaged { what, .. } => Error::Unsupported {
            address: subject.config.address.clone(),
            what,
        },
        error => error,
    })?;
    contents.faults.extend(broken);
    file::finish(new, path)?;
    Ok(Contents {
        left_out,
        ..contents
    })
}

/// Copies the database as it is at one moment.
async fn copy(
    subject: Subject<'_>,
    access: Access,
    new: &NewFile,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Definition, Failure> {
    let connection = single(subject.config, access);
    let found = inspect(&connection, subject.schema).await;
    close(connection).await;
    needs_migration(subject, &format!("the {}", subject.config.address), &found?)?;
    let source = Source {
        config: subject.config,
        access,
        unknown: OnUnknown::KeepRows,
    };
    build(subject, source, new, progress).await
}

/// The database that rows are copied from.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    config: &'a Config,
    access: Access,
    unknown: OnUnknown,
}

/// Makes a database in an empty file, of what another holds.
async fn build(
    subject: Subject<'_>,
    from: Source<'_>,
    new: &NewFile,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Definition, Failure> {
    let Address::Sqlite(path) = &from.config.address else {
        return Err(DbErr::Custom("this is no file".to_owned()).into());
    };
    let source = single(from.config, from.access);
    // SQLite attaches only databases of the same encoding. The page size is kept as it is.
    let form = async {
        let encoding: String = value(&source, "PRAGMA encoding").await?;
        let page_size: i64 = value(&source, "PRAGMA page_size").await?;
        Ok::<_, DbErr>((encoding, page_size))
    };
    let form = form.await;
    close(source).await;
    let (encoding, page_size) = form?;
    let encoding = ["UTF-8", "UTF-16le", "UTF-16be"]
        .into_iter()
        .find(|known| *known == encoding)
        .unwrap_or("UTF-8");
    let connection = single(&config_of(subject, new.path()), Access::Recover);
    let built = async {
        for sql in [
            &format!("PRAGMA main.page_size = {page_size}"),
            &format!("PRAGMA encoding = '{encoding}'"),
            // The file has no name until it is whole, and is removed on failure: neither a journal
            // nor waiting for the disk is needed.
            "PRAGMA main.journal_mode = memory",
            "PRAGMA main.synchronous = off",
            "PRAGMA foreign_keys = off",
            NO_CHECKS,
        ] {
            connection.execute_unprepared(sql).await?;
        }
        attach(&connection, path, from.access).await?;
        let transaction = begin_deferred(&connection).await?;
        let own = &subject.schema.own;
        let read = definition::read(&transaction, SOURCE, own, from.unknown).await;
        let definition = read.map_err(|error| refused(path, error))?;
        rebuild(&transaction, &definition, own, Proof::Counted, progress).await?;
        transaction.commit().await?;
        Ok(definition)
    };
    let built = built.await;
    close(connection).await;
    built
}

/// The error for a file whose definitions could not be read.
fn refused(path: &Path, error: definition::Error) -> Failure {
    match error {
        definition::Error::Database(error) => Failure::Database(error),
        definition::Error::Refused(what) => Failure::Other(Error::Damaged {
            path: path.to_owned(),
            what,
        }),
    }
}

/// Reads a backup, or any database of this program, to its end.
async fn check(subject: Subject<'_>, path: &Path) -> Result<(Contents, bool), Error> {
    let damaged = |what: String| Error::Damaged {
        path: path.to_owned(),
        what,
    };
    let checksum = verify_checksum(path)?;
    if checksum == Checksum::Invalid {
        return Err(damaged(
            "it has not the checksum that it ends with".to_owned(),
        ));
    }
    let connection = single(&config_of(subject, path), Access::ReadOnly);
    let checked = async {
        // A plain database without a checksum is accepted. SQLite would read the missing part of a
        // truncated last page as zeros, so the length is checked here.
        let length = fs::metadata(path)?.len();
        let page: i64 = value(&connection, "PRAGMA page_size").await?;
        if checksum == Checksum::Missing && !length.is_multiple_of(page.cast_unsigned()) {
            return Err(Failure::Other(damaged("it ends too early".to_owned())));
        }
        // CHECK expressions of the file must not be evaluated. Those that the grammar accepts are
        // checked after the rows were copied.
        connection.execute_unprepared(NO_CHECKS).await?;
        // Before any other query on the file: its definitions may be anything.
        let own = &subject.schema.own;
        let read = definition::read(&connection, "main", own, OnUnknown::Refuse).await;
        let definition = read.map_err(|error| refused(path, error))?;
        let found = inspect(&connection, subject.schema).await?;
        let needs_migration = needs_migration(subject, &path.display().to_string(), &found)?;
        // `quick_check` and not `integrity_check`: that would evaluate the file's index expressions.
        let problems = problems(&connection, "quick_check").await?;
        if !problems.is_empty() {
            return Err(Failure::Other(damaged(problems.join("; "))));
        }
        let orphans = references::orphans(&connection, subject.schema).await?;
        let mut contents = Contents {
            left_out: definition.left_out,
            faults: orphans.iter().map(ToString::to_string).collect(),
            ..Contents::default()
        };
        for table in definition.tables {
            let count = format!("SELECT count(*) FROM main.{}", quoted(&table.name));
            let rows: i64 = value(&connection, &count).await?;
            contents.tables += 1;
            contents.rows += rows.cast_unsigned();
        }
        Ok((contents, needs_migration))
    };
    let checked = checked.await;
    close(connection).await;
    checked.map_err(|failure| match failure {
        Failure::Database(error) if is_no_database(&error) => damaged(error.to_string()),
        Failure::Database(source) => Error::Database {
            doing: "read",
            address: Address::Sqlite(path.to_owned()),
            source,
        },
        failure => failure.into_error("read", subject, path),
    })
}

pub(super) async fn restore(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<RestoreReport, Error> {
    refuse_database(path, database)?;
    report_phase(progress, "checking the backup");
    let (mut contents, needs_migration) = check(subject, path).await?;
    // Locks and copies belong where the file is, not where a link to it is.
    let database = &database
        .canonicalize()
        .unwrap_or_else(|_| database.to_owned());
    let lock = lock_folder(database).await;
    let _lock = lock.map_err(|source| failed("work in the folder of", database, source))?;
    report_phase(progress, "restoring");
    let told = |failure: Failure| failure.into_error("restore", subject, database);
    let state = DatabaseState::of(subject, database).await.map_err(told)?;
    if existing == Existing::Keep && matches!(state, DatabaseState::Filled | DatabaseState::Damaged)
    {
        return Err(Error::NotEmpty(subject.config.address.clone()));
    }
    let done = match state {
        DatabaseState::Empty | DatabaseState::Filled => {
            exchange(subject, database, path, state, progress).await
        }
        DatabaseState::Missing | DatabaseState::Damaged => {
            put_in_place(subject, database, path, state, progress).await
        }
    };
    let Outcome { kept, broken } = done.map_err(told)?;
    contents.faults.extend(broken);
    Ok(RestoreReport {
        contents,
        kept: kept.map(FormerDatabase::File),
        needs_migration,
    })
}

/// What a successful exchange leaves.
struct Outcome {
    /// The copy of the former database.
    kept: Option<PathBuf>,
    /// The CHECK constraints that rows violate.
    broken: Vec<String>,
}

/// What is at the database's path before a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DatabaseState {
    /// No file.
    Missing,
    /// A database without a table.
    Empty,
    /// A database.
    Filled,
    /// A file that cannot be read as a database to its end.
    Damaged,
}

impl DatabaseState {
    async fn of(subject: Subject<'_>, database: &Path) -> Result<Self, Failure> {
        if !database.try_exists()? {
            return Ok(Self::Missing);
        }
        let connection = single(&config_of(subject, database), Access::Recover);
        let state = async {
            if texts(&connection, "PRAGMA integrity_check(1)").await? != ["ok"] {
                return Ok(Self::Damaged);
            }
            let tables = tables(&connection, "main").await?;
            Ok(if tables.is_empty() {
                Self::Empty
            } else {
                Self::Filled
            })
        };
        let state: Result<Self, DbErr> = state.await;
        close(connection).await;
        match state {
            Err(error) if is_no_database(&error) => Ok(Self::Damaged),
            state => Ok(state?),
        }
    }
}

/// Replaces tables and rows by those of the backup, in one transaction on the file that is there.
async fn exchange(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    state: DatabaseState,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Outcome, Failure> {
    let connection = single(&config_of(subject, database), Access::Recover);
    let mut kept = None;
    let exchanged = async {
        // Rows may refer to others that are copied later. SQLite ignores this pragma inside a
        // transaction.
        for sql in ["PRAGMA foreign_keys = OFF", NO_CHECKS] {
            connection.execute_unprepared(sql).await?;
        }
        attach(&connection, path, Access::ReadOnly).await?;
        let transaction = begin(&connection).await?;
        // The transaction holds the write lock: the copy is what the exchange will replace.
        if state == DatabaseState::Filled {
            kept = Some(keep_copy(subject, database).await?);
        }
        match exchange_tables(&transaction, path, &subject.schema.own, progress).await {
            Ok(broken) => {
                transaction.commit().await?;
                Ok(broken)
            }
            Err(failure) => {
                transaction.rollback().await?;
                Err(failure)
            }
        }
    };
    let exchanged: Result<Vec<String>, Failure> = exchanged.await;
    if exchanged.is_ok()
        && let Err(error) = use_write_ahead_log(&connection).await
    {
        tracing::warn!(%error, "the {} stays without a write-ahead log", subject.config.address);
    }
    close(connection).await;
    match (exchanged, kept) {
        (Ok(broken), kept) => Ok(Outcome { kept, broken }),
        (Err(failure), None) => Err(failure),
        (Err(failure), Some(kept)) => Err(after_failure(subject, database, kept, failure).await),
    }
}

/// Makes `main` a copy of the attached backup, and returns the CHECK constraints that its rows
/// violate. The definitions are read again, since the file may have been exchanged after the check.
async fn exchange_tables(
    transaction: &Transaction,
    path: &Path,
    own: &OwnTables,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Vec<String>, Failure> {
    let read = definition::read(transaction, SOURCE, own, OnUnknown::Refuse).await;
    let definition = read.map_err(|error| refused(path, error))?;
    rebuild(transaction, &definition, own, Proof::Compared, progress).await?;
    let problems = problems(transaction, "integrity_check").await?;
    if !problems.is_empty() {
        return Err(DbErr::Custom(problems.join("; ")).into());
    }
    Ok(broken_checks(transaction).await?)
}

/// Puts a new file in place, where there is no database that a transaction could change.
async fn put_in_place(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    state: DatabaseState,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Outcome, Failure> {
    let new = NewFile::begin(database, Existing::Replace)?;
    if state == DatabaseState::Damaged {
        new.open_to_those_of(database)?;
    }
    let source = Source {
        config: &config_of(subject, path),
        access: Access::ReadOnly,
        unknown: OnUnknown::Refuse,
    };
    build(subject, source, &new, progress).await?;
    check(subject, new.path()).await?;
    let broken = broken_checks_of(subject, new.path()).await?;
    let copy = single(&config_of(subject, new.path()), Access::Recover);
    let changed = use_write_ahead_log(&copy).await;
    close(copy).await;
    changed?;
    let kept = match state {
        DatabaseState::Damaged => Some(keep_files(database)?),
        _ => None,
    };
    // SQLite would apply a left-over journal or log to the new file. They are removed before the file
    // gets its name.
    for rest in ["-journal", "-wal", "-shm"] {
        remove(&with_suffix(database, rest))?;
    }
    new.finish()?;
    Ok(Outcome { kept, broken })
}
