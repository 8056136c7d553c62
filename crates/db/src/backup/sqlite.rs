//! Backups of SQLite: a copy of the database that SQLite itself makes and checks.
//!
//! A database comes back within one transaction on the file that is there, so that every
//! program that has it open sees a commit like any other. A file put in the place of another
//! would meet the write-ahead log and the locks of the former one (`sqlite.org/howtocorrupt`,
//! 1.4 and 2.4); that is done only where there is no database, or none that can be read.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Utc;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TryGetable};

use super::file::{Seal, check_seal, failed, refuse_database};
use super::{
    Contents, Error, Existing, Failure, Kept, Progress, Restored, Subject, file, plan_of, quoted,
    tell,
};
use crate::address::Address;
use crate::connection::{Transaction, begin};
use crate::error::{is_no_database, needs_recovery};
use crate::inspect::inspect;
use crate::migrate::Plan;
use crate::new_file::{NewFile, remove};
use crate::pool::{Access, Config, single};
use crate::sqlite_file::{
    begin_copy, copy_to, free_path, lock_folder, use_write_ahead_log, with_suffix,
};

/// How often it is told how far a copy is.
const TICK: Duration = Duration::from_millis(100);

pub(super) async fn backup(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Contents, Error> {
    refuse_database(path, database)?;
    let mut new = file::begin(path, existing)?;
    let failed = |failure: Failure| failure.told("copy", subject, path);
    let copied = match copy(subject, Access::ReadOnly, &new, progress).await {
        Err(Failure::Database(error)) if needs_recovery(&error) => {
            copy(subject, Access::Recover, &new, progress).await
        }
        copied => copied,
    };
    copied.map_err(failed)?;
    file::seal(&mut new).map_err(|source| file::failed("write", path, source))?;
    tell(progress, "checking the backup");
    let checked = check(subject, new.path()).await;
    let (contents, _) = checked.map_err(|error| match error {
        // What is wrong with the copy is wrong with the database.
        Error::Damaged { what, .. } => Error::Unsupported {
            address: subject.config.address.clone(),
            what,
        },
        error => error,
    })?;
    file::finish(new, path)?;
    Ok(contents)
}

/// Copies the database as it is at one moment.
async fn copy(
    subject: Subject<'_>,
    access: Access,
    new: &NewFile,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(), Failure> {
    let connection = single(subject.config, access);
    let copied = async {
        let found = inspect(&connection, subject.schema).await?;
        plan_of(subject, &format!("the {}", subject.config.address), &found)?;
        let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        let total: i64 = value(&connection, size).await?;
        let mut tell_size = || {
            progress(Progress {
                doing: "copying",
                done: fs::metadata(new.path()).map_or(0, |metadata| metadata.len()),
                total: total.cast_unsigned(),
            });
        };
        let mut copy = std::pin::pin!(copy_to(&connection, new.path()));
        let mut ticks = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                copied = &mut copy => return Ok(copied?),
                _ = ticks.tick() => tell_size(),
            }
        }
    };
    let copied = copied.await;
    close(connection).await;
    copied
}

/// Reads a backup, or any database of this program, to its end.
async fn check(subject: Subject<'_>, path: &Path) -> Result<(Contents, Plan), Error> {
    let damaged = |what: String| Error::Damaged {
        path: path.to_owned(),
        what,
    };
    let seal = check_seal(path)?;
    if seal == Seal::Broken {
        return Err(damaged(
            "it has not the checksum that it ends with".to_owned(),
        ));
    }
    let connection = single(&config_of(subject, path), Access::ReadOnly);
    let checked = async {
        // A database that no backup made has no checksum, and is as good. SQLite takes what is
        // missing of its last page for zeros.
        let length = fs::metadata(path)?.len();
        let page: i64 = value(&connection, "PRAGMA page_size").await?;
        if seal == Seal::None && !length.is_multiple_of(page.cast_unsigned()) {
            return Err(Failure::Other(damaged("it ends too early".to_owned())));
        }
        let found = inspect(&connection, subject.schema).await?;
        let plan = plan_of(subject, &path.display().to_string(), &found)?;
        let problems = problems(&connection).await?;
        if !problems.is_empty() {
            return Err(Failure::Other(damaged(problems.join("; "))));
        }
        let mut contents = Contents::default();
        for table in tables(&connection, "main").await? {
            let count = format!("SELECT count(*) FROM {}", quoted(&table));
            let rows: i64 = value(&connection, &count).await?;
            contents.tables += 1;
            contents.rows += rows.cast_unsigned();
        }
        Ok((contents, plan))
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
        failure => failure.told("read", subject, path),
    })
}

