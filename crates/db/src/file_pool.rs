//! The connections of pages to a SQLite file.
//!
//! Each is a pool of the driver's with one connection, so that it is known which one a statement gets.
//! The driver's own choice among several is told to a callback alone, which reaches the deadline of the
//! connection only through its thread: that costs as much as a short statement.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions};
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, SqlxSqliteConnector, Statement, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::limit::{Deadline, WAIT_LIMIT, limit_sqlite};

/// The connections; clones share them.
#[derive(Clone)]
pub(crate) struct FilePool(Arc<Inner>);

struct Inner {
    members: Vec<Member>,
    /// The indices of the members that are not in use, the last one used at the end.
    idle: Mutex<Vec<usize>>,
    /// One permit for each index in `idle`.
    permits: Arc<Semaphore>,
}

/// One connection, which is opened when it is first used.
struct Member {
    connection: DatabaseConnection,
    /// The deadline of its current statement; `None` if statements have no limit.
    deadline: Option<Deadline>,
    /// Whether its last statement may still be running, although nobody waits for it any more.
    is_abandoned: AtomicBool,
}

/// A member that is in use. If it is dropped before [`Place::finish`], its statement is ended.
struct Place {
    pool: Arc<Inner>,
    index: usize,
    is_finished: bool,
    _permit: OwnedSemaphorePermit,
}

/// A transaction; dropped, it is rolled back.
pub(crate) struct FileTransaction {
    transaction: DatabaseTransaction,
    // Dropped after the transaction.
    place: Place,
}

impl FilePool {
    /// So many connections at most, with a limit on each of their statements.
    pub(crate) fn new(options: &SqliteConnectOptions, most: u32, limit: Option<Duration>) -> Self {
        let members: Vec<_> = (0..most.max(1))
            .map(|_| Member::new(options.clone(), limit))
            .collect();
        Self(Arc::new(Inner {
            idle: Mutex::new((0..members.len()).rev().collect()),
            permits: Arc::new(Semaphore::new(members.len())),
            members,
        }))
    }

    /// How many connections are open, and how many of them are idle.
    pub(crate) fn size_and_idle(&self) -> (u32, usize) {
        let pools = self.0.members.iter();
        let pools = pools.map(|member| member.connection.get_sqlite_connection_pool());
        pools.fold((0, 0), |(size, idle), pool| {
            (size + pool.size(), idle + pool.num_idle())
        })
    }

    /// Begins a transaction.
    pub(crate) async fn begin(
        &self,
        options: TransactionOptions,
    ) -> Result<FileTransaction, DbErr> {
        let place = self.take().await?;
        let connection = &place.member().connection;
        let transaction = connection.begin_with_options(options).await?;
        Ok(FileTransaction { transaction, place })
    }

    /// Closes the connections and waits until they are closed.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        for member in &self.0.members {
            member.connection.close_by_ref().await?;
        }
        Ok(())
    }

    /// Takes a member that is idle, and starts the time of its next statement.
    async fn take(&self) -> Result<Place, DbErr> {
        let permit = timeout(WAIT_LIMIT, Arc::clone(&self.0.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        };
        let place = Place {
            pool: Arc::clone(&self.0),
            index: self.0.take_idle(),
            is_finished: false,
            _permit: permit,
        };
        let member = place.member();
        if member.is_abandoned.load(Ordering::Acquire) {
            // The thread of the connection answers after it has ended the statement. Until then the
            // deadline stays in the past.
            let pinged = timeout(WAIT_LIMIT, member.connection.ping()).await;
            pinged.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))??;
            member.is_abandoned.store(false, Ordering::Release);
        }
        place.restart_deadline();
        Ok(place)
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
    /// Takes the index of an idle member, for whoever has a permit.
    fn take_idle(&self) -> usize {
        let mut idle = self.lock();
        // The driver takes a connection back in a task of its own, so that the last one used may not be
        // there yet. To wait for it is quicker than to open another.
        let ready = idle
            .iter()
            .rposition(|index| self.members[*index].is_ready());
        let place = ready.unwrap_or(idle.len().saturating_sub(1));
        // There are as many permits as indices.
        idle.remove(place)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    fn new(options: SqliteConnectOptions, limit: Option<Duration>) -> Self {
        let deadline = limit.map(Deadline::new);
        let watched = deadline.clone();
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT_LIMIT)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let watched = watched.clone();
                Box::pin(async move {
                    match watched {
                        Some(deadline) => limit_sqlite(connection, deadline).await,
                        None => Ok(()),
                    }
                })
            })
            .after_release(|connection, _| Box::pin(is_clean(connection)))
            .connect_lazy_with(options);
        Self {
            connection: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool),
            deadline,
            is_abandoned: AtomicBool::new(false),
        }
    }

    /// Whether it has an open connection that can be used at once.
    fn is_ready(&self) -> bool {
        let pool = self.connection.get_sqlite_connection_pool();
        pool.num_idle() > 0 && !self.is_abandoned.load(Ordering::Acquire)
    }
}

/// Whether a returned connection is outside of a transaction. SQLite itself rolls back when a write is
/// interrupted or the disk is full. The driver's own rollback then fails, and it would count the next
/// transaction on this connection as a nested one.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback that was requested by a drop is in the queue before this ping: wait for it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

impl Place {
    fn member(&self) -> &Member {
        &self.pool.members[self.index]
    }

    fn restart_deadline(&self) {
        if let Some(deadline) = &self.member().deadline {
            deadline.restart();
        }
    }

    /// Gives the member back after its statement has ended.
    fn finish(mut self) {
        self.is_finished = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_finished {
            let member = self.member();
            member.is_abandoned.store(true, Ordering::Release);
            if let Some(deadline) = &member.deadline {
                deadline.end();
            }
        }
        let mut idle = self.pool.lock();
        if self.is_finished {
            idle.push(self.index);
        } else {
            // Taken last, since whoever takes it has to wait.
            idle.insert(0, self.index);
        }
    }
}

impl FileTransaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.transaction.commit().await?;
        self.place.finish();
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await?;
        self.place.finish();
        Ok(())
    }

    /// Starts the time anew, for the next statement.
    pub(crate) fn restart_deadline(&self) {
        self.place.restart_deadline();
    }

    /// The transaction itself, for statements.
    pub(crate) fn statements(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

#[async_trait]
impl ConnectionTrait for FilePool {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let place = self.take().await?;
        let answer = place.member().connection.execute_raw(statement).await;
        place.finish();
        answer
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let place = self.take().await?;
        let answer = place.member().connection.execute_unprepared(sql).await;
        place.finish();
        answer
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let place = self.take().await?;
        let answer = place.member().connection.query_one_raw(statement).await;
        place.finish();
        answer
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let place = self.take().await?;
        let answer = place.member().connection.query_all_raw(statement);
        let answer = with_pauses(answer).await;
        place.finish();
        answer
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
        formatter
            .debug_tuple("FileTransaction")
            .field(&self.transaction)
            .finish()
    }
}
