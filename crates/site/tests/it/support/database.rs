//! Databases of the older site.

use std::fs;
use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};
use site::schema::SCHEMA;

pub(crate) use db::testing::{Backend, TestDatabase, config, sqlite_url};

/// The names of the databases of the older site, which are files of SQL below `tests/data`.
/// `bench/peers/django/older_site.py` has made them, and says what is in them.
pub(crate) const OLDER_SITE: [&str; 3] = ["original", "modular", "modular-600k"];

/// What the staff of the older site logs in with.
pub(crate) const KEEPER: [&str; 2] = ["keeper", "Harbour-lamp-7"];

/// The titles of its lettings, in the order of their keys.
pub(crate) const TITLES: [&str; 6] = [
    "Lighthouse Keeper's Loft",
    "Bay Window",
    "The \"Boat House\" w/ Jetty",
    "Clock Tower Studio",
    "Orchard & Orangery",
    "Café Upstairs",
];

/// The statements that drop the tables of what people have entered beside Django's.
pub(crate) fn drops_of_records() -> Vec<String> {
    let versions = SCHEMA.own.versions.iter().rev();
    let later = versions.filter(|version| version.number >= 7);
    let tables = later.flat_map(|version| version.tables.iter().rev());
    tables
        .map(|table| format!("DROP TABLE {}", table.name))
        .collect()
}

/// A database of the older site, as Django left it.
pub(crate) async fn of_the_older_site(name: &str) -> TestDatabase {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let sql = fs::read_to_string(path.join(format!("{name}.sql"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = options.create_if_missing(true).connect().await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql);
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let url = sqlite_url(&path);
    TestDatabase { url, folder }
}
