//! The transactions of all kinds of connections behind one type.

use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use crate::file_pool::FileTransaction;
use crate::shared::SharedTransaction;

/// A transaction; dropped, it is rolled back.
#[derive(Debug)]
pub(crate) enum AnyTransaction {
    File(FileTransaction),
    Own(DatabaseTransaction),
    Shared(SharedTransaction),
}

impl AnyTransaction {
    /// Starts the time anew, for the next statement. PostgreSQL does so itself.
    pub(crate) fn restart_deadline(&self) {
        if let Self::File(transaction) = self {
            transaction.restart_deadline();
        }
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::File(transaction) => transaction.commit().await,
            Self::Own(transaction) => transaction.commit().await,
            Self::Shared(transaction) => transaction.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        match self {
            Self::File(transaction) => transaction.rollback().await,
            Self::Own(transaction) => transaction.rollback().await,
            Self::Shared(transaction) => transaction.rollback().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for AnyTransaction {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::File(transaction) => transaction.get_database_backend(),
            Self::Own(transaction) => transaction.get_database_backend(),
            Self::Shared(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::File(transaction) => transaction.execute_raw(statement).await,
            Self::Own(transaction) => transaction.execute_raw(statement).await,
            Self::Shared(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::File(transaction) => transaction.execute_unprepared(sql).await,
            Self::Own(transaction) => transaction.execute_unprepared(sql).await,
            Self::Shared(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::File(transaction) => transaction.query_one_raw(statement).await,
            Self::Own(transaction) => transaction.query_one_raw(statement).await,
            Self::Shared(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::File(transaction) => transaction.query_all_raw(statement).await,
            Self::Own(transaction) => transaction.query_all_raw(statement).await,
            Self::Shared(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}
