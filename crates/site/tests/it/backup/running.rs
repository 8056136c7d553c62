//! Backups and restores while the site runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::{back_up, filled, restore, rows_of, texts};
use crate::support::app::save_letting;
use crate::support::program::Server;
use crate::support::{Backend, TestDatabase, on_both_databases};

on_both_databases! {
    async fn a_backup_is_of_one_moment(app: TestApp) {
        let (saved, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let writer = async {
            while !is_over.load(Ordering::Relaxed) {
                save_letting(&app.db, "One of many").await.unwrap();
                saved.fetch_add(1, Ordering::Relaxed);
            }
        };
        let database = &app.database;
        let backups = async {
            for number in 0..4 {
                let name = format!("{number}.backup");
                let before = saved.load(Ordering::Relaxed);
                let variables = [("DATABASE_URL", database.url.as_str())];
                let mut command =
                    crate::support::program::command(database.folder.path(), &variables);
                command.args(["backup", &name]).stdout(std::process::Stdio::null());
                let mut child = command.spawn().unwrap();
                while child.try_wait().unwrap().is_none() {
                    tokio::task::yield_now().await;
                }
                assert!(child.wait().unwrap().success());
                let after = saved.load(Ordering::Relaxed);
                assert!(before < after, "nothing was written meanwhile");
                let other = TestDatabase::empty(database.backend()).await;
                restore(&other, &database.folder.path().join(name), &[]);
                let db = other.open();
                let count = async |table: &str| {
                    let sql = format!("SELECT CAST(count(*) AS varchar(20)) FROM {table}");
                    texts(&db, &sql).await[0].parse::<u64>().unwrap()
                };
                let lettings = count("lettings_letting").await;
                assert_eq!(lettings, count("lettings_address").await);
                assert!((before..=after + 1).contains(&lettings), "{before} {lettings} {after}");
                db.close().await.unwrap();
            }
            is_over.store(true, Ordering::Relaxed);
        };
        tokio::join!(writer, backups);
    }
}

/// Its visitors notice nothing but the new data.
async fn a_running_site_goes_on_with_what_was_restored(backend: Backend) {
    let database = filled(backend).await;
    let file = back_up(&database, "site.backup");
    let expected = rows_of(&database).await;
    let db = database.open();
    texts(
        &db,
        "UPDATE lettings_letting SET title = 'Since then' RETURNING title",
    )
    .await;
    db.close().await.unwrap();
    let variables = [("DEBUG", "1"), ("DATABASE_URL", database.url.as_str())];
    let server = Server::start(database.folder.path(), &variables);
    let failed = thread::scope(|scope| {
        let restores = Arc::new(scope.spawn(|| {
            for _ in 0..5 {
                restore(&database, &file, &["--replace"]);
            }
        }));
        let server = &server;
        let visitor = move || {
            let mut failed = Vec::new();
            while !restores.is_finished() {
                let request = "GET /lettings/ HTTP/1.0\r\nHost: localhost\r\n\r\n";
                let page = server.exchange(request);
                if !page.starts_with("HTTP/1.0 200 OK") {
                    failed.push(page);
                }
            }
            failed
        };
        let visitors = [scope.spawn(visitor.clone()), scope.spawn(visitor)];
        visitors.map(|visitor| visitor.join().unwrap()).concat()
    });
    assert_eq!(failed, [""; 0], "{backend:?}");
    let page = server.exchange("GET /lettings/ HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert!(page.contains("Joshua Tree Green Haus"), "{page}");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    // The site may have made its derived tables anew.
    let is_derived = |row: &String| {
        let names = ["block", "document", "locality", "spelling", "words"];
        let mut names = names.into_iter();
        names.any(|name| row.starts_with(&format!("oc_lettings_{name}")))
    };
    let mut rows = rows_of(&database).await;
    rows.retain(|row| !is_derived(row));
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_running_site_goes_on_with_what_was_restored_on_sqlite() {
    a_running_site_goes_on_with_what_was_restored(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_running_site_goes_on_with_what_was_restored_on_postgresql() {
    a_running_site_goes_on_with_what_was_restored(Backend::Postgres).await;
}

/// The file itself is another one then, since the former could not be worked on.
#[tokio::test]
async fn a_running_site_notices_a_file_in_the_place_of_a_damaged_one() {
    let database = filled(Backend::Sqlite).await;
    let file = back_up(&database, "site.backup");
    let variables = [("DEBUG", "1"), ("DATABASE_URL", database.url.as_str())];
    let server = Server::start(database.folder.path(), &variables);
    let status = |path: &str| {
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        server.exchange(&request)[9..12].to_owned()
    };
    assert_eq!(status("/lettings/"), "200");
    std::fs::write(database.path(), vec![b'x'; 200_000]).unwrap();
    // What was read before may still be in memory.
    assert_eq!(status("/profiles/"), "503");
    restore(&database, &file, &["--replace"]);
    assert_eq!(status("/profiles/"), "200");
    assert_eq!(status("/lettings/"), "200");
}
