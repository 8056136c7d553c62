//! How connections are opened, with their limits on time: a pool for pages, a single connection for
//! long work.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx::pool::PoolConnectionMetadata;
use sea_orm::sqlx::postgres::{PgConnection, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, PgPool};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, IsolationLevel,
    QueryResult, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait as _,
};

use crate::address::Address;
use crate::file_pool::FilePool;
use crate::limit::{CONNECT_LIMIT, WAIT_LIMIT};
use crate::schema::DerivedTable;
use crate::sessions::{self, KnownSessions, Sessions, Setting, detect_sessions, mark};
use crate::shared::SharedTransaction;
use crate::transaction::AnyTransaction;

/// How long a migration or a backup waits for a lock of SQLite's that some other program holds.
const LONG_WAIT_LIMIT: Duration = Duration::from_secs(30);
/// A connection to a server that was idle for longer is pinged before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long a returned connection may take to answer a ping. It does not answer while it still runs the
/// statement of a dropped request, and never if the network has lost it.
const READY_LIMIT: Duration = Duration::from_secs(1);
/// Long work takes as long as it needs.
pub(crate) const NO_STATEMENT_LIMIT: Setting = ("statement_timeout", Cow::Borrowed("0"));

/// The settings of a database's connections.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is.
    pub address: Address,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
    /// The most connections held at once.
    pub max_connections: u32,
    /// How long the database may work on one statement; `None` for as long as it takes.
    pub statement_limit: Option<Duration>,
    /// The derived tables that pages use.
    pub derived: &'static [DerivedTable],
}

/// SQLite's `synchronous` pragma, as far as it is safe with a write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A commit is on the disk before it is answered.
    Full,
    /// A power cut may take the last commits, never the whole database.
    Normal,
}

/// The connections to a database, and how statements are sent over them.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    connections: Connections,
    /// `SET LOCAL` statements for each transaction, if sessions are shared; `None` if they are our own.
    shared: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
enum Connections {
    /// The connections of pages to a SQLite file.
    File(FilePool),
    /// All others.
    Driver(DatabaseConnection),
}

/// With sessions of our own.
impl From<DatabaseConnection> for Pool {
    fn from(connections: DatabaseConnection) -> Self {
        Self {
            connections: Connections::Driver(connections),
            shared: None,
        }
    }
}

impl From<&DatabaseConnection> for Pool {
    fn from(connections: &DatabaseConnection) -> Self {
        connections.clone().into()
    }
}

impl From<&Self> for Pool {
    fn from(pool: &Self) -> Self {
        pool.clone()
    }
}

impl Pool {
    /// The pool that pages use.
    pub(crate) fn for_pages(
        config: &Config,
        limit: Option<Duration>,
        sessions: Sessions,
        known: &Arc<KnownSessions>,
    ) -> Self {
        let Some(server) = config.address.server() else {
            let options = sqlite_options(config).busy_timeout(WAIT_LIMIT);
            return Self {
                connections: Connections::File(FilePool::new(
                    &options,
                    config.max_connections,
                    limit,
                )),
                shared: None,
            };
        };
        let settings = [
            (
                "statement_timeout",
                limit.unwrap_or_default().as_millis().to_string().into(),
            ),
            mark(),
            // Nobody here reads the server's warnings.
            ("client_min_messages", "error".into()),
        ];
        let options = sessions::options(server, sessions, &settings);
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(WAIT_LIMIT)
            .test_before_acquire(false)
            .before_acquire(|connection, used| Box::pin(is_alive(connection, used)))
            .after_release(|connection, _| Box::pin(is_ready(connection)));
        match sessions {
            Sessions::Own => {
                let (known, address) = (Arc::clone(known), config.address.clone());
                let pool = pool.after_connect(move |connection, _| {
                    let (known, address) = (Arc::clone(&known), address.clone());
                    Box::pin(async move { known.check_connection(connection, &address).await })
                });
                Self::own(pool.connect_lazy_with(options))
            }
            Sessions::Shared => Self::shared(pool.connect_lazy_with(options), &settings),
        }
    }

