//! Failures on the way, which become errors where it is known what was being done.

use std::io;
use std::path::Path;

use sea_orm::DbErr;

use super::error::Error;
use super::file;
use super::subject::Subject;

/// Why something within did not succeed, before it is known what to say of it.
#[derive(Debug)]
pub(super) enum Failure {
    Database(DbErr),
    File(io::Error),
    Other(Error),
}

impl Failure {
    pub(super) fn told(self, doing: &'static str, subject: Subject<'_>, path: &Path) -> Error {
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
