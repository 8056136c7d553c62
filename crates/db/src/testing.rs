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
    /// An empty one; `None`, with the reason printed, where there is no server.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn empty(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().expect("make a folder");
        let url = match backend {
            Backend::Sqlite => sqlite_url(&folder.path().join("site.sqlite3")),
            Backend::Postgres => {
                let Some(server) = variable("TEST_POSTGRES_URL") else {
                    skip("no PostgreSQL: TEST_POSTGRES_URL is not set");
                    return None;
                };
                create_database(&server).await
            }
        };
        Some(Self { url, folder })
    }

    /// How it is opened.
    pub fn config(&self) -> Config {
        config(&self.url)
    }

    /// Opened when it is first asked; a SQLite file has to be there by then.
    pub fn open(&self) -> Database {
        Database::new(self.config())
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

/// Says why a test does not run; where everything has to run, that is a failure.
///
/// # Panics
///
/// Where `CI` is set.
pub fn skip(reason: &str) {
    tell_skipped(reason);
    let has_to_run = variable("CI").is_some_and(|value| value != "false");
    assert!(!has_to_run, "nothing may be skipped here: {reason}");
}

/// Says why a test does not run that needs what is no part of the project.
#[expect(
    clippy::print_stderr,
    reason = "the reason is for whoever runs the tests"
)]
pub fn tell_skipped(reason: &str) {
    eprintln!("skipped: {reason}");
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
                    if let Some(subject) = <$type>::open(backend).await {
                        super::$name(subject).await;
                    }
                }
            )*
        }

        mod postgres {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = $crate::testing::Backend::Postgres;
                    if let Some(subject) = <$type>::open(backend).await {
                        super::$name(subject).await;
                    }
                }
            )*
        }
    };
}
