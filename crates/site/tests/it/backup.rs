//! `backup` and `restore`: what goes in comes out, and nothing else is ever called a backup.

mod damage;
mod files;
mod hostile;
mod postgres_programs;

mod running;

use std::fs;
use std::path::{Path, PathBuf};

use db::{Address, Database};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use sha2::{Digest as _, Sha256};

use crate::support::program::{Run, run};
use crate::support::{Backend, TestApp, TestDatabase, on_both_databases};

/// A run of the program on a database, in the database's folder.
fn run_on(database: &TestDatabase, args: &[&str]) -> Run {
    let variables = [("DATABASE_URL", database.url.as_str())];
    run(database.folder.path(), &variables, args)
}

/// Makes a backup, which has to work, and tells where it is.
#[track_caller]
pub(crate) fn back_up(database: &TestDatabase, name: &str) -> PathBuf {
    let made = run_on(database, &["backup", name]);
    assert_eq!(made.code, Some(0), "{made:?}");
    database.folder.path().join(name)
}

#[track_caller]
fn restore(database: &TestDatabase, file: &Path, options: &[&str]) -> Run {
    let file = file.to_str().unwrap();
    let restored = run_on(database, &[&["restore", file], options].concat());
    assert_eq!(restored.code, Some(0), "{restored:?}");
    restored
}

/// A restore that has to be refused, and to change nothing.
async fn assert_refused(database: &TestDatabase, args: &[&str], reason: &str) {
    let before = rows_of(database).await;
    let refused = run_on(database, &[&["restore"], args].concat());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains(reason),
        "{reason} is not in {refused:?}"
    );
    assert_eq!(rows_of(database).await, before, "{args:?}");
}

/// Every row of every table as text.
pub(crate) async fn rows_of(database: &TestDatabase) -> Vec<String> {
    let db = database.open();
    let names = match database.config().address {
        Address::Sqlite(path) if !path.exists() => return Vec::new(),
        Address::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        Address::Postgres(_) => {
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = 'public'::regnamespace ORDER BY relname"
        }
    };
    let mut rows = Vec::new();
    for table in texts(&db, names).await {
        let sql = match database.config().address {
            Address::Sqlite(_) => {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns = texts(&db, &columns).await;
                let quoted = columns.iter().map(|column| format!("quote(\"{column}\")"));
                let quoted = quoted.collect::<Vec<_>>().join(" || '|' || ");
                format!("SELECT {quoted} AS line FROM \"{table}\" ORDER BY line")
            }
            Address::Postgres(_) => {
                format!("SELECT t::text AS line FROM \"{table}\" AS t ORDER BY line")
            }
        };
        let lines = texts(&db, &sql).await;
        rows.extend(lines.into_iter().map(|line| format!("{table}: {line}")));
    }
    db.close().await.unwrap();
    rows
}

async fn texts(db: &Database, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index(0).unwrap();
    rows.iter().map(text).collect()
}

/// The line with the checksum, at the end of every backup.
const SEAL_LENGTH: usize = "-- sha256: \n".len() + 64;

/// Puts the right checksum at the end of a backup that a test has changed.
fn write_checksum(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes.truncate(bytes.len() - SEAL_LENGTH);
    let sum = Sha256::digest(&bytes);
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.extend(format!("-- sha256: {sum}\n").as_bytes());
    fs::write(path, bytes).unwrap();
}

/// A database with the demo data and a letting, closed.
async fn filled(backend: Backend) -> TestDatabase {
    let app = TestApp::open(backend).await;
    site::demo::fill(&app.db).await.unwrap();
    app.db.close().await.unwrap();
    app.database
}

on_both_databases! {
    async fn what_was_backed_up_comes_back(app: TestApp) {
        site::demo::fill(&app.db).await.unwrap();
        // What a text format has to take care of.
        let odd = "a\tb\nc\\.\\N\r d'\"é🏠";
        let escaped = odd.replace('\'', "''");
        app.sql(&format!("UPDATE lettings_letting SET title = '{escaped}' WHERE id = 2")).await;
        app.sql("UPDATE auth_user SET last_login = '2026-01-02 03:04:05.000006' WHERE id = 3").await;
        app.sql("DELETE FROM lettings_letting WHERE id = 36").await;
        let backend = app.db.get_database_backend();
        app.db.close().await.unwrap();
        let before = rows_of(&app.database).await;
        let file = back_up(&app.database, "site.backup");

        let other = match backend {
            DbBackend::Postgres => TestDatabase::empty(Backend::Postgres).await,
            _ => TestDatabase::empty(Backend::Sqlite).await,
        };
        let restored = restore(&other, &file, &[]);
        assert!(!restored.out.contains("kept"), "{restored:?}");
        assert_eq!(rows_of(&other).await, before);
        assert_eq!(run_on(&other, &["migrate", "--check"]).code, Some(0));
        // The key of the row that was deleted is not given again.
        let restored = TestApp::unmigrated(other, &[]);
        assert!(restored.get("/lettings/2/").await.expect(200).body.contains("é🏠"));
        let sql = "INSERT INTO lettings_letting (title, address_id) VALUES ('New', 36)";
        restored.sql(sql).await;
        assert_eq!(restored.get("/lettings/37/").await.expect(200).texts("h1"), ["New"]);
        // What points nowhere is refused as before.
        let sql = "INSERT INTO lettings_letting (title, address_id) VALUES ('Lost', 999)";
        assert!(restored.db.execute_unprepared(sql).await.is_err());
    }

    async fn a_database_that_is_not_empty_gives_way_only_when_told(app: TestApp) {
        app.add_letting(1, "First").await;
        app.db.close().await.unwrap();
        let first = rows_of(&app.database).await;
        let file = back_up(&app.database, "first.backup");
        app.sql("UPDATE lettings_letting SET title = 'Second'").await;
        app.sql("INSERT INTO auth_group (name) VALUES ('since then')").await;
        app.db.close().await.unwrap();
        let second = rows_of(&app.database).await;
        let name = file.to_str().unwrap();
        assert_refused(&app.database, &[name], "--replace puts the backup in its place").await;

        let restored = restore(&app.database, &file, &["--replace"]);
        assert_eq!(rows_of(&app.database).await, first);
        // The way back: the one that was kept is a database like any other.
        let (_, kept) = restored.out.split_once("is kept in the ").unwrap();
        let kept = kept.trim().trim_end_matches('.');
        let url = match kept.split_once(' ').unwrap() {
            ("file", path) => format!("sqlite:///{path}"),
            (_, schema) => format!("{}?options=-csearch_path%3D{schema}", app.database.url),
        };
        let variables = [("DATABASE_URL", url.as_str())];
        let again = run(app.database.folder.path(), &variables, &["backup", "second.backup"]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let file = app.database.folder.path().join("second.backup");
        restore(&app.database, &file, &["--replace"]);
        assert_eq!(rows_of(&app.database).await, second);
    }
}
