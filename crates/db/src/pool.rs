//! How connections are opened, and how long they may take: a pool for pages, a single one for
//! long work.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnectionMetadata;
use sea_orm::sqlx::postgres::{PgConnection, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection as _};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector, SqlxSqliteConnector};

use crate::address::Address;
use crate::limit::{StatementLimit, limit_sqlite};

/// How long a statement waits for a lock that another holds, and a request for a connection.
pub(crate) const WAIT_LIMIT: Duration = Duration::from_millis(1_500);
/// How long finding out why there is no connection may take.
pub(crate) const REASON_LIMIT: Duration = Duration::from_millis(400);
/// How long a migration or a backup waits for a lock of SQLite's that some other program holds.
const LONG_WAIT_LIMIT: Duration = Duration::from_secs(30);
/// A connection to a server that was idle for longer is asked whether it is still one.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long a connection that comes back may need to be ready for the next. It is not while the
/// statement is still running of somebody who has gone, and never where the network has lost it.
const READY_LIMIT: Duration = Duration::from_secs(1);

/// What the connection needs to know.
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
}

/// SQLite's `synchronous` pragma, as far as it is safe with a write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A commit is on the disk before it is answered.
    Full,
    /// A power cut may take the last commits, never the whole database.
    Normal,
}

/// The pool that pages use.
pub(crate) fn pool(config: &Config, limit: &Arc<StatementLimit>) -> DatabaseConnection {
    if let Some(options) = config.address.postgres_options() {
        let settings = [
            ("statement_timeout", limit.milliseconds()),
            ("lock_timeout", WAIT_LIMIT.as_millis().to_string()),
            // A warning, such as that the server is about to go, has no reader here.
            ("client_min_messages", "error".to_owned()),
        ];
        let limit = Arc::clone(limit);
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(WAIT_LIMIT)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                let limit = Arc::clone(&limit);
                Box::pin(async move { limit.look_at(connection).await })
            })
            .before_acquire(|connection, used| Box::pin(is_alive(connection, used)))
            .after_release(|connection, _| Box::pin(is_ready(connection)))
            .connect_lazy_with(options.options(settings).disable_statement_logging());
        return SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    }
    let limit = limit.duration();
    let pool = SqlitePoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(WAIT_LIMIT)
        .test_before_acquire(false)
        .after_connect(move |connection, _| Box::pin(limit_sqlite(connection, limit)))
        .before_acquire(move |connection, _| {
            Box::pin(async move {
                limit_sqlite(connection, limit).await?;
                Ok(true)
            })
        })
        .after_release(|connection, _| Box::pin(is_clean(connection)))
        .connect_lazy_with(sqlite_options(config).busy_timeout(WAIT_LIMIT));
    SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
}

/// Whether a connection is out of its transaction. SQLite itself rolls one back when a write in it is
/// interrupted or the disk is full; the driver's own roll-back then fails, and it would count the
/// next transaction on this connection as one within another.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A roll-back that was asked for stands in the queue before this.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Whether a connection that was idle can be used. It was asked when it came back; within a
/// moment from then the answer is not worth a round trip before every statement.
async fn is_alive(
    connection: &mut PgConnection,
    used: PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    Ok(used.idle_for < TRUSTED_FOR || connection.ping().await.is_ok())
}

/// Whether a connection can be given to the next. One that does not answer would occupy a place
/// in the pool until the system gives it up, after many minutes.
async fn is_ready(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let pinged = tokio::time::timeout(READY_LIMIT, connection.ping()).await;
    Ok(matches!(pinged, Ok(Ok(()))))
}

/// The journal mode is not among them: it belongs to the file, and a migration sets it once.
fn sqlite_options(config: &Config) -> SqliteConnectOptions {
    let Address::Sqlite(path) = &config.address else {
        return SqliteConnectOptions::new();
    };
    SqliteConnectOptions::new()
        .filename(path)
        // `sqlite_file::make_file` makes files: SQLite's own would be readable by everybody.
        .create_if_missing(false)
        // Functions that do more than compute are for the statements of this program, not for what
        // a file says of itself: checks, defaults, indexes, views and triggers.
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
    /// SQLite may roll back what a program that was killed left half done, which puts the file
    /// into the state that was last committed.
    Recover,
}

/// One connection for long work: no time limit on statements, more patience with locks, and
/// never exchanged for another.
pub(crate) fn single(config: &Config, access: Access) -> DatabaseConnection {
    match config.address.postgres_options() {
        Some(options) => SqlxPostgresConnector::from_sqlx_postgres_pool(
            PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(LONG_WAIT_LIMIT)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_lazy_with(
                    options
                        .options([("statement_timeout", 0)])
                        .disable_statement_logging(),
                ),
        ),
        None => SqlxSqliteConnector::from_sqlx_sqlite_pool(
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
        ),
    }
}

/// One connection to a server, made and closed: says why there is none. A file has nothing to
/// be asked.
pub(crate) async fn try_to_connect(config: &Config, limit: Duration) -> Result<(), DbErr> {
    let Some(options) = config.address.postgres_options() else {
        return Ok(());
    };
    let connected = match tokio::time::timeout(limit, options.connect()).await {
        Ok(Ok(connection)) => connection.close().await,
        Ok(Err(error)) => Err(error),
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    };
    connected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}
