//! Long work on much of a database: one connection, without a limit on time.

use sea_orm::DbErr;
use tokio::sync::OnceCell;

use crate::connection::{Transaction, begin};
use crate::pool::{Access, Config, Pool};

/// A connection for long work on a database that is there.
#[derive(Debug)]
pub struct LongWork {
    config: Config,
    connection: OnceCell<Pool>,
}

impl LongWork {
    /// Opens nothing yet.
    pub fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            connection: OnceCell::new(),
        }
    }

    /// Starts a read-only transaction on one snapshot, which keeps nobody from writing.
    pub async fn read(&self) -> Result<Transaction, DbErr> {
        let transaction = self.connection().await?.begin_snapshot().await?;
        Ok(Transaction::alone(transaction))
    }

    /// Starts a transaction that may write from its first statement.
    pub async fn write(&self) -> Result<Transaction, DbErr> {
        begin(self.connection().await?).await
    }

    async fn connection(&self) -> Result<&Pool, DbErr> {
        let open = || Pool::single(&self.config, Access::Recover);
        self.connection.get_or_try_init(open).await
    }

    /// Closes the connection and waits until it is closed.
    pub async fn close(self) -> Result<(), DbErr> {
        match self.connection.into_inner() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}
