//! Django on databases that were handed back: the original site's own code, and newer code of the same
//! owner, whose migrations copy or rename the tables.

use std::path::Path;

use serde_json::{Value, json};

use super::{DJANGO_5_2, ask_django, command};
use crate::support::app::save_letting;
use crate::support::database::TITLES;
use crate::support::program::run;
use crate::support::{Backend, TestApp, TestDatabase, of_the_older_site};

/// The answer of the original site's code.
#[track_caller]
fn ask_original(url: &str, args: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/peers/original");
    let mut command = command(DJANGO_5_2.python());
    let asked = command
        .current_dir(folder)
        .args(args)
        .env("DATABASE_URL", url);
    let output = asked.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the original site's models read.
#[track_caller]
fn original_rows(url: &str, args: &[&str]) -> Value {
    let text = ask_original(url, &[&["rows.py"], args].concat());
    serde_json::from_str(&text).unwrap()
}

/// A way to migrate of newer code: its settings.
const COPYING: &str = "peer.settings";
const RENAMING: &str = "peer.renaming";

/// The answer of newer code to a command of `manage.py`.
fn manage(url: &str, settings: &str, args: &[&str]) -> (Option<i32>, String) {
    let settings = format!("--settings={settings}");
    ask_django(url, &[&["manage.py"], args, &[&settings]].concat())
}

/// A database that the original site's code has made and filled.
async fn original(backend: Backend) -> TestDatabase {
    if backend == Backend::Sqlite {
        return of_the_older_site("original").await;
    }
    let database = TestDatabase::empty(backend).await;
    ask_original(&database.url, &["manage.py", "migrate", "--verbosity=0"]);
    original_rows(&database.url, &["add"]);
    database
}

/// It is adopted, and a letting is added, one changed, one deleted.
async fn adopted(backend: Backend) -> TestApp {
    let app = TestApp::on(original(backend).await, &[]).await;
    save_letting(&app.db, "New").await.unwrap();
    app.sql("UPDATE lettings_letting SET title = 'Changed' WHERE id = 1")
        .await;
    app.sql("DELETE FROM lettings_letting WHERE id = 6").await;
    app.db.close().await.unwrap();
    app
}

#[track_caller]
fn hand_back(app: &TestApp, to: &str) -> String {
    let variables = [("DATABASE_URL", app.database.url.as_str())];
    let done = run(
        app.database.folder.path(),
        &variables,
        &["handback", "--to", to],
    );
    assert_eq!(done.code, Some(0), "{done:?}");
    done.out
}

/// The ids and titles that the original code or, under that key, newer code reads.
fn lettings(found: &Value, key: &str) -> Vec<(i64, String)> {
    let rows = found[key].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row[0].as_i64().unwrap(),
            row[1].as_str().unwrap().to_owned(),
        )
    })
    .collect()
}

fn expected(backend: Backend) -> Vec<(i64, String)> {
    let titles = match backend {
        Backend::Sqlite => &["Changed", TITLES[1], TITLES[2], TITLES[3], TITLES[4]][..],
        Backend::Postgres => &["Changed"],
    };
    let mut all: Vec<_> = (1..)
        .zip(titles.iter().map(|title| (*title).to_owned()))
        .collect();
    all.push((newest(backend), "New".to_owned()));
    all
}

/// The id of the letting that was added here.
fn newest(backend: Backend) -> i64 {
    match backend {
        Backend::Sqlite => 7,
        Backend::Postgres => 2,
    }
}

/// The original code shows what was written here, and counts on from there.
async fn original_code_goes_on(backend: Backend) {
    let app = adopted(backend).await;
    let url = &app.database.url;
    hand_back(&app, "original");
    let found = original_rows(url, &[]);
    assert_eq!(lettings(&found, "letting"), expected(backend));
    let added = original_rows(url, &["add"]);
    let id = newest(backend) + 1;
    let last = added["letting"].as_array().unwrap().last().unwrap();
    assert_eq!(last, &json!([id, "Added by Django", id]));

    // What Django adds is adopted with the rest.
    let app = TestApp::on(app.database, &[]).await;
    let page = app.get(&format!("/lettings/{id}/")).await.expect(200);
    assert_eq!(page.texts("h1"), ["Added by Django"]);
}

