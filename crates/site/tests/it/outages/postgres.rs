//! A PostgreSQL that is stopped, unreachable, silent, locked or read-only.

use std::time::Duration;

use db::Database;
use futures_util::future::{join, join_all};
use sea_orm::ConnectionTrait as _;

use super::{LIMIT, SiteWithForm, VisitorAction};
use crate::support::app::save_letting;
use crate::support::cluster::Cluster;
use crate::support::database::config;
use crate::support::network::TestProxy;
use crate::support::{Backend, TestApp, TestDatabase};

/// The server's first database, for whoever administers the one of a test, and the name of that.
fn administration(site: &SiteWithForm) -> (Database, String) {
    let (server, name) = site.app.database.url.rsplit_once('/').unwrap();
    let admin = Database::new(config(&format!("{server}/postgres")));
    (admin, name.to_owned())
}

async fn end_all_connections(admin: &Database, name: &str) {
    let sql =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    admin.execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn a_server_that_ends_our_connections_and_refuses_new_ones() {
    let site = SiteWithForm::new(Backend::Postgres).await;
    let (admin, name) = administration(&site);
    let run = async |sql: String| admin.execute_unprepared(&sql).await.unwrap();
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    end_all_connections(&admin, &name).await;
    site.assert_gone().await;
    run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    site.assert_works().await;
}

#[tokio::test]
async fn connections_that_were_ended_while_they_were_idle_are_replaced_unseen() {
    let site = SiteWithForm::new(Backend::Postgres).await;
    let (admin, name) = administration(&site);
    end_all_connections(&admin, &name).await;
    // A connection is trusted for a second after its last use: what is waited for is time.
    let never = std::future::pending::<()>();
    let passed = tokio::time::timeout(Duration::from_millis(1_100), never).await;
    passed.unwrap_err();
    site.assert_works().await;
}

#[tokio::test]
async fn a_server_that_is_read_only() {
    let site = SiteWithForm::new(Backend::Postgres).await;
    let (admin, name) = administration(&site);
    let run = async |sql: String| admin.execute_unprepared(&sql).await.unwrap();
    run(format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ))
    .await;
    end_all_connections(&admin, &name).await;
    site.disconnect().await;
    let cause = site.assert_unavailable(VisitorAction::Save).await;
    assert!(cause.contains("read-only transaction"), "{cause}");
    site.assert_reads().await;
    // Sessions that began so stay so.
    run(format!(
        "ALTER DATABASE {name} RESET default_transaction_read_only"
    ))
    .await;
    site.assert_works().await;
}

#[tokio::test]
async fn a_table_that_another_program_holds_locked() {
    let site = SiteWithForm::new(Backend::Postgres).await;
    let other = site.app.database.open();
    let transaction = other.begin().await.unwrap();
    let lock = "LOCK TABLE lettings_letting IN ACCESS EXCLUSIVE MODE";
    transaction.execute_unprepared(lock).await.unwrap();
    let cause = site.assert_unavailable(VisitorAction::Read).await;
    assert!(cause.contains("lock timeout"), "{cause}");
    site.assert_unavailable(VisitorAction::Save).await;
    transaction.commit().await.unwrap();
    site.assert_works().await;
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let app = TestApp::open(Backend::Sqlite).await;
    let site = SiteWithForm::on(app).await;
    // Port 1 of this machine: nobody listens there.
    let nowhere = [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")];
    let site = SiteWithForm {
        app: site.app.with(&nowhere),
        ..site
    };
    let cause = site.assert_unavailable(VisitorAction::Read).await;
    assert!(cause.contains("onnection refused"), "{cause}");
}

/// The network swallows everything: nobody is told that the connections are of no more use.
#[tokio::test]
async fn a_server_that_falls_silent() {
    let app = TestApp::open(Backend::Postgres).await;
    save_letting(&app.db, "First").await.unwrap();
    let (_, rest) = app.database.url.rsplit_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let proxy = TestProxy::to(server).await;
    let url = format!("postgres://postgres@{}/{name}", proxy.address);
    let site = SiteWithForm::at(app, Some(&url)).await;
    // As many as there may be connections.
    let most = site.form_db.pool_status().unwrap().max;
    let visited = &site;
    let crowd = |visit| join_all((0..most).map(move |_| visited.visit(visit)));
    for visit in [VisitorAction::Read, VisitorAction::Save] {
        for answer in crowd(visit).await {
            assert!(answer.status.is_success(), "{answer:?}");
        }
    }
    proxy.fall_silent();
    // They wait on connections that were good a moment ago, and leave.
    let visitors = join(crowd(VisitorAction::Read), crowd(VisitorAction::Save));
    let visitors = tokio::time::timeout(Duration::from_millis(500), visitors);
    assert!(visitors.await.is_err(), "there were answers");
    site.assert_gone().await;
    proxy.open();
    // Without waiting for the old connections, which stay silent.
    let start = std::time::Instant::now();
    while site.visit(VisitorAction::Save).await.status != 204 {
        assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    }
    site.assert_works().await;
}

#[tokio::test]
async fn a_server_that_is_stopped_and_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start_in(folder.path());
    let database = TestDatabase {
        url: cluster.url(),
        folder: tempfile::tempdir().unwrap(),
    };
    let site = SiteWithForm::on(TestApp::on(database, &[]).await).await;
    for mode in ["fast", "immediate"] {
        cluster.stop(mode);
        site.assert_gone().await;
        cluster.start();
        site.assert_works().await;
    }
}
