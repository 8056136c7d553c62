//! The observer of statements, for metrics and traces. It learns no values.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::DbErr;

/// Is told of each statement that goes through a [`crate::Database`] or a
/// [`crate::Transaction`], once, when it is over.
///
/// Called on the task of the statement, before the answer is returned: it must not block or query the
/// database.
pub trait Observer: fmt::Debug + Send + Sync {
    /// A statement is over.
    fn statement(&self, report: &StatementReport<'_>);
}

/// What is told of a statement.
#[derive(Debug)]
#[non_exhaustive]
pub struct StatementReport<'a> {
    /// Its text, with `$1` or `?` where the values go: they are never in here, unless somebody
    /// wrote them into the text. The start and the end of a transaction are `BEGIN`, `COMMIT`
    /// and `ROLLBACK`.
    pub sql: &'a str,
    /// How long it took, with the wait for a connection.
    pub duration: Duration,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// It was carried out, and so many rows were read or written.
    Done {
        /// None are counted for the start and the end of a transaction.
        rows: u64,
    },
    /// It failed, or there was no connection for it.
    Failed(&'a DbErr),
    /// The caller dropped the future: the visitor has left, or the request has timed out.
    Abandoned,
}

/// Measures one statement; does nothing without an observer.
pub(crate) struct Timer<'a>(Option<RunningTimer<'a>>);

struct RunningTimer<'a> {
    observer: &'a dyn Observer,
    sql: String,
    start: Instant,
}

impl<'a> Timer<'a> {
    pub(crate) fn start(observer: Option<&'a Arc<dyn Observer>>, sql: &str) -> Self {
        Self(observer.map(|observer| RunningTimer {
            observer: observer.as_ref(),
            sql: sql.to_owned(),
            start: Instant::now(),
        }))
    }

    /// Reports the statement, and returns its answer.
    pub(crate) fn stop<T>(
        mut self,
        answer: Result<T, DbErr>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T, DbErr> {
        if let Some(running) = self.0.take() {
            running.tell(match &answer {
                Ok(answer) => Outcome::Done { rows: rows(answer) },
                Err(error) => Outcome::Failed(error),
            });
        }
        answer
    }
}

/// A timer that is dropped running belonged to a future that was dropped.
impl Drop for Timer<'_> {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            running.tell(Outcome::Abandoned);
        }
    }
}

impl RunningTimer<'_> {
    fn tell(&self, outcome: Outcome<'_>) {
        self.observer.statement(&StatementReport {
            sql: &self.sql,
            duration: self.start.elapsed(),
            outcome,
        });
    }
}