#[tokio::test]
async fn the_original_code_goes_on_sqlite() {
    original_code_goes_on(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_original_code_goes_on_postgresql() {
    original_code_goes_on(Backend::Postgres).await;
}

/// Newer code finds the original tables, and its own migrations carry them on.
async fn newer_code_migrates_by_itself(backend: Backend) {
    for settings in [COPYING, RENAMING] {
        let app = adopted(backend).await;
        let url = &app.database.url;
        hand_back(&app, "original");
        assert_newer(url, settings, &[&["migrate"]], backend);
    }
}

#[tokio::test]
async fn newer_code_migrates_what_went_back_on_sqlite() {
    newer_code_migrates_by_itself(Backend::Sqlite).await;
}

#[tokio::test]
async fn newer_code_migrates_what_went_back_on_postgresql() {
    newer_code_migrates_by_itself(Backend::Postgres).await;
}

/// Newer code reads our tables, once its migrations are recorded as we say.
async fn newer_code_records_its_migrations(backend: Backend) {
    for settings in [COPYING, RENAMING] {
        let app = adopted(backend).await;
        let url = &app.database.url;
        // Without that they would be carried out once more: they fail, and double nothing.
        let told = hand_back(&app, "modular");
        let (code, _) = manage(url, settings, &["migrate"]);
        assert_ne!(code, Some(0), "{settings}");
        let commands = told
            .lines()
            .filter_map(|line| line.strip_prefix("  python manage.py "));
        let commands: Vec<Vec<&str>> = commands.map(|line| line.split(' ').collect()).collect();
        let mut commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
        assert_eq!(commands.last(), Some(&&["migrate", "--fake"][..]), "{told}");
        commands.push(&["migrate"]);
        assert_newer(url, settings, &commands, backend);
        if settings == COPYING {
            DJANGO_5_2.find_nothing_to_do(url);
        }
    }
}

#[tokio::test]
async fn newer_code_records_what_is_done_on_sqlite() {
    newer_code_records_its_migrations(Backend::Sqlite).await;
}

#[tokio::test]
async fn newer_code_records_what_is_done_on_postgresql() {
    newer_code_records_its_migrations(Backend::Postgres).await;
}

/// Newer code carries out commands, finds nothing left to migrate, and reads what was written here.
#[track_caller]
fn assert_newer(url: &str, settings: &str, commands: &[&[&str]], backend: Backend) {
    for args in commands {
        let (code, text) = manage(url, settings, args);
        assert_eq!(code, Some(0), "{settings} {args:?}: {text}");
    }
    let (code, text) = manage(url, settings, &["migrate", "--check"]);
    assert_eq!(code, Some(0), "{settings}: {text}");
    let (code, text) = ask_django(url, &["integrity.py"]);
    assert_eq!(code, Some(0), "{settings}: {text}");
    let (code, text) = ask_django(url, &["rows.py"]);
    assert_eq!(code, Some(0), "{settings}: {text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        lettings(&found, "lettings"),
        expected(backend),
        "{settings}"
    );
    assert_eq!(found["added"], newest(backend) + 1, "{settings}");
}

/// The modular code needs nothing but that our tables are gone.
#[tokio::test]
async fn the_modular_code_goes_on() {
    let app = TestApp::on(of_the_older_site("modular").await, &[]).await;
    app.sql("UPDATE lettings_letting SET title = 'Changed' WHERE id = 1")
        .await;
    app.db.close().await.unwrap();
    hand_back(&app, "modular");
    DJANGO_5_2.find_nothing_to_do(&app.database.url);
    let found = super::facts(&app.database.url);
    assert_eq!(lettings(&found, "lettings")[0], (1, "Changed".to_owned()));
}
