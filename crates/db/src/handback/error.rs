//! Why a database is not handed back, in words for its owner.

use std::io;

use sea_orm::DbErr;

use crate::address::Address;

/// Why nothing was handed back. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be handed back as wanted.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The comparison after the carrying found a difference.
    #[error("the database was left as it was, since the proof failed: {0}")]
    Unproved(String),
    /// The database could not be opened, read or written.
    #[error("cannot {doing} the {address}")]
    Database {
        /// What was tried.
        doing: String,
        /// Where.
        address: Address,
        /// What the database answered.
        source: DbErr,
    },
    /// The file's folder could not be opened or locked.
    #[error("cannot work in the folder of the {address}")]
    File {
        /// Where.
        address: Address,
        /// What the system answered.
        source: io::Error,
    },
}

/// Why a database is not handed back.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// There is no database.
    #[error("there is no database: the {0} does not exist")]
    NoDatabase(Address),
    /// The database does not tell which tables the owner's code reads.
    #[error("the database does not tell whether your Django code reads {} or {}", list(.legacy), list(.present))]
    Ambiguous {
        /// The tables that were copied from.
        legacy: Vec<String>,
        /// The tables that they were copied to.
        present: Vec<String>,
    },
    /// No rows were copied, so that there are none to carry back.
    #[error(
        "no rows were copied when this program adopted the database, or they are back already: \
         there is nothing to carry"
    )]
    NothingCopied,
    /// A later release has added tables that this one does not know.
    #[error(
        "the database was migrated by a later release, to version {found} of the program's own \
         tables; this release knows {ours}. Hand it back with the later release"
    )]
    TooNew {
        /// The newest version that is applied.
        found: i64,
        /// The newest version that this program has.
        ours: i64,
    },
    /// The handback would lose or break something.
    #[error("the database cannot be handed back, and was left as it was:{}", lines(.0))]
    InTheWay(Vec<String>),
}

fn list(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn lines(problems: &[String]) -> String {
    let lines = problems.iter().map(|problem| format!("\n  - {problem}"));
    lines.collect()
}
