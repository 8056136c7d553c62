//! The connections of pages to a SQLite file.
//!
//! The driver runs each connection in a thread of its own; to hand something over to it and back costs
//! as much as a short statement. The driver's own pool does that again for each connection that is
//! given back, to ask whether it still answers, and tells the deadline of a statement only to a thread. So
//! the connections are kept here: a statement is one hand-over, and its deadline is a number that is
//! stored.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Sqlite,
};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement,
};
use sea_query_sqlx::SqlxValues;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{exec_error, query_error};
use crate::limit::{Deadline, WAIT_LIMIT, limit_sqlite};

/// The connections; clones share them.
#[derive(Clone)]
pub(crate) struct FilePool(Arc<Inner>);

struct Inner {
    options: SqliteConnectOptions,
    limit: Option<Duration>,
    /// The open connections that are not in use, the last one used at the end.
    idle: Mutex<Vec<Opened>>,
    /// A permit for each connection that may be in use.
    permits: Arc<Semaphore>,
    most: u32,
}

/// An open connection.
struct Opened {
    connection: SqliteConnection,
    /// The deadline of its current statement; `None` if statements have no limit.
    deadline: Option<Deadline>,
}

/// A connection that is in use. If it is dropped before [`Place::finish`], its statement is ended and its
/// transaction rolled back, and only then is it idle.
struct Place {
    pool: Arc<Inner>,
    /// `None` once it was given back.
    opened: Option<Opened>,
    permit: Option<OwnedSemaphorePermit>,
}

/// A transaction; dropped, it is rolled back.
pub(crate) struct FileTransaction {
    place: tokio::sync::Mutex<Place>,
    deadline: Option<Deadline>,
}

impl FilePool {
    /// So many connections at most, with a limit on each of their statements.
    pub(crate) fn new(options: &SqliteConnectOptions, most: u32, limit: Option<Duration>) -> Self {
        let most = most.max(1);
        Self(Arc::new(Inner {
            options: options.clone(),
            limit,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX))),
            most,
        }))
    }

    /// How many connections are open, and how many of them are idle.
    pub(crate) fn size_and_idle(&self) -> (u32, usize) {
        let idle = self.0.lock().len();
        let free = u32::try_from(self.0.permits.available_permits()).unwrap_or(u32::MAX);
        let in_use = self.0.most.saturating_sub(free);
        (in_use + u32::try_from(idle).unwrap_or(u32::MAX), idle)
    }

    /// Begins a transaction.
    pub(crate) async fn begin(
        &self,
        mode: SqliteTransactionMode,
    ) -> Result<FileTransaction, DbErr> {
        let mut place = self.take().await?;
        let sql = match mode {
            SqliteTransactionMode::Deferred => "BEGIN",
            SqliteTransactionMode::Immediate => "BEGIN IMMEDIATE",
            SqliteTransactionMode::Exclusive => "BEGIN EXCLUSIVE",
        };
        let begun = place.connection()?.execute(sql).await;
        begun.map_err(query_error)?;
        let deadline = place
            .opened
            .as_ref()
            .and_then(|opened| opened.deadline.clone());
        Ok(FileTransaction {
            place: tokio::sync::Mutex::new(place),
            deadline,
        })
    }

    /// Closes the connections and waits until they are closed, those in use included.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        let all = self.0.permits.acquire_many(self.0.most).await;
        let idle = std::mem::take(&mut *self.0.lock());
        for opened in idle {
            opened.connection.close().await.map_err(query_error)?;
        }
        self.0.permits.close();
        drop(all);
        Ok(())
    }

    /// Takes an idle connection or opens one, and starts the time of its next statement.
    async fn take(&self) -> Result<Place, DbErr> {
        let permit = timeout(WAIT_LIMIT, Arc::clone(&self.0.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let closed = |_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        let permit = permit.map_err(closed)?;
        let idle = self.0.lock().pop();
        let opened = match idle {
            Some(opened) => opened,
            None => self.0.open().await?,
        };
        if let Some(deadline) = &opened.deadline {
            deadline.restart();
        }
        Ok(Place {
            pool: Arc::clone(&self.0),
            opened: Some(opened),
            permit: Some(permit),
        })
    }
}

/// Lets other tasks run each time the future is woken, before it is polled. The thread of a connection
/// hands over row by row: whoever polls at once takes one row, waits, and has to be woken for the next.
async fn with_pauses<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        let mut is_polled = false;
        let output = poll_fn(|context| {
            if is_polled {
                return Poll::Ready(None);
            }
            is_polled = true;
            future.as_mut().poll(context).map(Some)
        });
        match output.await {
            Some(output) => return output,
            None => yield_now().await,
        }
    }
}

