//! [`Database`] and [`Transaction`]: statements on a pool that is reopened when the file is exchanged,
//! with dates in Django's form.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::address::Address;
use crate::changes::{AdvanceOnDrop, Changes, Generation, Target};
use crate::datetime::as_django;
use crate::derived::{DerivedState, WrittenIds};
use crate::error::{is_outdated_plan, needs_new_connections, with_advice};
use crate::limit::{REASON_LIMIT, StatementLimit, WAIT_LIMIT};
use crate::observe::{Observer, Timer};
use crate::pool::{Config, Pool};
use crate::sessions::{KnownSessions, try_to_connect};
use crate::sqlite_file::FileState;
use crate::transaction::AnyTransaction;
use crate::writing::may_write;

/// A database that pages read and write: a pool of connections, opened when first used.
///
/// Cheap to clone. All statements of the site pass through it: points in time are written as Django
/// writes them, and the pool is replaced after a SQLite file was deleted, exchanged, damaged or made
/// read-only under the running program.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

/// The connections of a pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Open connections.
    pub size: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Open connections that are in use.
    pub in_use: u32,
    /// The most connections that may be open.
    pub max: u32,
}

struct Inner {
    config: Config,
    limit: StatementLimit,
    sessions: Arc<KnownSessions>,
    changes: Arc<Changes>,
    derived: DerivedState,
    observer: Option<Arc<dyn Observer>>,
    open: Mutex<Option<OpenPool>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.changes.drop_watcher();
    }
}

struct OpenPool {
    pool: Pool,
    /// The file that the pool opened; `None` for a server.
    file: Option<FileState>,
}

impl Database {
    /// A database that is opened by its first statement.
    pub fn new(config: Config) -> Self {
        Self::with(config, None)
    }

    /// The same, with an observer of every statement.
    pub fn observed(config: Config, observer: Arc<dyn Observer>) -> Self {
        Self::with(config, Some(observer))
    }