    /// One connection for long work, as [`single`], on sessions of either kind.
    pub(crate) async fn single(config: &Config, access: Access) -> Result<Self, DbErr> {
        let sessions = detect_sessions(&config.address, CONNECT_LIMIT).await?;
        let (Some(server), Sessions::Shared) = (config.address.server(), sessions) else {
            return Ok(single(config, access).into());
        };
        let settings = [NO_STATEMENT_LIMIT];
        let options = sessions::options(server, sessions, &settings);
        Ok(Self::shared(
            one_connection().connect_lazy_with(options),
            &settings,
        ))
    }

    fn own(pool: PgPool) -> Self {
        SqlxPostgresConnector::from_sqlx_postgres_pool(pool).into()
    }

    fn shared(pool: PgPool, settings: &[Setting]) -> Self {
        let set = |(name, value): &(_, _)| format!("; SET LOCAL {name} = '{value}'");
        Self {
            connections: Connections::Driver(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)),
            shared: Some(settings.iter().map(set).collect::<String>().into()),
        }
    }

    /// Which kind of sessions this pool was made for.
    pub(crate) fn sessions(&self) -> Sessions {
        match self.shared {
            None => Sessions::Own,
            Some(_) => Sessions::Shared,
        }
    }

    /// How many connections are open, and how many of them are idle.
    pub(crate) fn size_and_idle(&self) -> (u32, usize) {
        let connections = match &self.connections {
            Connections::File(file) => return file.size_and_idle(),
            Connections::Driver(connections) => connections,
        };
        if connections.get_database_backend() == DbBackend::Sqlite {
            let pool = connections.get_sqlite_connection_pool();
            return (pool.size(), pool.num_idle());
        }
        let pool = connections.get_postgres_connection_pool();
        (pool.size(), pool.num_idle())
    }

    /// Starts a transaction that may write from its first statement.
    pub(crate) async fn begin(&self) -> Result<AnyTransaction, DbErr> {
        // Explicitly, since a server may have a higher level as its default: then a transaction would
        // not see what others committed while it waited for a lock.
        self.begin_as(TransactionOptions {
            isolation_level: Some(IsolationLevel::ReadCommitted),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
    }

    /// Starts a read-only transaction on one snapshot, which keeps nobody from writing.
    pub(crate) async fn begin_snapshot(&self) -> Result<AnyTransaction, DbErr> {
        self.begin_as(TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        })
        .await
    }

    /// Begins a transaction with those of the options that the database supports.
    async fn begin_as(&self, options: TransactionOptions) -> Result<AnyTransaction, DbErr> {
        let connections = match &self.connections {
            Connections::File(file) => {
                let mode = options.sqlite_transaction_mode;
                let mode = mode.unwrap_or(SqliteTransactionMode::Deferred);
                // Boxed: the futures around it are nested as deeply as the compiler goes.
                let transaction = Box::pin(file.begin(mode)).await;
                return transaction.map(AnyTransaction::File);
            }
            Connections::Driver(connections) => connections.clone(),
        };
        let for_sqlite = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            ..options
        };
        if connections.get_database_backend() == DbBackend::Sqlite {
            let transaction = connections.begin_with_options(for_sqlite).await;
            return transaction.map(AnyTransaction::Own);
        }
        let shared = self.shared.clone();
        // In a task of its own, which finishes even if the caller's future is dropped. A `BEGIN` whose
        // future is dropped half way would leave the connection in a transaction that the driver does
        // not know of, and the next user's changes would never be committed.
        let begun = tokio::spawn(async move {
            match shared {
                None => {
                    let options = TransactionOptions {
                        sqlite_transaction_mode: None,
                        ..options
                    };
                    connections
                        .begin_with_options(options)
                        .await
                        .map(AnyTransaction::Own)
                }
                Some(set) => {
                    let pool = connections.get_postgres_connection_pool();
                    let sql = format!("{}{set}", begin_statement(options));
                    SharedTransaction::begin(pool, sql)
                        .await
                        .map(AnyTransaction::Shared)
                }
            }
        });
        // The task fails only if the runtime is shutting down.
        let ended = |error: tokio::task::JoinError| Err(DbErr::Custom(error.to_string()));
        begun.await.unwrap_or_else(ended)
    }

    /// Closes the connections and waits until they are closed.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        match self.connections {
            Connections::File(file) => file.close().await,
            Connections::Driver(connections) => connections.close().await,
        }
    }

    /// A transaction for a single statement if sessions are shared: the limits on time are set in it.
    async fn for_one_statement(&self) -> Result<Option<AnyTransaction>, DbErr> {
        match self.sessions() {
            Sessions::Own => Ok(None),
            Sessions::Shared => self.begin().await.map(Some),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let Some(transaction) = self.for_one_statement().await? else {
            return self.connections.execute_raw(statement).await;
        };
        let answer = transaction.execute_raw(statement).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let Some(transaction) = self.for_one_statement().await? else {
            return self.connections.execute_unprepared(sql).await;
        };
        let answer = transaction.execute_unprepared(sql).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(transaction) = self.for_one_statement().await? else {
            return self.connections.query_one_raw(statement).await;
        };
        let answer = transaction.query_one_raw(statement).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(transaction) = self.for_one_statement().await? else {
            return self.connections.query_all_raw(statement).await;
        };
        let answer = transaction.query_all_raw(statement).await?;
        transaction.commit().await?;
        Ok(answer)
    }
}

