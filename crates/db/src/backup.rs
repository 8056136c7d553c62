//! Backups: the whole database in one file, checked, and back again.
//!
//! Each kind of database has its own form of file, so that neither needs this program to be of
//! use: SQLite's is a SQLite database, PostgreSQL's a script that `psql` runs. Both end with a
//! line that holds the checksum of all before it. A backup is called good when [`restore`]
//! would take it: both ask the same questions of it.
//!
//! What a backup says is read by a grammar, and never carried out as it stands: a file may come
//! from elsewhere. What the grammar does not know of a database, `backup` names and leaves out.

mod file;
mod grammar;
mod postgres;
mod script;
mod sqlite;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{DbBackend, DbErr};

use self::file::Kind;
pub use self::file::is_sqlite;
use crate::address::Address;
use crate::inspect::Found;
use crate::migrate::{Plan, Refusal, StartingPoint};
use crate::names::quoted;
pub use crate::new_file::Existing;
use crate::pool::Config;
use crate::schema::Schema;

/// A database, and who works with it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Where it is.
    pub config: &'a Config,
    /// What the program expects of it.
    pub schema: &'a Schema,
    /// The program's name and version, for whoever opens the file.
    pub program: &'a str,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being done, in two or three words.
    pub doing: &'a str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do; zero where nobody knows.
    pub total: u64,
}

/// What a backup holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// What is in the database or the backup and does not come along, such as `view sales`.
    pub left_out: Vec<String>,
    /// What is wrong with rows that come along as they are, each a clause: that they refer to
    /// nothing, or break a check.
    pub faults: Vec<String>,
}

/// What [`restore`] did.
#[derive(Debug)]
pub struct Restored {
    /// What is in the database now.
    pub contents: Contents,
    /// Where the database is that was there before.
    pub kept: Option<Kept>,
    /// Whether a migration would still do or ask something, as when the backup is of an earlier release.
    pub needs_migration: bool,
}

/// Where the former database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In a SQLite file.
    File(PathBuf),
    /// In a schema of the same PostgreSQL database.
    Schema(String),
}

/// Why there is no backup, or why nothing was restored. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file that was to be made is there already.
    #[error("there is a file already: {}", .0.display())]
    Exists(PathBuf),
    /// The file is the one that the program works on.
    #[error("{} belongs to the database itself", .0.display())]
    IsDatabase(PathBuf),
    /// The database to restore to holds something.
    #[error("the {0} is not empty")]
    NotEmpty(Address),
    /// A file of a kind that no backup has.
    #[error("{} is no backup: {what}", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A backup of the other kind of database.
    #[error(
        "{} is a backup of {}, and the database here is the {here}", path.display(), name(*of)
    )]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it is a backup of.
        of: DbBackend,
        /// Where it was to go.
        here: Address,
    },
    /// A file that has changed since it was made, or that ends too early.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// Something that holds nothing this program knows.
    #[error("{0} holds none of the tables that belong to this program")]
    Foreign(String),
    /// A database, in a backup or not, that this program cannot work with.
    #[error("{what} cannot be used")]
    Refused {
        /// Which.
        what: String,
        /// Why.
        source: Refusal,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The database could not be opened, read or written.
    #[error("cannot {doing} the {address}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// Where.
        address: Address,
        /// What the database answered.
        source: DbErr,
    },
    /// It could not be seen that the database is as it was: the copy of it stays.
    #[error("the database as it was is kept in {kept}")]
    HalfWay {
        /// Where.
        kept: Kept,
        /// Why nothing was restored.
        source: Box<Self>,
    },
    /// The database is not whole.
    #[error("the {address} cannot be backed up: {what}")]
    Unsupported {
        /// Where.
        address: Address,
        /// What it is.
        what: String,
    },
}

/// Writes the database as it is at one moment to a file, checks that, and only then gives it
/// its name. Others read and write meanwhile. Only the owner may read the file: it holds the
/// hashes of passwords, and sessions.
pub async fn backup(
    subject: Subject<'_>,
    file: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Contents, Error> {
    match &subject.config.address {
        Address::Sqlite(database) => {
            sqlite::backup(subject, database, file, existing, progress).await
        }
        Address::Postgres(_) => postgres::backup(subject, file, existing, progress).await,
    }
}

/// Puts what a backup holds in the place of what is there: all of it, or on failure nothing.
///
/// The file is read and checked to its end before anything else. A database that holds a table
/// is only replaced when that is wanted, and is kept beside the new one. Others may read and
/// write meanwhile; what they write before the exchange is in the database that is kept.
pub async fn restore(
    subject: Subject<'_>,
    file: &Path,
    existing: Existing,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Restored, Error> {
    let of = match file::kind(file)? {
        Kind::Sqlite => DbBackend::Sqlite,
        Kind::Script => DbBackend::Postgres,
    };
    match &subject.config.address {
        Address::Sqlite(database) if of == DbBackend::Sqlite => {
            sqlite::restore(subject, database, file, existing, progress).await
        }
        Address::Postgres(_) if of == DbBackend::Postgres => {
            postgres::restore(subject, file, existing, progress).await
        }
        here => Err(Error::OtherKind {
            path: file.to_owned(),
            of,
            here: here.clone(),
        }),
    }
}

/// Why something within did not succeed, before it is known what to say of it.
#[derive(Debug)]
enum Failure {
    Database(DbErr),
    File(io::Error),
    Other(Error),
}

impl Failure {
    fn told(self, doing: &'static str, subject: Subject<'_>, path: &Path) -> Error {
        match self {
            Self::Database(source) => Error::Database {
                doing,
                address: subject.config.address.clone(),
                source,
            },
            Self::File(source) => file::failed("write", path, source),
            Self::Other(error) => error,
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Whether a migration would have something to do, or to ask, in a database that has to be one of this
/// program or of Django's: which of its tables are shown is no matter of a backup.
fn needs_migration(subject: Subject<'_>, what: &str, found: &Found) -> Result<bool, Error> {
    match Plan::new(subject.schema, found) {
        Ok(plan) if plan.starting_point == StartingPoint::Nothing => {
            Err(Error::Foreign(what.to_owned()))
        }
        Ok(plan) => Ok(!plan.is_empty()),
        Err(Refusal::Foreign(_)) => Err(Error::Foreign(what.to_owned())),
        Err(source @ (Refusal::Unexpected(_) | Refusal::TooNew { .. })) => Err(Error::Refused {
            what: what.to_owned(),
            source,
        }),
        Err(_) => Ok(true),
    }
}

/// Tells how far it is, where nothing is counted.
fn tell(progress: &mut (dyn FnMut(Progress<'_>) + Send), doing: &str) {
    progress(Progress {
        doing,
        done: 0,
        total: 0,
    });
}

fn name(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "PostgreSQL",
        _ => "SQLite",
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "the file {}", path.display()),
            Self::Schema(name) => write!(formatter, "the schema {name}"),
        }
    }
}
