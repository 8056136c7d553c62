//! Django beside tables that refer to its own and that it does not know: those of homes.

use super::ask_django;
use crate::fixtures::run_on;
use crate::homes::{add_home, counts};
use crate::photos::files::jpeg;
use crate::photos::{self, form_of, send_files, upload_of, with_home};
use crate::support::{Backend, TestApp};

/// A letting that is deleted in Django takes its home along; Django sees no error, and leaves no orphan.
async fn django_deletes_a_letting(backend: Backend) {
    let app = TestApp::open(backend).await;
    add_home(&app, 1).await;
    add_home(&app, 2).await;
    app.db.close().await.unwrap();
    let (code, text) = ask_django(&app.database.url, &["homes.py", "delete", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(counts(&app.db).await, [1, 2, 1]);
}

/// A migration of Django that changes the table of lettings loses no home. On SQLite it makes the
/// table anew and drops the old one, which would take homes along if Django kept foreign keys on.
async fn django_changes_the_table_of_lettings(backend: Backend) {
    let app = TestApp::open(backend).await;
    add_home(&app, 1).await;
    add_home(&app, 2).await;
    app.db.close().await.unwrap();
    let (code, text) = ask_django(&app.database.url, &["homes.py", "rebuild"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(counts(&app.db).await, [2, 4, 2]);
    // The reference holds as before.
    app.db.close().await.unwrap();
    let (code, text) = ask_django(&app.database.url, &["homes.py", "delete", "2"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(counts(&app.db).await, [1, 2, 1]);
    let wide = "x".repeat(300);
    app.sql(&format!("UPDATE lettings_letting SET title = '{wide}'"))
        .await;
}

#[tokio::test]
async fn django_deletes_a_letting_with_its_home_on_sqlite() {
    django_deletes_a_letting(Backend::Sqlite).await;
}

#[tokio::test]
async fn django_deletes_a_letting_with_its_home_on_postgresql() {
    django_deletes_a_letting(Backend::Postgres).await;
}

#[tokio::test]
async fn a_migration_of_django_loses_no_home_on_sqlite() {
    django_changes_the_table_of_lettings(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_migration_of_django_loses_no_home_on_postgresql() {
    django_changes_the_table_of_lettings(Backend::Postgres).await;
}

/// The photos go with the letting, and the files made of them at the next upkeep; those that another letting
/// shows stay.
async fn django_deletes_a_letting_with_photos(backend: Backend) {
    let app = TestApp::open(backend).await;
    let mut ann = with_home(&app).await;
    add_home(&app, 2).await;
    let [one, two] = [jpeg(300, 200, 1), jpeg(300, 200, 2)];
    for path in ["1", "2"].map(|id| format!("/admin/lettings/letting/{id}/photos/add/")) {
        ann.send(upload_of(&path, form_of(None, &[("one.jpg", &one)])))
            .await
            .expect(302);
    }
    send_files(&mut ann, &[("two.jpg", &two)]).await;
    assert_eq!(photos::counts(&app).await, [3, 6]);
    app.db.close().await.unwrap();
    let (code, text) = ask_django(&app.database.url, &["homes.py", "delete", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(photos::counts(&app).await, [1, 6]);
    app.db.close().await.unwrap();
    let kept = run_on(&app.database, &["clearsessions"]);
    assert_eq!(kept.code, Some(0), "{kept:?}");
    assert_eq!(photos::counts(&app).await, [1, 3]);
    app.get("/lettings/2/").await.expect(200);
}

#[tokio::test]
async fn django_deletes_a_letting_with_its_photos_on_sqlite() {
    django_deletes_a_letting_with_photos(Backend::Sqlite).await;
}

#[tokio::test]
async fn django_deletes_a_letting_with_its_photos_on_postgresql() {
    django_deletes_a_letting_with_photos(Backend::Postgres).await;
}
