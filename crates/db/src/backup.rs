//! Backups: the whole database in one file, checked, and back again.
//!
//! Each kind of database has its own form of file, so that neither needs this program to be of
//! use: SQLite's is a SQLite database, PostgreSQL's a script that `psql` runs. Both end with a
//! line that holds the checksum of all before it. `backup` reads its finished file by the checks of
//! [`restore`], so that a backup which is reported as made can be restored.
//!
//! The statements of a backup are parsed by a grammar and never executed as they stand: the file may
//! come from elsewhere. `backup` leaves out what the grammar does not know, and reports it.

mod error;
mod failure;
mod file;
pub(crate) mod grammar;
mod postgres;
mod script;
mod sqlite;
mod subject;

use std::path::Path;

use sea_orm::DbBackend;

pub use self::error::{Error, FormerDatabase};
use self::file::Kind;
pub use self::file::is_sqlite;
pub use self::subject::{Contents, Progress, RestoreReport, Subject};
use crate::address::Address;
pub use crate::new_file::Existing;

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
) -> Result<RestoreReport, Error> {
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