    fn with(config: Config, observer: Option<Arc<dyn Observer>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                limit: StatementLimit::new(config.statement_limit),
                sessions: KnownSessions::new(&config.address),
                changes: Changes::new(),
                derived: DerivedState::default(),
                config,
                observer,
                open: Mutex::new(None),
            }),
        }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.inner.config.address
    }

    /// Starts a transaction; on SQLite one that may write from the start, so that it cannot
    /// fail half way for a lock.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let timer = self.timer("BEGIN");
        let transaction = self.with_pool(|pool| async move { pool.begin().await });
        Ok(Transaction {
            inner: timer.stop(transaction.await, |_| 0)?,
            database: Some(self.clone()),
            has_written: AtomicBool::new(false),
            written_ids: WrittenIds::default(),
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn derived_state(&self) -> &DerivedState {
        &self.inner.derived
    }

    /// The connections at this moment; `None` while none were asked for yet, or since they
    /// were closed.
    pub fn pool_status(&self) -> Option<PoolStatus> {
        let (size, idle) = self.lock().as_ref()?.pool.size_and_idle();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        Some(PoolStatus {
            size,
            idle,
            // `size` and `idle` are read one after the other: `idle` may be greater by now.
            in_use: size.saturating_sub(idle),
            max: self.inner.config.max_connections,
        })
    }

    /// The generation of the content, if it is known without waiting: see [`crate::changes`].
    pub fn known_generation(&self) -> Option<Generation> {
        self.inner.changes.known_generation()
    }

    /// The generation of the content, after a poll of the database if necessary; `None` if it cannot be
    /// known.
    pub async fn generation(&self) -> Option<Generation> {
        let target = Target {
            config: self.inner.config.clone(),
            sessions: Arc::clone(&self.inner.sessions),
        };
        self.inner.changes.generation(&target).await
    }

    /// Whether no commit was detected since that generation.
    pub fn is_current(&self, generation: Generation) -> bool {
        self.inner.changes.is_current(generation)
    }

    /// Lets the generation be known again only by a poll that begins from now on. For whoever has given
    /// out what was read from the database without its generation: what is given out for a
    /// generation that is known afterwards is not older.
    pub fn expire_polls(&self) {
        self.inner.changes.expire_polls();
    }

    /// Closes the connections and waits until they are closed.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.inner.derived.stop().await;
        self.inner.changes.stop().await;
        let open = self.lock().take();
        match open {
            Some(open) => open.pool.close().await,
            None => Ok(()),
        }
    }

    fn timer(&self, sql: &str) -> Timer<'_> {
        Timer::start(self.inner.observer.as_ref(), sql)
    }

    /// A statement outside of a transaction commits at its end: if it may write, it starts a new
    /// generation then.
    fn advance_if_writing(&self, sql: &str) -> Option<AdvanceOnDrop> {
        may_write(sql).then(|| self.inner.changes.advance_on_drop())
    }

    /// Runs a question on the current pool, within the limit on time.
    async fn with_pool<T, F>(&self, ask: impl FnOnce(Pool) -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let answer = async { ask(self.pool().await?).await };
        let answer = self.inner.limit.within(WAIT_LIMIT, answer);
        self.with_reason(answer.await).await
    }

    /// Runs a statement on the current pool. One that PostgreSQL did not run because of an outdated
    /// plan is run again on new connections, which prepare it anew.
    async fn run<T, F>(
        &self,
        statement: Statement,
        ask: impl Fn(Pool, Statement) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let again = (statement.db_backend == DbBackend::Postgres).then(|| statement.clone());
        let answer = self.with_pool(|pool| ask(pool, statement)).await;
        match (answer, again) {
            (Err(error), Some(statement)) if is_outdated_plan(&error) => {
                self.with_pool(|pool| ask(pool, statement)).await
            }
            (answer, _) => answer,
        }
    }

    /// The pool for the file that is there now, or for the sessions as they are now known to be.
    async fn pool(&self) -> Result<Pool, DbErr> {
        let Inner {
            config,
            limit,
            sessions: known,
            ..
        } = &*self.inner;
        let file = match &config.address {
            Address::Sqlite(path) => Some(FileState::of(path).map_err(file_error)?),
            Address::Postgres(_) => None,
        };
        // The lock is taken after the last `await`: it is a blocking one.
        let sessions = known.get(&config.address).await?;
        let mut open = self.lock();
        let is_current = |open: &&OpenPool| open.file == file && open.pool.sessions() == sessions;
        if let Some(open) = open.as_ref().filter(is_current) {
            return Ok(open.pool.clone());
        }
        // Statements on the former pool go on: each holds a clone of it.
        let pool = Pool::for_pages(config, limit.duration(), sessions, known);
        *open = Some(OpenPool {
            pool: pool.clone(),
            file,
        });
        Ok(pool)
    }

    /// Gives an error its reason. The pool only says that it got no connection in time; a connection
    /// of our own, tried now, says why.
    async fn with_reason<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        match self.renew_after(answer) {
            Err(error @ DbErr::ConnectionAcquire(_)) => {
                let reason = try_to_connect(self.address(), REASON_LIMIT).await;
                Err(reason.err().unwrap_or(error))
            }
            answer => answer.map_err(with_advice),
        }
    }

    /// Drops the pool after an error that would last in its connections, so that the next statement
    /// opens a new one.
    fn renew_after<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &answer {
            if needs_new_connections(error) {
                self.lock().take();
                self.inner.changes.reconnect();
            }
            self.inner.sessions.learn_from(error, self.address());
        }
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<OpenPool>> {
        // A poisoned lock is taken anyway: the value is replaced as a whole, and cannot be half changed.
        self.inner
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Database")
            .field(self.address())
            .finish()
    }
}