/// What SQLite finds wrong with the database: pages, indexes, and rows that point nowhere.
async fn problems(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut problems = texts(connection, "PRAGMA main.integrity_check(10)").await?;
    problems.retain(|line| line != "ok");
    let foreign_keys = "SELECT format('row %s of %s points to no row of %s', \
        \"rowid\", \"table\", \"parent\") FROM pragma_foreign_key_check LIMIT 10";
    problems.extend(texts(connection, foreign_keys).await?);
    let virtual_tables = "SELECT 'table ' || name || ' is virtual, and cannot be restored' \
        FROM main.sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'";
    problems.extend(texts(connection, virtual_tables).await?);
    Ok(problems)
}

pub(super) async fn restore(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Restored, Error> {
    refuse_database(path, database)?;
    tell(progress, "checking the backup");
    let (contents, plan) = check(subject, path).await?;
    // Locks and copies belong where the file is, not where a link to it is.
    let database = &database
        .canonicalize()
        .unwrap_or_else(|_| database.to_owned());
    let lock = lock_folder(database).await;
    let _lock = lock.map_err(|source| failed("work in the folder of", database, source))?;
    tell(progress, "restoring");
    let told = |failure: Failure| failure.told("restore", subject, database);
    let state = State::of(subject, database).await.map_err(told)?;
    if existing == Existing::Keep && matches!(state, State::Filled | State::Damaged) {
        return Err(Error::NotEmpty(subject.config.address.clone()));
    }
    let kept = match state {
        State::Empty | State::Filled => exchange(subject, database, path, state).await,
        State::Missing | State::Damaged => put_in_place(subject, database, path, state).await,
    };
    let kept = kept.map_err(told)?;
    Ok(Restored {
        contents,
        kept: kept.map(Kept::File),
        plan,
    })
}

/// What is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No file.
    Missing,
    /// A database without a table.
    Empty,
    /// A database.
    Filled,
    /// A file that cannot be read as a database to its end.
    Damaged,
}

