//! What is backed up or restored, its progress and its result, for both kinds of databases.

use super::error::{Error, FormerDatabase};
use crate::inspect::Findings;
use crate::migrate::{Plan, Refusal, StartingPoint};
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

/// The progress of a backup or a restore.
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

/// What [`super::restore`] did.
#[derive(Debug)]
pub struct RestoreReport {
    /// What is in the database now.
    pub contents: Contents,
    /// Where the database is that was there before.
    pub kept: Option<FormerDatabase>,
    /// Whether a migration would still do or ask something, as when the backup is of an earlier release.
    pub needs_migration: bool,
}

/// Whether a migration would have something to do, or to ask, in a database that has to be one of this
/// program or of Django's: which of its tables are shown is no matter of a backup.
pub(super) fn needs_migration(
    subject: Subject<'_>,
    what: &str,
    found: &Findings,
) -> Result<bool, Error> {
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

/// Reports a phase in which nothing is counted.
pub(super) fn report_phase(progress: &mut (dyn FnMut(Progress<'_>) + Send), doing: &str) {
    progress(Progress {
        doing,
        done: 0,
        total: 0,
    });
}
