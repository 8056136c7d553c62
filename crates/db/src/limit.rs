//! The limit on the time of a page's statements. Long work has connections without a limit
//! (`crate::pool::single`).
//!
//! The database itself ends a statement that takes too long, so that it occupies neither a thread
//! nor a connection any longer:
//!
//! - SQLite asks us every so many of its operations whether to go on. Each connection has a
//!   [`Deadline`], which each statement starts anew.
//! - PostgreSQL has `statement_timeout`, set for the session or, where it is shared, for each
//!   transaction (`crate::sessions`).
//!
//! If the database does not end a statement, because it is gone or its disk hangs, we stop waiting a
//! little later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sqlx;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::{DbErr, RuntimeErr};

/// How long a statement waits for a lock that another holds, and a request for a connection.
pub(crate) const WAIT_LIMIT: Duration = Duration::from_millis(1_500);

/// How long the attempt to connect may take that finds out why the pool got no connection.
pub(crate) const REASON_LIMIT: Duration = Duration::from_millis(400);

/// How long a server may take to accept a connection for long work.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How many of SQLite's operations pass between two looks at the clock: a fraction of a
/// millisecond.
const OPERATIONS: i32 = 10_000;

/// How much longer than the limit we wait for the database to end a statement itself.
const GRACE: Duration = Duration::from_millis(500);

/// The limit on the statements of a database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatementLimit {
    limit: Option<Duration>,
}

impl StatementLimit {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self { limit }
    }

    /// The limit itself; `None` where there is none.
    pub(crate) fn duration(self) -> Option<Duration> {
        self.limit
    }

    /// Stops waiting for a statement that the database should have ended. `wait` is what the statement
    /// may spend waiting for a connection before.
    pub(crate) async fn within<T>(
        self,
        wait: Duration,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let Some(limit) = self.limit else {
            return answer.await;
        };
        let Ok(answer) = tokio::time::timeout(limit + wait + GRACE, answer).await else {
            let error = sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
            return Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))));
        };
        answer
    }
}

/// When the current statement of a connection to SQLite is to end. Clones share the time.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    start: Instant,
    limit: Duration,
    /// Milliseconds from the start.
    end: Arc<AtomicU64>,
}

impl Deadline {
    /// A deadline that is `limit` from now.
    pub(crate) fn new(limit: Duration) -> Self {
        let deadline = Self {
            start: Instant::now(),
            limit,
            end: Arc::default(),
        };
        deadline.restart();
        deadline
    }

    /// Starts the time anew, for the next statement.
    pub(crate) fn restart(&self) {
        let end = self.start.elapsed() + self.limit;
        let end = u64::try_from(end.as_millis()).unwrap_or(u64::MAX);
        self.end.store(end, Ordering::Relaxed);
    }

    /// Ends the current statement.
    pub(crate) fn end(&self) {
        self.end.store(0, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.start.elapsed().as_millis() > self.end.load(Ordering::Relaxed).into()
    }
}

/// Makes SQLite end the statements of a new connection that run beyond the deadline.
pub(crate) async fn limit_sqlite(
    connection: &mut SqliteConnection,
    deadline: Deadline,
) -> Result<(), sqlx::Error> {
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(OPERATIONS, move || !deadline.is_over());
    Ok(())
}
