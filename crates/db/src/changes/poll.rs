//! One poll of the database for commits, over the watcher's connection.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};
use sea_orm::{DbErr, RuntimeErr};
use tokio::time::timeout;

use crate::address::{Address, Server};
use crate::limit::WAIT_LIMIT;
use crate::pool::{Config, sqlite_options};
use crate::sessions::{KnownSessions, Sessions, connect};
use crate::sqlite_file::FileState;

/// The limit on one poll, a new connection included.
const POLL_LIMIT: Duration = Duration::from_secs(2);

/// The limit on one poll over an open connection, which a firewall may have dropped silently.
const OPEN_POLL_LIMIT: Duration = Duration::from_millis(500);

const POOLED: Observation = Observation::Undetectable("behind a pooler");
const STANDBY: Observation = Observation::Undetectable("on a standby");

/// What the watcher needs to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) config: Config,
    pub(crate) sessions: Arc<KnownSessions>,
}

/// The result of a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Observation {
    /// Nothing was committed since the poll before.
    Unchanged,
    /// Something was committed, or may have been while there was no connection.
    Changed,
    /// Commits cannot be detected, for that reason.
    Undetectable(&'static str),
}

/// The watcher's connection, and what the last poll read.
pub(super) enum WatchConnection {
    Sqlite {
        connection: SqliteConnection,
        file: FileState,
        version: i64,
    },
    Postgres {
        connection: PgConnection,
        snapshot: String,
    },
}

/// Polls, and once more over a new connection if the open one has failed: the server may have been
/// restarted, or may have closed an idle connection.
pub(super) async fn poll_with_retry(
    watch: &mut Option<WatchConnection>,
    target: &Target,
) -> Result<Observation, DbErr> {
    let was_connected = watch.is_some();
    let limit = if was_connected {
        OPEN_POLL_LIMIT
    } else {
        POLL_LIMIT
    };
    let mut polled = poll_with_timeout(watch, target, limit).await;
    if polled.is_err() && was_connected {
        *watch = None;
        polled = poll_with_timeout(watch, target, POLL_LIMIT).await;
    }
    if polled.is_err() {
        *watch = None;
    }
    polled
}

async fn poll_with_timeout(
    watch: &mut Option<WatchConnection>,
    target: &Target,
    limit: Duration,
) -> Result<Observation, DbErr> {
    let polled = timeout(limit, poll(watch, target)).await;
    let timed_out = |_| {
        Err(connection_error(
            std::io::Error::from(ErrorKind::TimedOut).into(),
        ))
    };
    polled.unwrap_or_else(timed_out)
}

async fn poll(watch: &mut Option<WatchConnection>, target: &Target) -> Result<Observation, DbErr> {
    match &target.config.address {
        Address::Sqlite(path) => {
            let file = FileState::of(path).map_err(|error| connection_error(error.into()))?;
            poll_file(watch, file, &target.config)
                .await
                .map_err(connection_error)
        }
        Address::Postgres(server) => {
            // Statements of pages may have detected a pooler since the poll before.
            let sessions = target.sessions.get(&target.config.address).await?;
            if sessions == Sessions::Shared {
                *watch = None;
                return Ok(POOLED);
            }
            poll_server(watch, server, target)
                .await
                .map_err(connection_error)
        }
    }
}

async fn poll_file(
    watch: &mut Option<WatchConnection>,
    now: FileState,
    config: &Config,
) -> Result<Observation, sqlx::Error> {
    if let Some(WatchConnection::Sqlite {
        connection,
        file,
        version,
    }) = watch
        && *file == now
    {
        let found = data_version(connection).await?;
        let seen = if found == *version {
            Observation::Unchanged
        } else {
            Observation::Changed
        };
        *version = found;
        return Ok(seen);
    }
    let options = sqlite_options(config).busy_timeout(WAIT_LIMIT);
    let mut connection = options.connect().await?;
    let version = data_version(&mut connection).await?;
    *watch = Some(WatchConnection::Sqlite {
        connection,
        file: now,
        version,
    });
    Ok(Observation::Changed)
}

async fn data_version(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(connection)
        .await
}

async fn poll_server(
    watch: &mut Option<WatchConnection>,
    server: &Server,
    target: &Target,
) -> Result<Observation, sqlx::Error> {
    if let Some(WatchConnection::Postgres {
        connection,
        snapshot,
    }) = watch
    {
        let Some(found) = current_snapshot(connection).await? else {
            return Ok(STANDBY);
        };
        let seen = if found == *snapshot {
            Observation::Unchanged
        } else {
            Observation::Changed
        };
        *snapshot = found;
        return Ok(seen);
    }
    let (mut connection, sessions) = connect(server, WAIT_LIMIT).await?;
    if sessions == Sessions::Shared {
        return Ok(POOLED);
    }
    // If this detects a pooler, the next poll reads it from `sessions`.
    let address = &target.config.address;
    target
        .sessions
        .check_connection(&mut connection, address)
        .await?;
    let snapshot = current_snapshot(&mut connection).await?;
    let seen = if snapshot.is_some() {
        Observation::Changed
    } else {
        STANDBY
    };
    *watch = Some(WatchConnection::Postgres {
        connection,
        // No snapshot is an empty text, so that the first one of a promoted standby is another.
        snapshot: snapshot.unwrap_or_default(),
    });
    Ok(seen)
}

/// The whole snapshot, not its upper bound alone: a transaction whose id is below the bound does not
/// move it by committing. `None` on a standby: its snapshots leave out the transactions in progress, so
/// that such a commit would not change them.
async fn current_snapshot(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN txid_current_snapshot()::text END";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

impl WatchConnection {
    pub(super) async fn close(self) {
        let closed = match self {
            Self::Sqlite { connection, .. } => connection.close().await,
            Self::Postgres { connection, .. } => connection.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "closing the watcher's connection failed");
        }
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    crate::error::with_advice(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}
