//! Whether sessions on PostgreSQL are our own or shared by a pooler.
//!
//! Connected to the server itself, a session is ours from its start to its end. A pooler in
//! transaction mode, such as `PgBouncer`, gives each transaction another session. Settings are lost
//! there, the name of a prepared statement may be taken or stand for another statement, and the
//! unnamed statement may be replaced before it is executed. So every statement runs in a transaction
//! ([`crate::shared`]).
//!
//! An address may say so (`pgbouncer=true`). Otherwise a pooler is detected: a startup parameter is
//! refused or has no effect, or two open connections report the same backend process.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Row as _};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::address::{Address, Server};
use crate::error::{database_error, with_advice};
use crate::limit::WAIT_LIMIT;

/// Which kind of sessions a server gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    /// A session belongs to one connection.
    Own,
    /// A pooler gives the session to others after each transaction.
    Shared,
}

/// Name and value of a setting, made for the session or, if it is shared, for each transaction.
pub(crate) type Setting = (&'static str, Cow<'static, str>);

/// What is known so far about the sessions of a database.
#[derive(Debug)]
pub(crate) struct KnownSessions {
    seen: Mutex<Option<Sessions>>,
    asking: tokio::sync::Mutex<()>,
}

impl KnownSessions {
    /// Of a server nothing is known yet, unless its address says it. A file has no sessions to share.
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

    /// The kind of sessions, detected by the first call. Calls at the same time wait for that one.
    pub(crate) async fn get(&self, address: &Address) -> Result<Sessions, DbErr> {
        if let Some(seen) = self.seen() {
            return Ok(seen);
        }
        let Ok(_asking) = self.asking.try_lock() else {
            drop(self.asking.lock().await);
            // If the detection failed, the waiting calls fail as well: repeating it one by one would
            // make the last of them wait for all.
            let unknown = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
            return self.seen().ok_or(unknown);
        };
        let sessions = detect_sessions(address, WAIT_LIMIT).await?;
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

    /// Checks that a new connection has the settings that it was opened with: a pooler may have been
    /// put in between since the detection.
    pub(crate) async fn check_connection(
        &self,
        connection: &mut PgConnection,
        address: &Address,
    ) -> Result<(), sqlx::Error> {
        if !is_marked(connection).await? {
            self.set(Sessions::Shared, address);
        }
        Ok(())
    }

    /// Notes that sessions are shared if an error occurs only then.
    pub(crate) fn learn_from(&self, error: &DbErr, address: &Address) {
        if database_error(error).is_some_and(is_of_shared_session) {
            self.set(Sessions::Shared, address);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Sessions>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `PgBouncer` refused a startup parameter, or the name of a prepared statement was taken or unknown
/// (`duplicate_prepared_statement`, `invalid_sql_statement_name`): the driver numbers its statements
/// for each connection, so that on a session of our own neither can happen.
fn is_of_shared_session(error: &dyn DatabaseError) -> bool {
    error.message().contains("unsupported startup parameter")
        || matches!(error.code().as_deref(), Some("42P05" | "26000"))
}

/// The setting by which a session of our own is recognised: no server has this value by default.
pub(crate) fn mark() -> Setting {
    ("lock_timeout", WAIT_LIMIT.as_millis().to_string().into())
}

async fn is_marked(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'";
    Ok(text(connection, sql).await? == mark().1)
}

/// The options for a session of either kind. A shared one is opened without startup parameters that a
/// pooler might refuse.
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

/// Connects, and detects the kind of sessions; the error says why there is no connection. `limit` is
/// for each of up to two connections.
pub(crate) async fn detect_sessions(address: &Address, limit: Duration) -> Result<Sessions, DbErr> {
    let Some(server) = address.server() else {
        return Ok(Sessions::Own);
    };
    let (mut first, sessions) = connect(server, limit).await.map_err(connection_error)?;
    let sessions = match sessions {
        Sessions::Own => {
            let compared = compare_sessions(server, &mut first, limit);
            within(limit, compared).await.map_err(connection_error)?
        }
        Sessions::Shared => Sessions::Shared,
    };
    close(first).await;
    Ok(sessions)
}

/// Connects to a server and closes the connection; the error says why there is none.
pub(crate) async fn try_to_connect(address: &Address, limit: Duration) -> Result<(), DbErr> {
    if let Some(server) = address.server() {
        let (connection, _) = connect(server, limit).await.map_err(connection_error)?;
        close(connection).await;
    }
    Ok(())
}

/// Connects as for a session of our own, unless the address or an error at the start says that sessions
/// are shared.
pub(crate) async fn connect(
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
            return Err(configuration_error(
                "the server cannot be written to, as `target_session_attrs` demands",
            ));
        }
    }
    Ok((connection, sessions))
}

/// Connects. Boxed, since the future of every statement would otherwise be as large as a TLS
/// handshake's.
async fn open(options: &PgConnectOptions, limit: Duration) -> Result<PgConnection, sqlx::Error> {
    within(limit, Box::pin(options.connect())).await
}

/// Detects a pooler by the settings of the first connection, and by a second one.
async fn compare_sessions(
    server: &Server,
    first: &mut PgConnection,
    limit: Duration,
) -> Result<Sessions, sqlx::Error> {
    if !is_marked(first).await? {
        return Ok(Sessions::Shared);
    }
    let options = options(server, Sessions::Own, &[mark()]);
    let Ok(mut second) = open(&options, limit).await else {
        // The server may allow no second connection: then the settings alone decide.
        return Ok(Sessions::Own);
    };
    let sql = "SELECT pg_backend_pid()::text";
    // A session of our own has the same backend before and after, and no other connection has it.
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

/// The text that a query selects, by the simple protocol, which prepares no statement.
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

/// Opens each file that the driver will read: its own error does not name the file.
fn check_files(server: &Server) -> Result<(), sqlx::Error> {
    for (parameter, file) in server.files() {
        if let Err(error) = std::fs::File::open(file) {
            return Err(configuration_error(format!(
                "the file {file} that `{parameter}` names cannot be read ({error})"
            )));
        }
    }
    Ok(())
}

fn configuration_error(
    sentence: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> sqlx::Error {
    sqlx::Error::Configuration(sentence.into())
}

/// Closes a connection. A failure is only logged: the question was answered.
async fn close(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing a connection failed");
    }
}

fn connection_error(error: sqlx::Error) -> DbErr {
    with_advice(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}
