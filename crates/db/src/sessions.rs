//! Whose a session on PostgreSQL is.
//!
//! Connected to the server itself, a session is ours from its start to its end. Behind a pooler that
//! hands each transaction to another session, as `PgBouncer` does in transaction mode, a session holds
//! what others have left: what was set for it is lost, the name of a prepared statement is taken or
//! stands for another statement, and the statement without a name may be another by the time it is
//! carried out. There everything runs in a transaction ([`crate::shared`]).
//!
//! An address may say so (`pgbouncer=true`). Otherwise it shows: a parameter of the start is refused
//! or has no effect, or two connections that are open at once are told the same backend.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Row as _};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::address::{Address, Server};
use crate::error::{database_error, explained};
use crate::limit::WAIT_LIMIT;

/// Whose the sessions on a server are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// Ours alone.
    Own,
    /// Another's after each transaction.
    Shared,
}

/// What is set for our sessions, or else in each transaction: a name and a value.
pub(crate) type Setting = (&'static str, Cow<'static, str>);

/// What is known so far of the sessions that a database gives.
#[derive(Debug)]
pub(crate) struct KnownSessions {
    seen: Mutex<Option<Sessions>>,
    asking: tokio::sync::Mutex<()>,
}

impl KnownSessions {
    /// Nothing is known yet of a server, unless its address says it. A file is always our own.
    pub(crate) fn new(address: &Address) -> Arc<Self> {
        let seen = match address.server() {
            None => Some(Sessions::Own),
            Some(server) => server.is_pooled().then_some(Sessions::Shared),
        };
        Arc::new(Self {
            seen: Mutex::new(seen),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// What is known, or is found out now. Of several who ask at once one finds out.
    pub(crate) async fn get(&self, address: &Address) -> Result<Sessions, DbErr> {
        if let Some(seen) = self.seen() {
            return Ok(seen);
        }
        let Ok(_asking) = self.asking.try_lock() else {
            drop(self.asking.lock().await);
            // Where whoever asked has not learned it either, it is no use to ask one by one.
            let unknown = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
            return self.seen().ok_or(unknown);
        };
        let sessions = find_out(address, WAIT_LIMIT).await?;
        self.set(sessions, address);
        Ok(sessions)
    }

    fn seen(&self) -> Option<Sessions> {
        *self.lock()
    }

    fn set(&self, sessions: Sessions, address: &Address) {
        let former = self.lock().replace(sessions);
        if sessions == Sessions::Shared && former != Some(Sessions::Shared) {
            tracing::info!(
                "the {address} hands each transaction to another session, as PgBouncer does: \
                 every statement runs in a transaction"
            );
        }
    }

    /// Learns from a new connection of our own whether it has what it was opened with: a pooler may
    /// have come in between since.
    pub(crate) async fn look_at(
        &self,
        connection: &mut PgConnection,
        address: &Address,
    ) -> Result<(), sqlx::Error> {
        if !is_marked(connection).await? {
            self.set(Sessions::Shared, address);
        }
        Ok(())
    }

    /// Learns from an error that only a session gives that is shared.
    pub(crate) fn learn_from(&self, error: &DbErr, address: &Address) {
        if database_error(error).is_some_and(is_of_shared_session) {
            self.set(Sessions::Shared, address);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Sessions>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A start was refused (`PgBouncer`'s words), or the name of a statement was taken or unknown, which
/// the driver counts up on each connection: `duplicate_prepared_statement`,
/// `invalid_sql_statement_name`.
fn is_of_shared_session(error: &dyn DatabaseError) -> bool {
    error.message().contains("unsupported startup parameter")
        || matches!(error.code().as_deref(), Some("42P05" | "26000"))
}

/// The setting by which a session of our own is known, since no server has it by default.
pub(crate) fn mark() -> Setting {
    ("lock_timeout", WAIT_LIMIT.as_millis().to_string().into())
}

async fn is_marked(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'";
    Ok(text(connection, sql).await? == mark().1)
}

/// How a session of either kind is opened. Of a shared one nothing is asked that a pooler might refuse.
pub(crate) fn options(
    server: &Server,
    sessions: Sessions,
    settings: &[Setting],
) -> PgConnectOptions {
    let options = server.options().disable_statement_logging();
    match sessions {
        Sessions::Own => options.options(settings.iter().map(|(name, value)| (name, value))),
        Sessions::Shared => options.extra_float_digits(None).statement_cache_capacity(0),
    }
}

/// Connects, and finds out whose the sessions are; says why there is no connection. A file has nothing
/// to be asked. `limit` is for each of two connections.
pub(crate) async fn find_out(address: &Address, limit: Duration) -> Result<Sessions, DbErr> {
    let Some(server) = address.server() else {
        return Ok(Sessions::Own);
    };
    let (mut first, sessions) = connect(server, limit).await.map_err(connection_error)?;
    let sessions = match sessions {
        Sessions::Own => {
            let compared = compare(server, &mut first, limit);
            within(limit, compared).await.map_err(connection_error)?
        }
        Sessions::Shared => Sessions::Shared,
    };
    close(first).await;
    Ok(sessions)
}

/// One connection to a server, made and closed: says why there is none.
pub(crate) async fn try_to_connect(address: &Address, limit: Duration) -> Result<(), DbErr> {
    if let Some(server) = address.server() {
        let (connection, _) = connect(server, limit).await.map_err(connection_error)?;
        close(connection).await;
    }
    Ok(())
}

/// A connection as if sessions were ours, unless the address or the start says that they are not.
async fn connect(
    server: &Server,
    limit: Duration,
) -> Result<(PgConnection, Sessions), sqlx::Error> {
    check_files(server)?;
    let limit = server.connect_limit().map_or(limit, |own| own.min(limit));
    let of_kind = async |sessions| {
        let options = options(server, sessions, &[mark()]);
        Ok((open(&options, limit).await?, sessions))
    };
    let connected = if server.is_pooled() {
        of_kind(Sessions::Shared).await
    } else {
        match of_kind(Sessions::Own).await {
            Err(sqlx::Error::Database(error)) if is_of_shared_session(error.as_ref()) => {
                of_kind(Sessions::Shared).await
            }
            connected => connected,
        }
    };
    let (mut connection, sessions) = connected?;
    if let Some(question) = server.refused_if() {
        let is_refused = within(limit, text(&mut connection, question)).await?;
        if is_refused == "true" {
            return Err(told(
                "the server cannot be written to, as `target_session_attrs` demands",
            ));
        }
    }
    Ok((connection, sessions))
}

/// Boxed, since every statement may come to this, and would be as large as a TLS handshake.
async fn open(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection, sqlx::Error> {
    within(limit, Box::pin(options.connect())).await
}

/// Whether a session keeps what it was opened with, and is nobody else's at the same time.
async fn compare(
    server: &Server,
    first: &mut PgConnection,
    limit: Duration,
) -> Result<Sessions, sqlx::Error> {
    if !is_marked(first).await? {
        return Ok(Sessions::Shared);
    }
    let options = options(server, Sessions::Own, &[mark()]);
    let Ok(mut second) = open(&options, limit).await else {
        // There may be no place for a second.
        return Ok(Sessions::Own);
    };
    let sql = "SELECT pg_backend_pid()::text";
    let one = text(first, sql).await?;
    let other = text(&mut second, sql).await?;
    let again = text(first, sql).await?;
    close(second).await;
    Ok(if one == again && one != other {
        Sessions::Own
    } else {
        Sessions::Shared
    })
}

/// By the simple protocol, in which nothing is prepared.
async fn text(connection: &mut PgConnection, sql: &'static str) -> Result<String, sqlx::Error> {
    sqlx::raw_sql(sql).fetch_one(connection).await?.try_get(0)
}

async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let timed_out = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    let answer = tokio::time::timeout(limit, answer).await;
    answer.unwrap_or_else(|_| Err(timed_out()))
}

/// The driver does not say which of its files it could not read.
fn check_files(server: &Server) -> Result<(), sqlx::Error> {
    for (parameter, file) in server.files() {
        if let Err(error) = std::fs::File::open(file) {
            return Err(told(format!(
                "the file {file} that `{parameter}` names cannot be read ({error})"
            )));
        }
    }
    Ok(())
}

fn told(sentence: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Configuration(sentence.into())
}

/// What has to be said is said; an end that fails changes nothing.
async fn close(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing a connection failed");
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    explained(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}
