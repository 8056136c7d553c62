//! Backups of PostgreSQL: the server's own words for its tables, and the rows that `COPY` gives, read
//! in one snapshot.

mod definition;
mod session;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use sea_orm::DbErr;

use self::definition::Definition;
use self::session::Session;
use super::error::{Error, FormerDatabase};
use super::failure::Failure;
use super::file;
use super::grammar::postgres::{Destination, Script};
use super::grammar::shown;
use super::script::{self, Header, Part, Reader};
use super::subject::{Contents, Progress, RestoreReport, Subject, needs_migration, report_phase};
use crate::error::is_unavailable;
use crate::inspect::{Findings, inspect};
use crate::limit::CONNECT_LIMIT;
use crate::migrate::{ADVISORY_LOCK, Refusal};
use crate::names::quoted;
use crate::new_file::Existing;
use crate::pool::Config;
use crate::references;
use crate::sessions::{Sessions, detect_sessions};

pub(super) async fn backup(
    subject: Subject<'_>,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Contents, Error> {
    let mut new = file::begin(path, existing)?;
    let failed = |failure: Failure| failure.into_error("read", subject, path);
    let session = connect(subject.config).await.map_err(failed)?;
    let written = write(subject, &session, &new.file, progress).await;
    close(session).await;
    let written = written.map_err(failed)?;
    file::append_checksum(&mut new).map_err(|source| file::failed("write", path, source))?;
    report_phase(progress, "checking the backup");
    let (_, read) = script::check(new.path())?;
    if (read.tables, read.rows) != (written.tables, written.rows) {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what: "it does not hold what was written to it".to_owned(),
        });
    }
    file::finish(new, path)?;
    Ok(written)
}

/// Writes everything, as it is at one moment.
async fn write(
    subject: Subject<'_>,
    session: &Session,
    file: &File,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Contents, Failure> {
    let mut out = BufWriter::new(file);
    begin_snapshot(session).await?;
    let found = inspect(session, subject.schema).await?;
    needs_migration(subject, &format!("the {}", subject.config.address), &found)?;
    let definition = definition::read(session, &subject.schema.own).await?;
    let orphans = references::orphans(session, subject.schema).await?;
    let mut contents = Contents {
        tables: definition.tables.len() as u64,
        rows: 0,
        left_out: definition.left_out.clone(),
        faults: orphans.iter().map(ToString::to_string).collect(),
    };
    script::write_header(&mut out, &header(subject, session, &found).await?)?;
    let mut writer = Writer {
        out: &mut out,
        script: Script::default(),
        left_out: &mut contents.left_out,
    };
    let tables = write_tables(&mut writer, &definition)?;
    for (done, table) in (0..).zip(&tables) {
        progress(Progress {
            doing: &table.destination.table,
            done,
            total: tables.len() as u64,
        });
        contents.rows += write_rows(session, &mut writer, table).await?;
    }
    for sequence in &definition.sequences {
        let statement = definition::value_of(session, sequence).await?;
        writer.write(&statement, || format!("the value of {}", sequence.name))?;
    }
    for statement in &definition.constraints {
        let statement = definition::bearing(statement, &orphans);
        writer.write(&statement, || statement.to_string())?;
    }
    let left_out = std::mem::take(&mut writer.script.left_out);
    contents.left_out.extend(left_out);
    contents.tables = tables.len() as u64;
    script::write_end(&mut out)?;
    out.flush()?;
    Ok(contents)
}

/// Writes the definitions that the grammar knows.
struct Writer<'a, W> {
    out: &'a mut W,
    script: Script,
    left_out: &'a mut Vec<String>,
}

impl<W: io::Write> Writer<'_, W> {
    /// Returns whether the statement was written. Otherwise it is added to what was left out.
    fn write(&mut self, text: &str, what: impl FnOnce() -> String) -> Result<bool, Failure> {
        match self.script.statement(text) {
            Ok(Some(sql)) => {
                script::write_statement(self.out, &sql)?;
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(refusal) => {
                let what = shown(&what());
                self.left_out.push(format!("{what} ({refusal})"));
                Ok(false)
            }
        }
    }
}