impl State {
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

/// The rows and tables of the backup in the place of those that are there, in one transaction.
async fn exchange(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    state: State,
) -> Result<Option<PathBuf>, Failure> {
    let connection = single(&config_of(subject, database), Access::Recover);
    let exchanged = async {
        // Rows may point to others that are not there yet. Only outside of a transaction.
        connection
            .execute_unprepared("PRAGMA foreign_keys = OFF")
            .await?;
        attach(&connection, path).await?;
        let transaction = begin(&connection).await?;
        // From here on nobody else writes.
        let kept = match state {
            State::Filled => Some(keep_copy(subject, database).await?),
            _ => None,
        };
        let exchanged = match exchange_tables(&transaction).await {
            Ok(()) => transaction.commit().await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if let (Err(_), Some(kept)) = (&exchanged, &kept) {
            // The database is as it was, and needs no copy of itself.
            remove(kept)?;
        }
        exchanged?;
        Ok(kept)
    };
    let exchanged = exchanged.await;
    if exchanged.is_ok()
        && let Err(error) = use_write_ahead_log(&connection).await
    {
        tracing::warn!(%error, "the {} stays without a write-ahead log", subject.config.address);
    }
    close(connection).await;
    exchanged
}

/// Makes the backup known as `backup`, to be read alone: some statements mean every database
/// that is attached.
async fn attach(connection: &DatabaseConnection, path: &Path) -> Result<(), Failure> {
    let path = path.canonicalize()?;
    let path = percent_encode(path.as_os_str().as_bytes(), IN_URI);
    let uri = format!("file:{path}?mode=ro");
    let sql = "ATTACH DATABASE $1 AS backup";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [uri.into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}

/// What `sqlite.org/uri.html`, 3.1, wants to be escaped in a path.
const IN_URI: &AsciiSet = &CONTROLS.add(b' ').add(b'?').add(b'#').add(b'%');

/// A copy beside the database, of what was committed last.
async fn keep_copy(subject: Subject<'_>, database: &Path) -> Result<PathBuf, Failure> {
    let copy = begin_copy(database, &before_restore())?;
    let connection = single(&config_of(subject, database), Access::Recover);
    let copied = copy_to(&connection, copy.path()).await;
    close(connection).await;
    copied?;
    Ok(copy.finish()?)
}

fn before_restore() -> String {
    format!(".before-restore-{}", Utc::now().format("%Y%m%d-%H%M%S"))
}

/// Makes `main` what the attached `backup` is.
async fn exchange_tables(transaction: &Transaction) -> Result<(), Failure> {
    let run = async |sql: &str| transaction.execute_unprepared(sql).await.map(|_| ());
    let list = |schema: &str, what: &str| {
        format!(
            "SELECT {what} FROM {schema}.sqlite_master \
             WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL"
        )
    };
    let drop = "'DROP ' || type || ' IF EXISTS main.\"' || replace(name, '\"', '\"\"') || '\"'";
    let drops = list("main", drop) + " AND type IN ('view', 'table') ORDER BY type DESC";
    for sql in texts(transaction, &drops).await? {
        run(&sql).await?;
    }
    let creates = list("backup", "sql");
    for sql in texts(
        transaction,
        &(creates.clone() + " AND type = 'table' ORDER BY rowid"),
    )
    .await?
    {
        run(&sql).await?;
    }
    let names = tables(transaction, "backup").await?;
    for table in &names {
        copy_rows(transaction, table).await?;
    }
    let counters = "SELECT count(*) FROM backup.sqlite_master WHERE name = 'sqlite_sequence'";
    if value::<i64>(transaction, counters).await? > 0 {
        run("DELETE FROM main.sqlite_sequence").await?;
        run("INSERT INTO main.sqlite_sequence SELECT * FROM backup.sqlite_sequence").await?;
    }
    let rest = creates + " AND type <> 'table' ORDER BY type = 'trigger', rowid";
    for sql in texts(transaction, &rest).await? {
        run(&sql).await?;
    }
    for pragma in ["user_version", "application_id"] {
        let value: i64 = value(transaction, &format!("PRAGMA backup.{pragma}")).await?;
        run(&format!("PRAGMA main.{pragma} = {value}")).await?;
    }
    let problems = problems(transaction).await?;
    if !problems.is_empty() {
        return Err(DbErr::Custom(problems.join("; ")).into());
    }
    Ok(())
}

/// The rows of a table, and the proof that they are the same.
async fn copy_rows(transaction: &Transaction, table: &str) -> Result<(), Failure> {
    let columns = format!(
        "SELECT '\"' || replace(name, '\"', '\"\"') || '\"' FROM pragma_table_info('{}', 'backup')",
        table.replace('\'', "''")
    );
    let columns = texts(transaction, &columns).await?.join(", ");
    let table = quoted(table);
    let select = |schema| format!("SELECT {columns} FROM {schema}.{table}");
    let insert = format!("INSERT INTO main.{table} ({columns}) {}", select("backup"));
    transaction.execute_unprepared(&insert).await?;
    let differ = format!(
        "SELECT (SELECT count(*) FROM main.{table}) <> (SELECT count(*) FROM backup.{table}) \
         OR EXISTS ({} EXCEPT {})",
        select("backup"),
        select("main")
    );
    if value::<bool>(transaction, &differ).await? {
        return Err(DbErr::Custom(format!("the rows of {table} did not arrive")).into());
    }
    Ok(())
}

/// The backup as a file, where no database can be worked on.
async fn put_in_place(
    subject: Subject<'_>,
    database: &Path,
    path: &Path,
    state: State,
) -> Result<Option<PathBuf>, Failure> {
    let new = NewFile::begin(database, Existing::Replace)?;
    if state == State::Damaged {
        new.open_to_those_of(database)?;
    }
    let source = single(&config_of(subject, path), Access::ReadOnly);
    let copied = copy_to(&source, new.path()).await;
    close(source).await;
    copied?;
    check(subject, new.path()).await?;
    let copy = single(&config_of(subject, new.path()), Access::Recover);
    let changed = use_write_ahead_log(&copy).await;
    close(copy).await;
    changed?;
    let kept = match state {
        State::Damaged => Some(keep_files(database)?),
        _ => None,
    };
    for rest in ["-journal", "-wal", "-shm"] {
        remove(&with_suffix(database, rest))?;
    }
    new.finish()?;
    Ok(kept)
}

/// A second name for a file that cannot be read, and for what SQLite left beside it.
fn keep_files(database: &Path) -> io::Result<PathBuf> {
    let kept = free_path(database, &before_restore());
    for rest in ["", "-journal", "-wal"] {
        let (from, to) = (with_suffix(database, rest), with_suffix(&kept, rest));
        if from.try_exists()? {
            // Not every file system knows second names.
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()))?;
        }
    }
    Ok(kept)
}

/// The settings of the program, for another file.
fn config_of(subject: Subject<'_>, path: &Path) -> Config {
    Config {
        address: Address::Sqlite(path.to_owned()),
        ..subject.config.clone()
    }
}

/// The tables that are not SQLite's own.
async fn tables(connection: &impl ConnectionTrait, schema: &str) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT name FROM {schema}.sqlite_master \
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    );
    texts(connection, &sql).await
}

async fn texts(connection: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn value<T: TryGetable>(connection: &impl ConnectionTrait, sql: &str) -> Result<T, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?;
    row.try_get_by_index(0)
}

/// Waits for the connection's end, so that no file of ours is left beside the database.
async fn close(connection: DatabaseConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing the connection failed");
    }
}
