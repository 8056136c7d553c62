//! Behind `PgBouncer` in transaction mode: few sessions, that everybody takes turns with.

use db::{ConnectionTrait as _, Database};
use futures_util::future::{join_all, poll_immediate};

use super::by_psql;
use crate::admin::{PASSWORD, add_account};
use crate::page_cache::{asked, told};
use crate::support::database::config;
use crate::support::pooler::Pooler;
use crate::support::program::{Run, run};
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, TestDatabase};

/// What each test is run with: what the address says, and what the pooler is told. It refuses what it
/// does not know of a session's start, unless it is to ignore it.
const KINDS: [(&str, &str); 3] = [
    ("?pgbouncer=true", ""),
    ("", ""),
    (
        "",
        "ignore_startup_parameters = extra_float_digits, options",
    ),
];

/// A site on a database of its own, behind a pooler of its own.
struct PooledSite {
    app: TestApp,
    url: String,
    pooler: Pooler,
    _folder: tempfile::TempDir,
}

impl PooledSite {
    async fn open((query, further): (&str, &str)) -> Self {
        let app = TestApp::open(Backend::Postgres).await;
        site::demo::fill(&app.db).await.unwrap();
        add_account(&app, 100, "ann", &[]).await;
        let folder = tempfile::tempdir().unwrap();
        let (pooler, url) = in_front_of(&app.database, folder.path(), further);
        let url = format!("{url}{query}");
        Self {
            app: app.with(&[("DATABASE_URL", &url)]),
            url,
            pooler,
            _folder: folder,
        }
    }

    fn run(&self, args: &[&str]) -> Run {
        let folder = self.app.database.folder.path();
        run(folder, &[("DATABASE_URL", &self.url), ("DEBUG", "1")], args)
    }

    #[track_caller]
    fn expect(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, Some(0), "{args:?}: {run:?}");
        run.out
    }
}

fn in_front_of(
    database: &TestDatabase,
    folder: &std::path::Path,
    further: &str,
) -> (Pooler, String) {
    let (_, server) = database.url.rsplit_once('@').unwrap();
    let (server, name) = server.split_once('/').unwrap();
    let pooler = Pooler::start(folder, server, further);
    let url = pooler.url(name);
    (pooler, url)
}

/// Leaves in every session what other programs leave there: a statement under the name that the driver
/// gives first, and a limit on time that is none of ours.
async fn leave_behind(site: &PooledSite) {
    let sql = "BEGIN; DEALLOCATE ALL; PREPARE sqlx_s_1 AS SELECT 'another''s'; \
               SET statement_timeout = '20min'; SELECT pg_sleep(0.2); COMMIT";
    let (url, _) = site.url.split_once('?').unwrap_or((&site.url, ""));
    let leave = |_| {
        let url = url.to_owned();
        tokio::task::spawn_blocking(move || by_psql(&url, sql))
    };
    for left in join_all((0..3).map(leave)).await {
        left.unwrap().unwrap();
    }
}

#[tokio::test]
async fn every_page_is_answered() {
    for kind in KINDS {
        let site = PooledSite::open(kind).await;
        leave_behind(&site).await;
        let visits = (0..12).map(async |_| {
            for _ in 0..5 {
                for page in ["/", "/lettings/", "/lettings/1/", "/profiles/"] {
                    site.app.get(page).await.expect(200);
                }
            }
        });
        join_all(visits).await;
        site.app.get("/readyz").await.expect(200);
        site.app.db.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_admin_works() {
    for kind in KINDS {
        let site = PooledSite::open(kind).await;
        leave_behind(&site).await;
        let mut ann = Visitor::new(&site.app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let path = "/admin/lettings/letting/1/change/";
        let page = ann.get(path).await.expect(200);
        let mut fields = page.form_fields("form.record");
        for (name, value) in &mut fields {
            if name == "title" {
                "Behind a pooler".clone_into(value);
            }
        }
        fields.push(("_save".to_owned(), "Save".to_owned()));
        let fields: Vec<_> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
        ann.post(path, &fields).await.expect(302);
        let letting = site.app.get("/lettings/1/").await.expect(200);
        assert_eq!(letting.texts("h1"), ["Behind a pooler"]);
        site.app.db.close().await.unwrap();
    }
}

#[tokio::test]
async fn the_commands_work() {
    for kind in KINDS {
        let site = PooledSite::open(kind).await;
        leave_behind(&site).await;
        site.expect(&["migrate", "--check"]);
        site.expect(&["check"]);
        let fixture = site.expect(&["dumpdata", "lettings"]);
        assert!(fixture.contains("lettings.address"), "{fixture}");
        let file = site.app.database.folder.path().join("lettings.json");
        std::fs::write(&file, fixture).unwrap();
        site.expect(&["loaddata", "lettings.json"]);
        site.expect(&["backup", "site.backup"]);
        site.expect(&["restore", "site.backup", "--replace"]);
        site.app.get("/lettings/1/").await.expect(200);
        // And a database that is still empty.
        let empty = TestDatabase::empty(Backend::Postgres).await;
        let (_, name) = empty.url.rsplit_once('/').unwrap();
        let url = site.pooler.url(name);
        let folder = empty.folder.path();
        let migrated = run(folder, &[("DATABASE_URL", &url)], &["migrate"]);
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        site.app.db.close().await.unwrap();
    }
}

/// The limit on time holds in each transaction, and in none of anybody else's.
#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let site = PooledSite::open(KINDS[1]).await;
    let db = Database::new(db::Config {
        statement_limit: Some(std::time::Duration::from_millis(300)),
        ..config(&site.url)
    });
    let error = db
        .execute_unprepared("SELECT pg_sleep(3600)")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("statement timeout"), "{error}");
    db.close().await.unwrap();
    let others = by_psql(&site.url, "SHOW statement_timeout");
    assert_eq!(others.as_deref(), Ok("0"));
}

/// Who goes while a transaction is begun leaves none open: what the next changes would be lost with it.
#[tokio::test]
async fn a_transaction_whose_beginning_nobody_awaits_is_ended() {
    let site = PooledSite::open(KINDS[0]).await;
    let direct = site.app.database.url.clone();
    for (url, title) in [(&site.url, "Two"), (&direct, "Three")] {
        let db = Database::new(db::Config {
            max_connections: 1,
            ..config(url)
        });
        db.execute_unprepared("SELECT 1").await.unwrap();
        for _ in 0..3 {
            // The connection has come back, so that the statement goes on its way at once.
            while db.pool_status().unwrap().idle == 0 {
                tokio::task::yield_now().await;
            }
            assert!(poll_immediate(db.begin()).await.is_none());
        }
        let change = format!("UPDATE lettings_letting SET title = '{title}' WHERE id = 1");
        db.execute_unprepared(&change).await.unwrap();
        db.close().await.unwrap();
        let read = "SELECT title FROM lettings_letting WHERE id = 1";
        assert_eq!(by_psql(&direct, read).as_deref(), Ok(title), "{url}");
    }
}

#[tokio::test]
async fn pages_are_made_anew() {
    for kind in KINDS {
        let site = PooledSite::open(kind).await;
        let app = site
            .app
            .with(&[("DATABASE_URL", &site.url), ("PAGE_CACHE_SIZE", "1MB")]);
        for _ in 0..3 {
            let (answer, cache) = told(&app, asked("/lettings/", &[])).await;
            answer.expect(200);
            assert_eq!(cache, "passed", "{kind:?}");
        }
    }
}
