//! The database goes away under the running site, and comes back.

use std::fs;
use std::time::Instant;

use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};

use crate::support::{Backend, CapturedLog, TestApp};

async fn filled() -> TestApp {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    app.add_letting(1, "Only").await;
    app.get("/lettings/").await.expect(200);
    app
}

/// Pages that need the database say so, with the way to a later try; the others work.
async fn assert_unavailable(app: &TestApp) -> String {
    let log = CapturedLog::start();
    let answer = app.get("/lettings/").await.expect(503);
    answer.assert_valid_html();
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(
        !answer.body.to_lowercase().contains("sqlite"),
        "{}",
        answer.body
    );
    let lines = log.lines();
    let errors: Vec<_> = lines
        .iter()
        .filter(|line| line["level"] == "ERROR")
        .collect();
    assert_eq!(errors.len(), 1, "{lines:?}");
    let cause = errors[0]["error.cause"].as_str().unwrap().to_owned();
    drop(log);
    let readiness = app.get("/readyz").await.expect(503);
    assert_eq!(readiness.json()["reason"], "the database does not answer");
    app.get("/healthz").await.expect(200);
    app.get("/robots.txt").await.expect(200);
    cause
}

async fn assert_recovered(app: &TestApp) {
    assert_eq!(
        app.get("/lettings/").await.expect(200).texts("main li a"),
        ["Only"]
    );
    app.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn a_file_that_is_gone_and_comes_back() {
    let app = filled().await;
    // The whole database into the one file.
    app.db.close().await.unwrap();
    app.get("/lettings/").await.expect(200);
    let path = app.database.path();
    let aside = app.database.folder.path().join("aside");
    fs::rename(&path, &aside).unwrap();
    assert_unavailable(&app).await;
    assert!(!path.exists(), "an empty database was made in its place");
    fs::rename(&aside, &path).unwrap();
    assert_recovered(&app).await;
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_anew() {
    let app = filled().await;
    let other = filled().await;
    other
        .sql("UPDATE lettings_letting SET title = 'Another'")
        .await;
    other.db.close().await.unwrap();
    app.db.close().await.unwrap();
    app.get("/lettings/").await.expect(200);
    fs::rename(other.database.path(), app.database.path()).unwrap();
    assert_eq!(app.get("/lettings/").await.texts("main li a"), ["Another"]);
}

#[tokio::test]
async fn a_file_that_is_broken_and_mended() {
    let app = filled().await;
    app.db.close().await.unwrap();
    let path = app.database.path();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, vec![b'x'; whole.len()]).unwrap();
    assert_unavailable(&app).await;
    fs::write(&path, &whole).unwrap();
    assert_recovered(&app).await;
}

#[tokio::test]
async fn a_file_that_another_program_holds_locked() {
    let app = filled().await;
    app.db.close().await.unwrap();
    // With this mode nobody else reads either, even with a write-ahead log.
    let mut other = SqliteConnectOptions::new()
        .filename(app.database.path())
        .locking_mode(SqliteLockingMode::Exclusive)
        .connect()
        .await
        .unwrap();
    let write = "UPDATE lettings_letting SET title = 'Only'";
    sqlx::query(write).execute(&mut other).await.unwrap();
    let start = Instant::now();
    assert_unavailable(&app).await;
    assert!(start.elapsed().as_secs() < 20);
    other.close().await.unwrap();
    assert_recovered(&app).await;
}

#[tokio::test]
async fn a_server_that_ends_our_connections_and_refuses_new_ones() {
    let Some(app) = TestApp::new(Backend::Postgres).await else {
        return;
    };
    app.add_letting(1, "Only").await;
    app.get("/lettings/").await.expect(200);
    let (server, name) = app.database.url.rsplit_once('/').unwrap();
    let admin = db::Database::new(crate::support::database::config(&format!(
        "{server}/postgres"
    )));
    let run = async |sql: String| admin.execute_unprepared(&sql).await.unwrap();
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    run(format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    ))
    .await;
    assert_unavailable(&app).await;
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    assert_recovered(&app).await;
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    // Port 1 of this machine: nobody listens there.
    let app = app.with(&[("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")]);
    let cause = assert_unavailable(&app).await;
    assert!(cause.contains("onnection refused"), "{cause}");
}