/// A table whose rows are to be written.
struct Rows<'a> {
    destination: Destination,
    only: &'a str,
}

/// Writes the rows of a table, and counts them.
async fn write_rows<W: io::Write + Send>(
    session: &Session,
    writer: &mut Writer<'_, W>,
    table: &Rows<'_>,
) -> Result<u64, Failure> {
    let Rows { destination, only } = table;
    let from = format!("FROM {only} {}", quoted(&destination.table));
    let rows: i64 = session.value(&format!("SELECT count(*) {from}")).await?;
    let rows = rows.cast_unsigned();
    script::write_copy(writer.out, &destination.into, rows)?;
    // Unlike `COPY table`, `COPY (SELECT …)` also gives computed columns and the rows of partitions.
    let columns: Vec<String> = destination
        .columns
        .iter()
        .map(|name| quoted(name))
        .collect();
    let select = format!("COPY (SELECT {} {from}) TO STDOUT", columns.join(", "));
    session.copy_out(&select, writer.out).await?;
    script::write_end_of_rows(writer.out)?;
    Ok(rows)
}

/// Begins the transaction of a backup. The lock of migrations is taken before the snapshot: the server
/// tells definitions as they are now, and after a migration they would not fit the snapshot's rows.
async fn begin_snapshot(session: &Session) -> Result<(), Failure> {
    match session.sessions() {
        Sessions::Own => {
            let lock = format!("SELECT pg_advisory_lock_shared({ADVISORY_LOCK})");
            session.run(&lock).await?;
            session.begin(SNAPSHOT).await?;
        }
        // A session lock would stay with a session that the pooler gives to somebody else. A lock for
        // the transaction can only be tried after the snapshot is taken: while a migration holds it,
        // the snapshot is too old, and is taken again.
        Sessions::Shared => {
            let lock = format!("SELECT pg_try_advisory_xact_lock_shared({ADVISORY_LOCK})");
            session.begin(SNAPSHOT).await?;
            while !session.value::<bool>(&lock).await? {
                session.run("ROLLBACK").await?;
                tokio::time::sleep(BETWEEN_TRIES).await;
                session.begin(SNAPSHOT).await?;
            }
        }
    }
    for sql in [
        // A policy that would hide rows makes the backup fail instead of leaving them out.
        "SET LOCAL row_security = off",
        // The server writes names of this schema alone without a schema.
        "SELECT set_config('search_path', quote_ident(current_schema()), true)",
    ] {
        session.run(sql).await?;
    }
    Ok(())
}

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// How long a backup waits before it looks again whether a migration is over.
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

async fn header(
    subject: Subject<'_>,
    session: &Session,
    found: &Findings,
) -> Result<Header, Failure> {
    let version: String = session
        .value("SELECT current_setting('server_version')")
        .await?;
    let oldest = found.versions.iter().map(|(_, oldest)| *oldest).max();
    Ok(Header {
        made: format!("{} UTC, by {}", Utc::now().format("%F %T"), subject.program),
        from: format!("PostgreSQL {version}"),
        oldest_compatible: oldest.unwrap_or(0),
    })
}

/// Writes what has to be there before the rows, and tells whose rows there are.
fn write_tables<'a, W: io::Write>(
    writer: &mut Writer<'_, W>,
    definition: &'a Definition,
) -> Result<Vec<Rows<'a>>, Failure> {
    for setting in [
        "SET LOCAL client_encoding = 'UTF8'",
        "SET LOCAL standard_conforming_strings = on",
    ] {
        writer.write(setting, || setting.to_owned())?;
    }
    for sequence in &definition.sequences {
        if let Some(create) = &sequence.create {
            writer.write(create, || format!("sequence {}", sequence.name))?;
        }
    }
    let mut tables = Vec::new();
    for table in &definition.tables {
        if writer.write(&table.create, || format!("table {}", table.name))? {
            let destination = writer.script.copy_all(&table.name);
            let destination = destination.map_err(|refusal| DbErr::Custom(refusal.to_string()))?;
            tables.push(Rows {
                destination,
                only: &table.only,
            });
        }
    }
    for sequence in &definition.sequences {
        if let Some(own) = &sequence.own {
            writer.write(own, || format!("the owner of {}", sequence.name))?;
        }
    }
    Ok(tables)
}

