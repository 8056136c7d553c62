//! Failures inside a backup or a restore. The caller, who knows what was being done, turns them into
//! errors.

use std::io;
use std::path::Path;

use sea_orm::DbErr;

use super::error::Error;
use super::file;
use super::subject::Subject;

/// Why a part of the work failed.
#[derive(Debug)]
pub(super) enum Failure {
    Database(DbErr),
    File(io::Error),
    Other(Error),
}

impl Failure {
    pub(super) fn into_error(
        self,
        doing: &'static str,
        subject: Subject<'_>,
        path: &Path,
    ) -> Error {
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
