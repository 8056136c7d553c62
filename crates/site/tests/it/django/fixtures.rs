//! Fixtures that Django writes and reads, and ours.

use std::fs;

use super::{DJANGO_5_2, ask_django};
use crate::fixtures::{PORTABLE, dump, everything, load};
use crate::support::{Backend, TestApp, TestDatabase, of_the_older_site};

/// What Django's `dumpdata` writes.
#[track_caller]
fn dump_of_django(url: &str, args: &[&str]) -> String {
    let args = [&["manage.py", "dumpdata"], args].concat();
    let (code, text) = ask_django(url, &args);
    assert_eq!(code, Some(0), "{args:?}: {text}");
    text
}

/// With the same options the same bytes.
async fn are_djangos_own(backend: Backend) {
    let app = TestApp::open(backend).await;
    load(&app.database, &everything());
    // Less than a thousandth of a second.
    app.sql("UPDATE auth_user SET date_joined = '2020-02-29 23:59:59.000700' WHERE id = 9")
        .await;
    // What Django's own forms take, and ours refuse.
    app.sql("UPDATE lettings_address SET street = 'a\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}\u{2028}z'")
        .await;
    app.db.close().await.unwrap();
    for args in [
        &[][..],
        &["--indent", "2"],
        &["--indent", "0"],
        &["--natural-foreign"],
        &["--natural-primary", "--indent", "4"],
        &PORTABLE,
        &["lettings.letting", "auth", "lettings.Address"],
        &["profiles", "auth.User", "auth.group", "--natural-foreign"],
        &[
            "--natural-foreign",
            "-e",
            "auth.permission",
            "-e",
            "auth.user",
        ],
        &["auth.user", "auth", "-e", "sessions"],
        &["auth.user", "--pks", "9,4,4"],
        &["messages"],
        &["messages", "--indent", "1"],
    ] {
        let theirs = dump_of_django(&app.database.url, args);
        assert_eq!(dump(&app.database, args), theirs, "{args:?}");
    }
}

#[tokio::test]
async fn are_djangos_own_on_sqlite() {
    are_djangos_own(Backend::Sqlite).await;
}

#[tokio::test]
async fn are_djangos_own_on_postgresql() {
    are_djangos_own(Backend::Postgres).await;
}

/// Each reads what the other has written, and has the same records then.
async fn are_read_by_both(backend: Backend) {
    let (ours, theirs) = (
        TestApp::open(backend).await,
        TestDatabase::empty(backend).await,
    );
    let (code, text) = ask_django(&theirs.url, &["manage.py", "migrate"]);
    assert_eq!(code, Some(0), "{text}");
    load(&ours.database, &everything());
    ours.db.close().await.unwrap();
    for (round, options) in [&[][..], &PORTABLE].into_iter().enumerate() {
        let written = dump(&ours.database, options);
        let file = theirs.folder.path().join(format!("ours-{round}.json"));
        fs::write(&file, &written).unwrap();
        let args = ["manage.py", "loaddata", file.to_str().unwrap()];
        let (code, text) = ask_django(&theirs.url, &args);
        assert_eq!(code, Some(0), "{text}");
        let objects =
            written.matches("\"model\": \"").count() - written.matches("\"app_label\": ").count();
        assert_eq!(
            text,
            format!("Installed {objects} object(s) from 1 fixture(s)\n")
        );
        let of_django = dump_of_django(&theirs.url, options);
        assert_eq!(of_django, written, "{options:?}");

        let again = TestApp::open(backend).await;
        assert_eq!(load(&again.database, &of_django), text);
        assert_eq!(dump(&again.database, options), written, "{options:?}");
        DJANGO_5_2.find_nothing_to_do(&again.database.url);
    }
    // What Django adds then has keys of its own.
    let add =
        "from django.contrib.auth.models import Group; print(Group.objects.create(name='New').pk)";
    let (code, text) = ask_django(
        &ours.database.url,
        &["manage.py", "shell", "-v0", "-c", add],
    );
    assert_eq!((code, text.trim()), (Some(0), "13"));
}

#[tokio::test]
async fn are_read_by_both_on_sqlite() {
    are_read_by_both(Backend::Sqlite).await;
}

#[tokio::test]
async fn are_read_by_both_on_postgresql() {
    are_read_by_both(Backend::Postgres).await;
}

/// The old site's databases, as far as Django can still read them.
#[tokio::test]
async fn are_djangos_own_of_the_old_site() {
    for name in ["original", "modular"] {
        let database = of_the_older_site(name).await;
        let app = TestApp::on(database, &[]).await;
        app.db.close().await.unwrap();
        for args in [&["--indent", "2"][..], &["--natural-foreign"]] {
            let theirs = dump_of_django(&app.database.url, args);
            assert_eq!(dump(&app.database, args), theirs, "{name} {args:?}");
        }
    }
}