pub(super) async fn restore(
    subject: Subject<'_>,
    path: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<RestoreReport, Error> {
    report_phase(progress, "checking the backup");
    let (header, contents) = script::check(path)?;
    refuse_newer(subject, path, &header)?;
    let failed = |failure: Failure| failure.into_error("restore", subject, path);
    let session = connect(subject.config).await.map_err(failed)?;
    let mut loading = |doing: &str, done| {
        progress(Progress {
            doing,
            done,
            total: contents.tables,
        });
    };
    let exchanged = exchange(subject, &session, path, existing, &mut loading).await;
    // On failure nothing is rolled back here: the end of the connection does it.
    close(session).await;
    let (needs_migration, kept, faults) = exchanged.map_err(failed)?;
    Ok(RestoreReport {
        contents: Contents { faults, ..contents },
        kept,
        needs_migration,
    })
}

fn refuse_newer(subject: Subject<'_>, path: &Path, header: &Header) -> Result<(), Error> {
    let versions = subject.schema.own.versions;
    let ours = versions.last().map_or(0, |version| version.number);
    if header.oldest_compatible > ours {
        return Err(Error::Refused {
            what: path.display().to_string(),
            source: Refusal::TooNew {
                oldest_compatible: header.oldest_compatible,
                ours,
            },
        });
    }
    Ok(())
}

/// Replaces the tables by those of the backup, in one transaction. Former tables move to a schema of
/// their own.
async fn exchange(
    subject: Subject<'_>,
    session: &Session,
    path: &Path,
    existing: Existing,
    loading: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<(bool, Option<FormerDatabase>, Vec<String>), Failure> {
    session
        .begin("BEGIN ISOLATION LEVEL READ COMMITTED")
        .await?;
    // No migration may run between looking at the tables and replacing them.
    let lock = format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})");
    session.run(&lock).await?;
    let former = definition::relations(session).await?;
    let kept = if former.is_empty() {
        load(session, path, loading).await?;
        None
    } else if existing == Existing::Keep {
        let address = subject.config.address.clone();
        return Err(Failure::Other(Error::NotEmpty(address)));
    } else {
        Some(load_beside(session, path, &former, loading).await?)
    };
    let found = inspect(session, subject.schema).await?;
    let needs_migration = needs_migration(subject, &path.display().to_string(), &found)?;
    let orphans = references::orphans(session, subject.schema).await?;
    session.run("COMMIT").await?;
    let faults = orphans.iter().map(ToString::to_string).collect();
    Ok((needs_migration, kept, faults))
}

