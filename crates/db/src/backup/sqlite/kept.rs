//! The copy of a database that a restore replaces. It is made before the exchange, and removed only if
//! the restore fails and the database is verified to be unchanged.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::Utc;

use super::attached::{SOURCE, attach, close, config_of, tables, texts, value};
use crate::backup::error::{Error, FormerDatabase};
use crate::backup::failure::Failure;
use crate::backup::subject::Subject;
use crate::names::quoted;
use crate::new_file::{Existing, NewFile, remove};
use crate::path::with_suffix;
use crate::pool::{Access, single};
use crate::sqlite_file::{begin_copy, copy_to, free_path};

/// Copies the last committed state to a file beside the database.
pub(super) async fn keep_copy(subject: Subject<'_>, database: &Path) -> Result<PathBuf, Failure> {
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

/// After a failed restore: removes the copy if the database is unchanged. Otherwise the copy stays, and
/// the error names it.
pub(super) async fn after_failure(
    subject: Subject<'_>,
    database: &Path,
    kept: PathBuf,
    failure: Failure,
) -> Failure {
    let is_as_before = is_same(subject, database, &kept).await;
    if is_as_before.unwrap_or(false) && remove(&kept).is_ok() {
        return failure;
    }
    Failure::Other(Error::HalfWay {
        kept: FormerDatabase::File(kept),
        source: Box::new(failure.into_error("restore", subject, database)),
    })
}

/// Whether a database holds what a copy of it holds: every definition, every row.
async fn is_same(subject: Subject<'_>, database: &Path, copy: &Path) -> Result<bool, Failure> {
    let connection = single(&config_of(subject, database), Access::Recover);
    let compared = async {
        attach(&connection, copy, Access::ReadOnly).await?;
        let differ = |select: &dyn Fn(&str) -> String| {
            let (main, source) = (select("main"), select(SOURCE));
            format!("SELECT EXISTS ({main} EXCEPT {source}) OR EXISTS ({source} EXCEPT {main})")
        };
        let definitions = differ(&|schema| {
            format!("SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master")
        });
        if value::<bool>(&connection, &definitions).await? {
            return Ok(false);
        }
        for table in tables(&connection, "main").await? {
            let table = quoted(&table);
            let rows = differ(&|schema| format!("SELECT * FROM {schema}.{table}"));
            let counts = format!(
                "SELECT (SELECT count(*) FROM main.{table}) <> (SELECT count(*) FROM {SOURCE}.{table})"
            );
            if value(&connection, &rows).await? || value(&connection, &counts).await? {
                return Ok(false);
            }
        }
        Ok(texts(&connection, "PRAGMA main.integrity_check(1)").await? == ["ok"])
    };
    let compared = compared.await;
    close(connection).await;
    compared
}

/// Gives an unreadable database, and the files that SQLite left beside it, a second name.
pub(super) fn keep_files(database: &Path) -> io::Result<PathBuf> {
    let kept = free_path(database, &before_restore());
    for rest in ["", "-journal", "-wal"] {
        let (from, to) = (with_suffix(database, rest), with_suffix(&kept, rest));
        if from.try_exists()? {
            // Not every file system has hard links.
            fs::hard_link(&from, &to).or_else(|_| copy_file(&from, &to))?;
        }
    }
    Ok(kept)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = NewFile::begin(to, Existing::Keep)?;
    copy.open_to_those_of(from)?;
    io::copy(&mut File::open(from)?, &mut copy.file)?;
    copy.finish().map(|_| ())
}
