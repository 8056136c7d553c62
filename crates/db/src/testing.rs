//! Databases for the tests of the crates that stand on this one: the feature `testing`, which no
//! program is built with.

use std::path::{Path, PathBuf};

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use crate::{Address, Config, Database, Synchronous};

/// Where a test's database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// In a file of its own.
    Sqlite,
    /// On the server that the test run started, which `TEST_POSTGRES_URL` names.
    Postgres,
}

/// A database that no other test sees.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is.
    pub url: String,
    /// Where a SQLite file is; removed at the end.
    pub folder: TempDir,
}

impl TestDatabase {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// When it cannot be made, as on PostgreSQL without a server.
    pub async fn empty(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let url = match backend {
            Backend::Sqlite => sqlite_url(&folder.path().join("site.sqlite3")),
            Backend::Postgres => create_database(&needed("TEST_POSTGRES_URL")).await,
        };
        Self { url, folder }
    }

    /// How it is opened.
    pub fn config(&self) -> Config {
        config(&self.url)
    }

    /// Opened when it is first asked; a SQLite file has to be there by then.
    pub fn open(&self) -> Database {
        Database::new(self.config())
    }

    /// What kind it is of.
    pub fn backend(&self) -> Backend {
        match self.config().address {
            Address::Sqlite(_) => Backend::Sqlite,
            Address::Postgres(_) => Backend::Postgres,
        }
    }

    /// The SQLite file.
    ///
    /// # Panics
    ///
    /// When it is on a server.
    pub fn path(&self) -> PathBuf {
        match self.config().address {
            Address::Sqlite(path) => path,
            Address::Postgres(_) => panic!("no file"),
        }
    }
}

/// How a test opens a database.
///
/// # Panics
///
/// When that is no address.
pub fn config(url: &str) -> Config {
    Config {
        address: url.parse().expect("the address of a database"),
        synchronous: Synchronous::Normal,
        max_connections: 4,
        statement_limit: Some(std::time::Duration::from_secs(5)),
        derived: &[],
    }
}

/// The address of a SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite:///{}", path.display())
}

async fn create_database(server: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a database in the address");
    let name = format!("test_{:032x}", rand::random::<u128>());
    let admin = Database::new(config(server));
    let sql = format!("CREATE DATABASE {name}");
    admin.execute_unprepared(&sql).await.expect("create it");
    admin.close().await.expect("close the connection");
    format!("{base}/{name}")
}

/// What the run of the tests hands over to those that cannot do without it.
///
/// # Panics
///
/// When it does not: a test that went on without its input, or gave up, would look like one that
/// passed.
pub fn needed(name: &str) -> String {
    variable(name).unwrap_or_else(|| {
        panic!("{name} is not set: `cargo xtask test` sets it, or leaves out who needs it")
    })
}

/// What the test run is told in a variable that is not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "what the test run is told, not a setting"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Each test twice, on SQLite and on PostgreSQL, with what `open` of a type gives for a [`Backend`].
#[macro_export]
macro_rules! on_both_databases {
    ($type:path; $(
        $(#[$attribute:meta])*
        async fn $name:ident($subject:ident) $body:block
    )*) => {
        $(async fn $name($subject: $type) $body)*

        mod sqlite {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = $crate::testing::Backend::Sqlite;
                    super::$name(<$type>::open(backend).await).await;
                }
            )*
        }

        mod postgres {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = $crate::testing::Backend::Postgres;
                    super::$name(<$type>::open(backend).await).await;
                }
            )*
        }
    };
}