/// Loads the backup into a new schema first, so that the tables in use are locked only while the two
/// sets of tables change places.
async fn load_beside(
    session: &Session,
    path: &Path,
    former: &[String],
    loading: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<FormerDatabase, Failure> {
    let place: String = session.value("SELECT current_schema()::text").await?;
    let (aside, beside) = schema_names(session).await?;
    session.run(&format!("CREATE SCHEMA {aside}")).await?;
    session.run(&format!("CREATE SCHEMA {beside}")).await?;
    let search = |schema: &str| format!("SET LOCAL search_path = {}", quoted(schema));
    session.run(&search(&beside)).await?;
    load(session, path, loading).await?;
    let new = definition::relations(session).await?;
    // From here to the commit, readers of the tables in use have to wait.
    move_away(session, former, &place, &aside).await?;
    move_all(session, &new, &beside, &place).await?;
    session.run(&search(&place)).await?;
    session.run(&format!("DROP SCHEMA {beside}")).await?;
    Ok(FormerDatabase::Schema(aside))
}

/// Names for the schema that keeps what was there, and for the one that is filled meanwhile.
async fn schema_names(session: &Session) -> Result<(String, String), Failure> {
    let now = Utc::now().format("%Y%m%d_%H%M%S");
    for number in 1..100 {
        let time = match number {
            1 => now.to_string(),
            number => format!("{now}_{number}"),
        };
        let aside = format!("before_restore_{time}");
        let sql = format!("SELECT to_regnamespace('{aside}') IS NULL");
        if session.value(&sql).await? {
            return Ok((aside, format!("restoring_{time}")));
        }
    }
    Err(DbErr::Custom(format!("there are too many schemas of {now}")).into())
}

/// Moves the tables in use to another schema, all or none.
///
/// A transaction that reads several tables may lock them in another order than we do, so that both
/// wait for each other. Before the server detects the deadlock and fails one of the two, our attempt
/// times out, releases its locks by a savepoint and is repeated.
async fn move_away(
    session: &Session,
    names: &[String],
    from: &str,
    to: &str,
) -> Result<(), Failure> {
    let limit = format!("SET LOCAL lock_timeout = '{LOCK_LIMIT_MS}ms'");
    session.run(&limit).await?;
    let mut attempts_left = LOCK_ATTEMPTS;
    loop {
        session.run("SAVEPOINT exchange").await?;
        attempts_left -= 1;
        match move_all(session, names, from, to).await {
            Err(error) if attempts_left > 0 && is_unavailable(&error) => {
                session.run("ROLLBACK TO SAVEPOINT exchange").await?;
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            }
            result => return Ok(result?),
        }
    }
}

/// How long one attempt waits for a lock. Everybody else waits behind it, and it must be well below
/// PostgreSQL's `deadlock_timeout` of a second.
const LOCK_LIMIT_MS: u32 = 200;

/// With the pauses, attempts go on for five seconds.
const LOCK_ATTEMPTS: u32 = 20;

/// The pause in which those who waited behind an attempt can finish.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

async fn move_all(session: &Session, names: &[String], from: &str, to: &str) -> Result<(), DbErr> {
    for name in names {
        let (name, from, to) = (quoted(name), quoted(from), quoted(to));
        let sql = format!("ALTER TABLE {from}.{name} SET SCHEMA {to}");
        session.run(&sql).await?;
    }
    Ok(())
}

/// Makes what a backup defines, in the schema in use, and fills it with the rows.
async fn load(
    session: &Session,
    path: &Path,
    loading: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<(), Failure> {
    let mut reader = Reader::open(path)?;
    let mut script = Script::default();
    let mut tables = 0;
    loop {
        match reader.next()? {
            Part::Statement(text) => match script.statement(text) {
                Ok(Some(sql)) => session.run(&sql).await?,
                Ok(None) => {}
                Err(refusal) => return Err(Failure::Other(reader.refused(&refusal))),
            },
            Part::Copy(into, rows) => {
                let copy = script.copy(into);
                let copy = copy.map_err(|refusal| reader.refused(&refusal))?;
                loading(&copy.table, tables);
                let copy = format!("COPY {} FROM STDIN", copy.into);
                let copied = session.copy_in(&copy, || reader.next_rows()).await?;
                if copied != rows {
                    return Err(Failure::Other(reader.unexpected()));
                }
                tables += 1;
            }
            Part::End => return Ok(()),
        }
    }
}

async fn connect(config: &Config) -> Result<Session, Failure> {
    let sessions = detect_sessions(&config.address, CONNECT_LIMIT).await?;
    match config.address.server() {
        Some(server) => Ok(Session::connect(server, sessions).await?),
        None => Err(DbErr::Custom("this is no server".to_owned()).into()),
    }
}

/// Ends the connection. A failure is only logged, since it changes nothing that was committed.
async fn close(session: Session) {
    if let Err(error) = session.close().await {
        tracing::debug!(%error, "closing the connection failed");
    }
}
