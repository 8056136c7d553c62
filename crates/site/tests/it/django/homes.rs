//! Django beside tables that refer to its own and that it does not know: those of homes.

use super::{DJANGO_4_2, DJANGO_5_2, Django};
use crate::admin::shared::number;
use crate::fixtures::run_on;
use crate::homes::{add_home, counts};
use crate::photos::files::jpeg;
use crate::photos::{self, form_of, send_files, upload_of, with_home};
use crate::support::program::Server;
use crate::support::{Backend, TestApp};

/// Each scenario on both databases with both releases.
macro_rules! with_both_releases {
    ($($name:ident => $scenario:ident;)*) => {$(
        mod $name {
            use super::{Backend, DJANGO_4_2, DJANGO_5_2, $scenario};

            #[tokio::test]
            async fn on_sqlite() {
                $scenario(Backend::Sqlite, DJANGO_5_2).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                $scenario(Backend::Postgres, DJANGO_5_2).await;
            }

            #[tokio::test]
            async fn by_django_4_2_on_sqlite() {
                $scenario(Backend::Sqlite, DJANGO_4_2).await;
            }

            #[tokio::test]
            async fn by_django_4_2_on_postgresql() {
                $scenario(Backend::Postgres, DJANGO_4_2).await;
            }
        }
    )*};
}

with_both_releases! {
    a_letting_added_and_changed_by_django_is_shown => add_and_change;
    a_letting_deleted_by_django_takes_its_home_along => delete_one;
    a_migration_of_django_loses_no_home => change_the_table;
    the_photos_of_a_letting_deleted_by_django_are_removed => delete_one_with_photos;
    a_flush_by_django_leaves_nothing_of_homes => flush;
}

/// Has Django do something that it finds nothing wrong with.
#[track_caller]
fn ask(django: Django, app: &TestApp, args: &[&str]) {
    let (code, text) = django.ask(&app.database.url, &[&["homes.py"], args].concat());
    assert_eq!(code, Some(0), "{text}");
}

/// A letting without a home appears beside one with a home, which keeps it under another title.
async fn add_and_change(backend: Backend, django: Django) {
    let app = TestApp::open(backend).await;
    add_home(&app, 1).await;
    app.db.close().await.unwrap();
    // PostgreSQL's sequence does not know of ids that were given.
    let key = "SELECT setval(pg_get_serial_sequence('lettings_address', 'id'), 10), \
        setval(pg_get_serial_sequence('lettings_letting', 'id'), 10)";
    if backend == Backend::Postgres {
        app.sql(key).await;
        app.db.close().await.unwrap();
    }
    ask(django, &app, &["add", "Quay House"]);
    ask(django, &app, &["rename", "1", "Renamed"]);
    let page = app.get("/lettings/").await.expect(200);
    assert_eq!(page.texts(".card a.title"), ["Renamed", "Quay House"]);
    let page = app.get("/lettings/1/").await.expect(200);
    assert_eq!(page.texts("h1"), ["Renamed"]);
    assert!(
        page.body.contains("A cabin above the bay."),
        "{}",
        page.body
    );
    assert_eq!(counts(&app.db).await, [1, 2, 1]);
}

/// Django sees no error, and leaves no orphan.
async fn delete_one(backend: Backend, django: Django) {
    let app = TestApp::open(backend).await;
    add_home(&app, 1).await;
    add_home(&app, 2).await;
    app.db.close().await.unwrap();
    ask(django, &app, &["delete", "1"]);
    assert_eq!(counts(&app.db).await, [1, 2, 1]);
}

/// On SQLite a migration makes the table anew and drops the old one, which would take homes along if
/// Django kept foreign keys on.
async fn change_the_table(backend: Backend, django: Django) {
    let app = TestApp::open(backend).await;
    add_home(&app, 1).await;
    add_home(&app, 2).await;
    app.db.close().await.unwrap();
    ask(django, &app, &["rebuild"]);
    assert_eq!(counts(&app.db).await, [2, 4, 2]);
    // The reference holds as before.
    app.db.close().await.unwrap();
    ask(django, &app, &["delete", "2"]);
    assert_eq!(counts(&app.db).await, [1, 2, 1]);
    let wide = "x".repeat(300);
    app.sql(&format!("UPDATE lettings_letting SET title = '{wide}'"))
        .await;
}

/// A letting with two photos, and another that shows one of them.
async fn two_with_photos(app: &TestApp) {
    let mut ann = with_home(app).await;
    add_home(app, 2).await;
    let [one, two] = [jpeg(300, 200, 1), jpeg(300, 200, 2)];
    for path in ["1", "2"].map(|id| format!("/admin/lettings/letting/{id}/photos/add/")) {
        ann.send(upload_of(&path, form_of(None, &[("one.jpg", &one)])))
            .await
            .expect(302);
    }
    send_files(&mut ann, &[("two.jpg", &two)]).await;
    assert_eq!(photos::counts(app).await, [3, 6]);
    app.db.close().await.unwrap();
}

/// The photos go with the letting, and the files made of them at the next upkeep or the next start; those
/// that another letting shows stay.
async fn delete_one_with_photos(backend: Backend, django: Django) {
    let app = TestApp::open(backend).await;
    two_with_photos(&app).await;
    ask(django, &app, &["delete", "1"]);
    assert_eq!(photos::counts(&app).await, [1, 6]);
    app.db.close().await.unwrap();
    let kept = run_on(&app.database, &["clearsessions"]);
    assert_eq!(kept.code, Some(0), "{kept:?}");
    assert_eq!(photos::counts(&app).await, [1, 3]);
    app.get("/lettings/2/").await.expect(200);
    app.db.close().await.unwrap();
    ask(django, &app, &["delete", "2"]);
    assert_eq!(photos::counts(&app).await, [0, 3]);
    app.db.close().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(
        folder.path(),
        &[("DEBUG", "1"), ("DATABASE_URL", &app.database.url)],
    );
    assert_eq!(server.get("/lettings/").0, 200);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(photos::counts(&app).await, [0, 0]);
}

/// PostgreSQL empties no table that another refers to unless that one is emptied as well, which Django
/// asks for only when it is told. Nothing is lost meanwhile.
async fn flush(backend: Backend, django: Django) {
    let app = TestApp::open(backend).await;
    two_with_photos(&app).await;
    if backend == Backend::Postgres {
        let (code, text) = django.ask(&app.database.url, &["homes.py", "flush"]);
        assert_ne!(code, Some(0), "{text}");
        assert!(text.contains("couldn't be flushed"), "{text}");
        assert_eq!(counts(&app.db).await, [2, 4, 2]);
        app.db.close().await.unwrap();
        ask(django, &app, &["flush", "cascade"]);
    } else {
        ask(django, &app, &["flush"]);
    }
    let lettings = "SELECT COUNT(*) FROM lettings_letting";
    assert_eq!(number(&app, lettings).await, 0);
    assert_eq!(counts(&app.db).await, [0, 0, 0]);
    app.get("/lettings/").await.expect(200);
    app.db.close().await.unwrap();
    let kept = run_on(&app.database, &["clearsessions"]);
    assert_eq!(kept.code, Some(0), "{kept:?}");
    assert_eq!(photos::counts(&app).await, [0, 0]);
}