impl Inner {
    async fn open(&self) -> Result<Opened, DbErr> {
        let deadline = self.limit.map(Deadline::new);
        let open = async {
            let mut connection = self.options.connect().await?;
            if let Some(deadline) = &deadline {
                limit_sqlite(&mut connection, deadline.clone()).await?;
            }
            Ok(connection)
        };
        let opened = timeout(WAIT_LIMIT, open).await;
        let opened = opened.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let failed = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
        Ok(Opened {
            connection: opened.map_err(failed)?,
            deadline,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Opened>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn connection(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        let opened = self.opened.as_mut().map(|opened| &mut opened.connection);
        opened.ok_or(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))
    }

    /// Gives the connection back after its statement has ended. One whose thread is gone is dropped.
    fn finish<T>(mut self, answer: &Result<T, DbErr>) {
        if let Some(opened) = self.opened.take()
            && !answer.as_ref().is_err_and(is_crash)
        {
            self.pool.lock().push(opened);
        }
    }

    async fn execute(&mut self, statement: &Statement) -> Result<ExecResult, DbErr> {
        let done = query(statement).execute(self.connection()?).await;
        done.map(ExecResult::from).map_err(exec_error)
    }

    async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.connection()?.execute(AssertSqlSafe(sql)).await;
        done.map(ExecResult::from).map_err(exec_error)
    }

    async fn query_one(&mut self, statement: &Statement) -> Result<Option<QueryResult>, DbErr> {
        let row = query(statement).fetch_optional(self.connection()?).await;
        Ok(row.map_err(query_error)?.map(QueryResult::from))
    }

    async fn query_all(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = query(statement).fetch_all(self.connection()?);
        let rows = with_pauses(rows).await.map_err(query_error)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

fn query(statement: &Statement) -> Query<'_, Sqlite, SqlxValues> {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| sea_orm::sea_query::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(&*statement.sql), SqlxValues(values))
}

fn is_crash(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    matches!(**error, sqlx::Error::WorkerCrashed)
}

impl Drop for Place {
    fn drop(&mut self) {
        let (Some(mut opened), permit) = (self.opened.take(), self.permit.take()) else {
            return;
        };
        if let Some(deadline) = &opened.deadline {
            deadline.end();
        }
        // Without a runtime the connection is closed, which undoes everything as well.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let pool = Arc::clone(&self.pool);
        runtime.spawn(async move {
            // The thread answers after it has ended the statement. Until then the deadline stays in
            // the past, and a rollback does not ask for it.
            let answers = opened.connection.ping().await.is_ok();
            // Fails outside of a transaction, SQLite's own rollback after an error included.
            let _ = opened.connection.execute("ROLLBACK").await;
            if answers {
                pool.lock().push(opened);
            }
            drop(permit);
        });
    }
}

impl FileTransaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.end("COMMIT").await
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.end("ROLLBACK").await
    }

    async fn end(self, sql: &'static str) -> Result<(), DbErr> {
        let mut place = self.place.into_inner();
        let ended = place.connection()?.execute(sql).await.map_err(query_error);
        if ended.is_ok() {
            place.finish(&ended);
        }
        ended.map(|_| ())
    }

    /// Starts the time anew, for the next statement.
    pub(crate) fn restart_deadline(&self) {
        if let Some(deadline) = &self.deadline {
            deadline.restart();
        }
    }
}

#[async_trait]
impl ConnectionTrait for FilePool {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut place = self.take().await?;
        let answer = place.execute(&statement).await;
        place.finish(&answer);
        answer
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut place = self.take().await?;
        let answer = place.execute_unprepared(sql).await;
        place.finish(&answer);
        answer
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut place = self.take().await?;
        let answer = place.query_one(&statement).await;
        place.finish(&answer);
        answer
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut place = self.take().await?;
        let answer = place.query_all(&statement).await;
        place.finish(&answer);
        answer
    }
}

#[async_trait]
impl ConnectionTrait for FileTransaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.place.lock().await.execute(&statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.place.lock().await.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.place.lock().await.query_one(&statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.place.lock().await.query_all(&statement).await
    }
}

impl fmt::Debug for FilePool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, idle) = self.size_and_idle();
        formatter
            .debug_struct("FilePool")
            .field("size", &size)
            .field("idle", &idle)
            .finish()
    }
}

impl fmt::Debug for FileTransaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FileTransaction")
    }
}
