//! Why there is no backup, or why nothing was restored.

use std::fmt;
use std::io;
use std::path::PathBuf;

use sea_orm::{DbBackend, DbErr};

use crate::address::Address;
use crate::migrate::Refusal;

/// Where the database is that a restore has replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormerDatabase {
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
        /// The backup or the database.
        what: String,
        /// The reason.
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
    /// A restore failed, and the database could not be verified to be unchanged: its copy is kept.
    #[error("the database as it was is kept in {kept}")]
    HalfWay {
        /// Where.
        kept: FormerDatabase,
        /// Why nothing was restored.
        source: Box<Self>,
    },
    /// The database itself is damaged.
    #[error("the {address} cannot be backed up: {what}")]
    Unsupported {
        /// Where.
        address: Address,
        /// What is damaged.
        what: String,
    },
}

fn name(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "PostgreSQL",
        _ => "SQLite",
    }
}

impl fmt::Display for FormerDatabase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "the file {}", path.display()),
            Self::Schema(name) => write!(formatter, "the schema {name}"),
        }
    }
}
