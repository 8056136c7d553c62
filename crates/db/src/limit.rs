//! The limit on the time of a page's statements. Long work has connections without a limit
//! (`crate::pool::single`).
//!
//! The database itself ends a statement that takes too long, so that it occupies neither a thread
//! nor a connection any longer:
//!
//! - SQLite asks us every so many of its operations whether to go on. Each statement has a
//!   [`Deadline`].
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

    /// A deadline for the statements of one transaction on SQLite.
    pub(crate) fn deadline(self) -> Option<Deadline> {
        self.limit.map(Deadline::new)
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

/// When a statement on SQLite is to end. Clones share the time.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    start: Instant,
    limit: Duration,
    /// Milliseconds from the start.
    end: Arc<AtomicU64>,
}

tokio::task_local! {
    /// The deadline of the transaction that this task is beginning. The pool tells only its callback
    /// which connection it has chosen, and the callback has no parameter to pass the deadline by.
    static TRANSACTION_DEADLINE: Deadline;
}

impl Deadline {
    fn new(limit: Duration) -> Self {
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

    fn is_over(&self) -> bool {
        self.start.elapsed().as_millis() > self.end.load(Ordering::Relaxed).into()
    }

    /// Begins a transaction whose connection will go by this deadline.
    pub(crate) async fn begin<T>(&self, transaction: impl Future<Output = T>) -> T {
        TRANSACTION_DEADLINE.scope(self.clone(), transaction).await
    }
}

/// Sets the deadline of a SQLite connection that was just taken from the pool.
pub(crate) async fn limit_sqlite(
    connection: &mut SqliteConnection,
    limit: Option<Duration>,
) -> Result<(), sqlx::Error> {
    let Some(limit) = limit else {
        return Ok(());
    };
    let deadline = TRANSACTION_DEADLINE
        .try_with(Clone::clone)
        .unwrap_or_else(|_| Deadline::new(limit));
    deadline.restart();
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(OPERATIONS, move || !deadline.is_over());
    Ok(())
}
