//! A statement that takes too long is ended: whoever asked is told, and what it occupied is free.

use std::time::Duration;

use db::{ConnectionTrait as _, Database};
use futures_util::future::poll_immediate;

use crate::support::database::config;
use crate::support::network::TestProxy;
use crate::support::{Backend, CapturedLog, TestApp, on_both_databases};

/// Far below what is slow here, and far above what is not.
const LIMIT: Duration = Duration::from_millis(300);

/// A condition that is never decided, in SQL of the database.
fn endless_condition(db: &Database) -> &'static str {
    match db.get_database_backend() {
        db::DbBackend::Postgres => "pg_sleep(3600)::text IS NOT NULL",
        _ => {
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT count(*) FROM n) > 0"
        }
    }
}

/// Has every page that reads lettings wait for ever. On one connection: another of SQLite's would
/// still know the former table.
async fn make_slow(app: &TestApp) {
    app.add_letting(1, "One").await;
    let condition = endless_condition(&app.db);
    app.sql(&format!(
        "ALTER TABLE lettings_letting RENAME TO kept; \
         CREATE VIEW lettings_letting AS SELECT * FROM kept WHERE {condition}"
    ))
    .await;
}

async fn make_fast(app: &TestApp) {
    app.sql("DROP VIEW lettings_letting; ALTER TABLE kept RENAME TO lettings_letting")
        .await;
}

/// The page is a 503 with one line in the log, whose cause is returned.
async fn assert_given_up(app: &TestApp) -> String {
    let log = CapturedLog::start();
    let answer = app.get("/lettings/").await.expect(503);
    assert_eq!(answer.header("retry-after"), "10");
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["level"], "ERROR");
    lines[0]["error.cause"].as_str().unwrap().to_owned()
}

/// Nobody on the server works for the site any longer.
async fn assert_idle(db: &Database) {
    if db.get_database_backend() == db::DbBackend::Postgres {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' \
                   AND datname = current_database() AND pid <> pg_backend_pid()";
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    }
}

on_both_databases! {
    async fn a_page_that_takes_too_long_is_given_up(app: TestApp) {
        make_slow(&app).await;
        let app = app.with_statement_limit(LIMIT);
        let cause = assert_given_up(&app).await;
        assert!(cause.contains("statement timeout") || cause.contains("interrupted"), "{cause}");
        assert_idle(&app.db).await;
        app.get("/healthz").await.expect(200);
        app.get("/profiles/").await.expect(200);
        make_fast(&app).await;
        // More often than there are connections.
        for _ in 0..2 * app.database.config().max_connections {
            app.get("/lettings/").await.expect(200);
        }
    }

    async fn a_connection_serves_on_after_a_change_that_took_too_long(app: TestApp) {
        app.add_letting(1, "One").await;
        let db = Database::new(db::Config {
            max_connections: 1,
            statement_limit: Some(LIMIT),
            ..app.database.config()
        });
        let change = "UPDATE lettings_letting SET title = 'Two'";
        let slow = format!("{change} WHERE {}", endless_condition(&db));
        let transaction = db.begin().await.unwrap();
        transaction.execute_unprepared(change).await.unwrap();
        let error = transaction.execute_unprepared(&slow).await.unwrap_err();
        assert!(db::is_unavailable(&error), "{error}");
        drop(transaction);
        let error = db.execute_unprepared(&slow).await.unwrap_err();
        assert!(db::is_unavailable(&error), "{error}");
        assert_idle(&db).await;
        // Nothing of it is left.
        assert_eq!(app.get("/lettings/1/").await.expect(200).texts("h1"), ["One"]);
        let transaction = db.begin().await.unwrap();
        transaction.execute_unprepared(change).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(app.get("/lettings/1/").await.expect(200).texts("h1"), ["Two"]);
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_on_sqlite_that_nobody_waits_for_any_more_is_ended() {
    let app = TestApp::open(Backend::Sqlite).await;
    let db = Database::new(db::Config {
        max_connections: 1,
        statement_limit: Some(Duration::from_hours(1)),
        ..app.database.config()
    });
    db.execute_unprepared("SELECT 1").await.unwrap();
    let endless = format!("SELECT 1 WHERE {}", endless_condition(&db));
    for _ in 0..3 {
        let mut asked = db.execute_unprepared(&endless);
        while db.pool_status().unwrap().in_use == 0 {
            assert!(poll_immediate(&mut asked).await.is_none());
            tokio::task::yield_now().await;
        }
        assert!(poll_immediate(&mut asked).await.is_none());
        drop(asked);
        db.execute_unprepared("SELECT 1").await.unwrap();
        // Nor does the end of a transaction keep others waiting.
        let transaction = db.begin().await.unwrap();
        assert!(
            poll_immediate(transaction.execute_unprepared(&endless))
                .await
                .is_none()
        );
        drop(transaction);
        db.execute_unprepared("SELECT 1").await.unwrap();
    }
    db.close().await.unwrap();
}

/// The way to the test's database through a proxy that can be cut.
fn url_through(proxy: &TestProxy, app: &TestApp) -> String {
    let (_, name) = app.database.url.rsplit_once('/').unwrap();
    format!("postgres://postgres@{}/{name}", proxy.address)
}

fn server_of(app: &TestApp) -> String {
    let (_, rest) = app.database.url.rsplit_once('@').unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

/// Behind a pooler that drops what a session is opened with, as `PgBouncer` does with
/// `ignore_startup_parameters = options`.
#[tokio::test]
async fn behind_a_pooler_postgres_ends_the_statement_too() {
    let app = TestApp::open(Backend::Postgres).await;
    make_slow(&app).await;
    let proxy = TestProxy::without_options(&server_of(&app)).await;
    let db = Database::new(db::Config {
        statement_limit: Some(LIMIT),
        ..config(&url_through(&proxy, &app))
    });
    // What the session lacks is known once there is one.
    db.execute_unprepared("SELECT 1").await.unwrap();
    let error = db
        .execute_unprepared("SELECT * FROM lettings_letting")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("statement timeout"), "{error}");
    let transaction = db.begin().await.unwrap();
    let error = transaction
        .execute_unprepared("SELECT * FROM lettings_letting")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("statement timeout"), "{error}");
    drop(transaction);
    assert_idle(&app.db).await;
    // A statement alone is lasting when it is answered.
    db.execute_unprepared("UPDATE kept SET title = 'Two'")
        .await
        .unwrap();
    make_fast(&app).await;
    assert_eq!(
        app.get("/lettings/1/").await.expect(200).texts("h1"),
        ["Two"]
    );
    db.close().await.unwrap();
}

/// What the server cannot end, since it hears nothing, is given up here.
#[tokio::test]
async fn a_statement_that_postgres_does_not_answer_is_given_up() {
    let app = TestApp::open(Backend::Postgres).await;
    let proxy = TestProxy::to(&server_of(&app)).await;
    let db = Database::new(db::Config {
        statement_limit: Some(LIMIT),
        ..config(&url_through(&proxy, &app))
    });
    let transaction = db.begin().await.unwrap();
    proxy.fall_silent();
    let error = transaction
        .execute_unprepared("SELECT 1")
        .await
        .unwrap_err();
    assert!(
        db::is_unavailable(&error) && error.to_string().contains("timed out"),
        "{error}"
    );
}
