//! Transactions on shared sessions (see [`crate::sessions`]).
//!
//! A pooler gives a session to one client for the length of a transaction. So the limits on time are
//! set within it, and statements are prepared without names: the next one replaces it, and nothing is
//! left in the session.

use std::fmt;
use std::sync::Arc;

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{self, AssertSqlSafe, Executor as _, PgPool, Postgres};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use crate::error::{exec_error, query_error};

/// A transaction; dropped, it is rolled back.
pub(crate) struct SharedTransaction(Mutex<sqlx::Transaction<'static, Postgres>>);

impl SharedTransaction {
    /// Begins one by a statement, which may set what holds within it.
    pub(crate) async fn begin(pool: &PgPool, sql: String) -> Result<Self, DbErr> {
        let begun = pool.begin_with(AssertSqlSafe(sql)).await;
        begun
            .map(|transaction| Self(Mutex::new(transaction)))
            .map_err(|error| match error {
                // As SeaORM does for its own transactions.
                sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
                sqlx::Error::PoolClosed => {
                    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
                }
                error => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
            })
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.0.into_inner().commit().await.map_err(query_error)
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.0.into_inner().rollback().await.map_err(query_error)
    }
}

impl fmt::Debug for SharedTransaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SharedTransaction")
    }
}

/// A statement without a name.
fn query(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| sea_orm::sea_query::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(&*statement.sql), SqlxValues(values)).persistent(false)
}

#[async_trait]
impl ConnectionTrait for SharedTransaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut transaction = self.0.lock().await;
        let done = query(&statement).execute(&mut **transaction).await;
        done.map(ExecResult::from).map_err(exec_error)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut transaction = self.0.lock().await;
        let done = transaction.execute(AssertSqlSafe(sql)).await;
        done.map(ExecResult::from).map_err(exec_error)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut transaction = self.0.lock().await;
        let row = query(&statement).fetch_optional(&mut **transaction).await;
        Ok(row.map_err(query_error)?.map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut transaction = self.0.lock().await;
        let rows = query(&statement).fetch_all(&mut **transaction).await;
        Ok(rows
            .map_err(query_error)?
            .into_iter()
            .map(QueryResult::from)
            .collect())
    }
}
