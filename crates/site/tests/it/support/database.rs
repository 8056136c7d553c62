//! Databases for tests: a temporary file, or a database of its own on the server that the test
//! run started.

use std::path::{Path, PathBuf};

use db::{Address, Config, Database, Synchronous};
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use super::{skip, tell_skipped, variable};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A database that no other test sees.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    /// Where a SQLite file is; removed at the end.
    pub(crate) folder: TempDir,
}

impl TestDatabase {
    /// An empty one; `None`, with the reason printed, where there is no server.
    pub(crate) async fn empty(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
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

    /// A copy of one of the old site's databases; `None`, with the reason printed, where they
    /// are not beside the project.
    pub(crate) fn copy_of_shared(name: &str) -> Option<Self> {
        let path = shared_data().join(name);
        if !path.exists() {
            tell_skipped(&format!("{name} of the old site is not here"));
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join(name);
        // The contents alone: the original may be read-only, and the copy must not be.
        std::fs::write(&copy, std::fs::read(&path).unwrap()).unwrap();
        let url = sqlite_url(&copy);
        Some(Self { url, folder })
    }

    pub(crate) fn config(&self) -> Config {
        config(&self.url)
    }

    pub(crate) fn open(&self) -> Database {
        Database::new(self.config())
    }

    /// The SQLite file.
    pub(crate) fn path(&self) -> PathBuf {
        match self.config().address {
            Address::Sqlite(path) => path,
            Address::Postgres(_) => panic!("no file"),
        }
    }
}

pub(crate) fn config(url: &str) -> Config {
    Config {
        address: url.parse().unwrap(),
        synchronous: Synchronous::Normal,
        max_connections: 2,
    }
}

pub(crate) fn sqlite_url(path: &Path) -> String {
    format!("sqlite:///{}", path.display())
}

fn shared_data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")
}

async fn create_database(server: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    let name = format!("test_{:032x}", rand::random::<u128>());
    let admin = Database::new(config(server));
    let sql = format!("CREATE DATABASE {name}");
    admin.execute_unprepared(&sql).await.unwrap();
    admin.close().await.unwrap();
    format!("{base}/{name}")
}