#[async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::File(file) => file.get_database_backend(),
            Self::Driver(connections) => connections.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::File(file) => file.execute_raw(statement).await,
            Self::Driver(connections) => connections.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::File(file) => file.execute_unprepared(sql).await,
            Self::Driver(connections) => connections.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::File(file) => file.query_one_raw(statement).await,
            Self::Driver(connections) => connections.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::File(file) => file.query_all_raw(statement).await,
            Self::Driver(connections) => connections.query_all_raw(statement).await,
        }
    }
}

/// What begins a transaction on PostgreSQL.
fn begin_statement(options: TransactionOptions) -> String {
    let mut sql = "BEGIN".to_owned();
    if let Some(level) = options.isolation_level {
        sql.push_str(&format!(" ISOLATION LEVEL {level}"));
    }
    if let Some(mode) = options.access_mode {
        sql.push_str(&format!(" {mode}"));
    }
    sql
}

/// Whether an idle connection can be used. It was pinged when it was returned; shortly afterwards
/// another ping is not worth a round trip for every statement.
async fn is_alive(
    connection: &mut PgConnection,
    used: PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    Ok(used.idle_for < TRUSTED_FOR || connection.ping().await.is_ok())
}

/// Whether a returned connection can be used again. One that does not answer would occupy a place in
/// the pool until the system's own timeout, many minutes later.
async fn is_ready(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let pinged = tokio::time::timeout(READY_LIMIT, connection.ping()).await;
    Ok(matches!(pinged, Ok(Ok(()))))
}

/// Without the journal mode: that belongs to the file, and a migration sets it once.
pub(crate) fn sqlite_options(config: &Config) -> SqliteConnectOptions {
    let Address::Sqlite(path) = &config.address else {
        return SqliteConnectOptions::new();
    };
    SqliteConnectOptions::new()
        .filename(path)
        // `sqlite_file::make_file` makes files: SQLite would make one that everybody may read.
        .create_if_missing(false)
        // CHECKs, defaults, indexes, views and triggers of the file may not call functions with side
        // effects: the file may come from somebody else.
        .pragma("trusted_schema", "OFF")
        .foreign_keys(true)
        .synchronous(match config.synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        })
        .disable_statement_logging()
}

/// How [`single`] opens a SQLite file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing is written, and a file that is not there is not made.
    ReadOnly,
    /// SQLite may write, at least to roll back what a killed program left in a journal.
    Recover,
}

/// One connection for long work, on a session of our own: no limit on statements, a longer wait for
/// locks, never replaced by another connection.
pub(crate) fn single(config: &Config, access: Access) -> DatabaseConnection {
    let Some(server) = config.address.server() else {
        return SqlxSqliteConnector::from_sqlx_sqlite_pool(
            SqlitePoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_lazy_with(
                    sqlite_options(config)
                        .busy_timeout(LONG_WAIT_LIMIT)
                        .pragma("cell_size_check", "ON")
                        .read_only(access == Access::ReadOnly),
                ),
        );
    };
    let settings = [NO_STATEMENT_LIMIT];
    let options = sessions::options(server, Sessions::Own, &settings);
    SqlxPostgresConnector::from_sqlx_postgres_pool(one_connection().connect_lazy_with(options))
}

/// A pool of one connection to a server that is never replaced by another.
fn one_connection() -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(LONG_WAIT_LIMIT)
        .idle_timeout(None)
        .max_lifetime(None)
}
