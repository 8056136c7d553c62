//! One connection to PostgreSQL for a whole backup or restore. A pool might replace a broken
//! connection by another in the middle of a transaction; this never does.

use std::io;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    TryGetableMany,
};
use tokio::sync::Mutex;

use crate::address::Server;
use crate::backup::error::Error;
use crate::backup::failure::Failure;
use crate::pool::NO_STATEMENT_LIMIT;
use crate::sessions::{Sessions, options};

/// A connection whose statements carry no values.
#[derive(Debug)]
pub(super) struct Session {
    connection: Mutex<PgConnection>,
    sessions: Sessions,
}

impl Session {
    /// Connects; statements may take as long as they need.
    pub(super) async fn connect(server: &Server, sessions: Sessions) -> Result<Self, DbErr> {
        let options = options(server, sessions, &[NO_STATEMENT_LIMIT]);
        let connection = options.connect().await.map_err(connection_error)?;
        Ok(Self {
            connection: Mutex::new(connection),
            sessions,
        })
    }

    /// Whose the session is outside of a transaction.
    pub(super) fn sessions(&self) -> Sessions {
        self.sessions
    }

    /// Begins a transaction by a statement.
    pub(super) async fn begin(&self, sql: &str) -> Result<(), DbErr> {
        self.run(sql).await?;
        if self.sessions == Sessions::Shared {
            let (name, value) = NO_STATEMENT_LIMIT;
            self.run(&format!("SET LOCAL {name} = {value}")).await?;
        }
        Ok(())
    }

    pub(super) async fn run(&self, sql: &str) -> Result<(), DbErr> {
        self.execute_unprepared(sql).await.map(|_| ())
    }

    /// The rows of a statement, as tuples.
    pub(super) async fn rows<T: TryGetableMany>(&self, sql: &str) -> Result<Vec<T>, DbErr> {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = self.query_all_raw(statement).await?;
        let read = |row: &QueryResult| T::try_get_many_by_index(row).map_err(DbErr::from);
        rows.iter().map(read).collect()
    }

    /// The one value of a statement.
    pub(super) async fn value<T: sea_orm::TryGetable>(&self, sql: &str) -> Result<T, DbErr> {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?;
        row.try_get_by_index(0)
    }

    /// Writes the output of `COPY … TO STDOUT`.
    pub(super) async fn copy_out(
        &self,
        sql: &str,
        out: &mut (impl io::Write + Send),
    ) -> Result<(), Failure> {
        let mut connection = self.connection.lock().await;
        let mut chunks = connection.copy_out_raw(sql).await.map_err(query_error)?;
        while let Some(chunk) = chunks.try_next().await.map_err(query_error)? {
            out.write_all(&chunk)?;
        }
        Ok(())
    }

    /// Sends rows to `COPY … FROM STDIN` and returns how many the server has counted. The driver uses
    /// the simple protocol, which would take several statements: `sql` consists of names that the
    /// grammar has quoted.
    pub(super) async fn copy_in(
        &self,
        sql: &str,
        mut rows: impl FnMut() -> Result<Option<Vec<u8>>, Error>,
    ) -> Result<u64, Failure> {
        let mut connection = self.connection.lock().await;
        let mut copy = connection.copy_in_raw(sql).await.map_err(query_error)?;
        while let Some(rows) = rows()? {
            copy.send(rows).await.map_err(query_error)?;
        }
        Ok(copy.finish().await.map_err(query_error)?)
    }

    /// Ends the connection, and with it a transaction that is not committed.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        let closed = self.connection.into_inner().close().await;
        closed.map_err(connection_error)
    }
}

#[async_trait]
impl ConnectionTrait for Session {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.execute_unprepared(&statement.sql).await
    }

    /// By the extended protocol, in which the server takes one statement and no second.
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut connection = self.connection.lock().await;
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        let done = query.execute(&mut *connection).await;
        done.map(ExecResult::from).map_err(query_error)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut connection = self.connection.lock().await;
        let query = sqlx::query(AssertSqlSafe(statement.sql)).persistent(false);
        let rows = query.fetch_all(&mut *connection).await;
        let rows = rows.map_err(query_error)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
