//! Long work on much of a database: one connection, without a limit on time.

use sea_orm::{
    AccessMode, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};

use crate::connection::{Transaction, begin};
use crate::pool::{Access, Config, single};

/// A connection for long work on a database that is there.
#[derive(Debug)]
pub struct LongWork {
    connection: DatabaseConnection,
}

impl LongWork {
    /// Opens nothing yet.
    pub fn new(config: &Config) -> Self {
        Self {
            connection: single(config, Access::Recover),
        }
    }

    /// Starts a transaction that reads everything as it is at one moment, and keeps nobody from
    /// writing.
    pub async fn read(&self) -> Result<Transaction, DbErr> {
        let options = match self.connection.get_database_backend() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
        };
        let transaction = self.connection.begin_with_options(options).await?;
        Ok(Transaction::alone(transaction))
    }

    /// Starts a transaction that may write from its first statement.
    pub async fn write(&self) -> Result<Transaction, DbErr> {
        begin(&self.connection).await
    }

    /// Closes the connection and waits until it is closed.
    pub async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await
    }
}
