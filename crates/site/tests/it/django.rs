//! Django's own view of databases that this program made or adopted: `bench/peers/django`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Backend, TestApp, TestDatabase, skip, variable};

/// The peer project's answer to `python SCRIPT ARGS`; `None`, with the reason printed, where
/// there is no Django.
fn ask_django(url: &str, args: &[&str]) -> Option<(Option<i32>, String)> {
    let Some(python) = variable("TEST_DJANGO_PYTHON") else {
        skip("no Django: TEST_DJANGO_PYTHON is not set");
        return None;
    };
    let output = Command::new(python)
        .current_dir(peer())
        .args(args)
        .env("DATABASE_URL", url)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.code(), text))
}

fn peer() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/peers/django")
}

fn facts(url: &str) -> Option<Value> {
    let (code, text) = ask_django(url, &["facts.py"])?;
    assert_eq!(code, Some(0), "{text}");
    Some(serde_json::from_str(&text).unwrap())
}

async fn is_djangos_own(backend: Backend) {
    let Some(ours) = TestApp::new(backend).await else {
        return;
    };
    ours.add_letting(3, "Ours").await;
    ours.db.close().await.unwrap();
    let url = &ours.database.url;
    for args in [
        &["manage.py", "migrate", "--check"][..],
        &["manage.py", "makemigrations", "--check", "--dry-run"],
        &["manage.py", "check"],
    ] {
        let Some((code, text)) = ask_django(url, args) else {
            return;
        };
        assert_eq!(code, Some(0), "{args:?}: {text}");
    }
    let theirs = TestDatabase::empty(backend).await.unwrap();
    let (code, text) = ask_django(&theirs.url, &["manage.py", "migrate"]).unwrap();
    assert_eq!(code, Some(0), "{text}");
    let (ours, theirs) = (facts(url).unwrap(), facts(&theirs.url).unwrap());
    for fact in [
        "schema",
        "content_types",
        "stale_content_types",
        "permissions",
        "missing_permissions",
        "unapplied",
        "changes",
    ] {
        let (ours, theirs) = (&ours[fact], &theirs[fact]);
        assert_eq!(ours, theirs, "{fact}");
    }
    assert_eq!(ours["content_types"].as_array().unwrap().len(), 9);
    assert_eq!(
        ours["lettings"],
        serde_json::json!([[3, "Ours", "3 Bay Road"]])
    );
}

#[tokio::test]
async fn a_new_sqlite_database_is_djangos_own() {
    is_djangos_own(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_new_postgresql_database_is_djangos_own() {
    is_djangos_own(Backend::Postgres).await;
}

/// The way back: Django finds every row, and what it still has to do works.
#[tokio::test]
async fn an_adopted_database_can_go_back_to_django() {
    for (name, unapplied) in [
        (
            "original.sqlite3",
            &[
                "auth.0012_alter_user_first_name_max_length",
                "oc_lettings_site.0002_delete_old_models",
                "profiles.0003_alter_profile_user",
            ][..],
        ),
        ("modular.sqlite3", &[]),
    ] {
        let Some(database) = TestDatabase::copy_of_shared(name) else {
            return;
        };
        let app = TestApp::on(database, &[]).await;
        app.db.close().await.unwrap();
        let Some(found) = facts(&app.database.url) else {
            return;
        };
        assert_eq!(found["unapplied"], serde_json::json!(unapplied), "{name}");
        assert_eq!(
            found["missing_permissions"],
            serde_json::json!([]),
            "{name}"
        );
        assert_eq!(found["lettings"].as_array().unwrap().len(), 6, "{name}");
        assert_eq!(found["profiles"].as_array().unwrap().len(), 4, "{name}");
        let (code, text) = ask_django(&app.database.url, &["manage.py", "migrate"]).unwrap();
        assert_eq!(code, Some(0), "{name}: {text}");
        assert_eq!(
            app.get("/lettings/").await.texts("main li a").len(),
            6,
            "{name}"
        );
    }
}