#[async_trait]
impl ConnectionTrait for Database {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.config.address.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = as_django(statement);
        let _change = self.advance_if_writing(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.run(statement, |pool, statement| async move {
            pool.execute_raw(statement).await
        });
        timer.stop(answer.await, ExecResult::rows_affected)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _change = self.advance_if_writing(sql);
        let timer = self.timer(sql);
        let answer = self.with_pool(|pool| async move { pool.execute_unprepared(sql).await });
        timer.stop(answer.await, ExecResult::rows_affected)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let statement = as_django(statement);
        let _change = self.advance_if_writing(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.run(statement, |pool, statement| async move {
            pool.query_one_raw(statement).await
        });
        timer.stop(answer.await, |row| row.is_some().into())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = as_django(statement);
        let _change = self.advance_if_writing(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.run(statement, |pool, statement| async move {
            pool.query_all_raw(statement).await
        });
        timer.stop(answer.await, |rows| rows.len() as u64)
    }
}

/// A transaction; dropped without [`Transaction::commit`] it leaves nothing behind.
#[derive(Debug)]
pub struct Transaction {
    inner: AnyTransaction,
    /// Where it was begun; `None` for a transaction of long work.
    database: Option<Database>,
    /// Whether one of its statements may have written.
    has_written: AtomicBool,
    /// What it has written of the rows that derived tables are made from.
    written_ids: WrittenIds,
}

impl Transaction {
    /// One that belongs to no [`Database`].
    pub(crate) fn alone(transaction: AnyTransaction) -> Self {
        Self {
            inner: transaction,
            database: None,
            has_written: AtomicBool::new(false),
            written_ids: WrittenIds::default(),
        }
    }

    pub(crate) fn written_ids(&self) -> &WrittenIds {
        &self.written_ids
    }

    /// Commits. On an error nothing is committed.
    pub async fn commit(self) -> Result<(), DbErr> {
        if let Some(database) = &self.database {
            let Inner {
                config, derived, ..
            } = &*database.inner;
            let written = &self.written_ids;
            let refreshed = written.refresh(&self.inner, config.derived, derived);
            self.note_error(self.within(refreshed).await)?;
        }
        let Self {
            inner,
            database,
            has_written,
            ..
        } = self;
        let writer = database.as_ref().filter(|_| has_written.into_inner());
        let _change = writer.map(|database| database.inner.changes.advance_on_drop());
        let timer = Timer::start(observer_of(database.as_ref()), "COMMIT");
        let answer = inner.commit().await;
        timer.stop(note_error(database.as_ref(), answer), |()| 0)
    }

    /// Undoes everything since the start, and waits until that is done.
    pub async fn rollback(self) -> Result<(), DbErr> {
        let Self {
            inner, database, ..
        } = self;
        let timer = Timer::start(observer_of(database.as_ref()), "ROLLBACK");
        timer.stop(inner.rollback().await, |()| 0)
    }

    fn timer(&self, sql: &str) -> Timer<'_> {
        Timer::start(observer_of(self.database.as_ref()), sql)
    }

    /// Remembers for the commit whether a statement may write.
    fn note(&self, sql: &str) {
        if may_write(sql) {
            self.has_written.store(true, Ordering::Relaxed);
        }
    }

    /// Runs a statement of the transaction within the limit on time.
    async fn within<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        // The deadline counts for each statement, not for the transaction.
        self.inner.restart_deadline();
        match &self.database {
            Some(database) => database.inner.limit.within(Duration::ZERO, answer).await,
            None => answer.await,
        }
    }

    fn note_error<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        note_error(self.database.as_ref(), answer)
    }
}

fn observer_of(database: Option<&Database>) -> Option<&Arc<dyn Observer>> {
    database.and_then(|database| database.inner.observer.as_ref())
}

fn note_error<T>(database: Option<&Database>, answer: Result<T, DbErr>) -> Result<T, DbErr> {
    match database {
        Some(database) => database.renew_after(answer),
        None => answer,
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let statement = as_django(statement);
        self.note(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.within(self.inner.execute_raw(statement));
        timer.stop(self.note_error(answer.await), ExecResult::rows_affected)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.note(sql);
        let timer = self.timer(sql);
        let answer = self.within(self.inner.execute_unprepared(sql));
        timer.stop(self.note_error(answer.await), ExecResult::rows_affected)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let statement = as_django(statement);
        self.note(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.within(self.inner.query_one_raw(statement));
        timer.stop(self.note_error(answer.await), |row| row.is_some().into())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = as_django(statement);
        self.note(&statement.sql);
        let timer = self.timer(&statement.sql);
        let answer = self.within(self.inner.query_all_raw(statement));
        timer.stop(self.note_error(answer.await), |rows| rows.len() as u64)
    }
}

/// Starts a transaction that may write from its first statement.
pub(crate) async fn begin(pool: impl Into<Pool>) -> Result<Transaction, DbErr> {
    pool.into().begin().await.map(Transaction::alone)
}

/// Starts a transaction on SQLite that locks nothing until it reads or writes.
pub(crate) async fn begin_deferred(pool: &DatabaseConnection) -> Result<Transaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        ..TransactionOptions::default()
    };
    let transaction = pool.begin_with_options(options).await?;
    Ok(Transaction::alone(AnyTransaction::Own(transaction)))
}

fn file_error(error: std::io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Io(error))))
}
