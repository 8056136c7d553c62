//! What keeps a handback from taking place, and what old tables hold that a handback leaves alone.

use super::{TABLES, adopted, command, dump, dumps, hand_back, original, surroundings};
use crate::adoption::rows;
use crate::support::{Backend, TestApp};
use db::handback::Form;

/// What would break or be lost is named, and nothing is changed.
async fn refuses(backend: Backend) {
    for (number, (prepare, problem)) in [
        (
            &["ALTER TABLE oc_lettings_site_letting ADD COLUMN stars integer NULL",
              "ALTER TABLE lettings_letting ADD COLUMN stars integer NULL"][..],
            "column `lettings_letting.stars` is another program's",
        ),
        (
            // Names without quotes have no case on either database.
            &["CREATE TABLE photo (id integer PRIMARY KEY, letting_id integer NOT NULL \
               REFERENCES OC_lettings_site_letting (id) ON DELETE CASCADE)",
              "INSERT INTO photo VALUES (1, 2)",
              "DELETE FROM lettings_letting WHERE id = 2"],
            "`photo.letting_id` refers, in 1 row, to rows of `oc_lettings_site_letting` that were deleted here",
        ),
        (
            &["CREATE TABLE photo (id integer PRIMARY KEY, letting_id bigint NOT NULL \
               REFERENCES lettings_letting (id) DEFERRABLE INITIALLY DEFERRED)"],
            "column `photo.letting_id` refers to `lettings_letting`, whose rows go back to",
        ),
        (
            &["ALTER TABLE oc_lettings_site_letting RENAME COLUMN title TO name"],
            "column `oc_lettings_site_letting.title` is missing",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let app = adopted(backend).await;
        for sql in prepare {
            app.sql(sql).await;
        }
        let before = (surroundings(&app).await, dump(&app, "lettings_letting", TABLES[1].2).await);
        app.db.close().await.unwrap();
        for args in [&["--to", "original", "--plan"][..], &["--to", "original"]] {
            let refused = command(&app, args);
            assert_eq!(refused.code, Some(2), "{number}: {refused:?}");
            assert!(refused.err.contains(problem), "{number}: {}", refused.err);
        }
        let after = (surroundings(&app).await, dump(&app, "lettings_letting", TABLES[1].2).await);
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn what_would_break_is_refused_by_name_on_sqlite() {
    refuses(Backend::Sqlite).await;
}

#[tokio::test]
async fn what_would_break_is_refused_by_name_on_postgresql() {
    refuses(Backend::Postgres).await;
}

/// A further column of the old table keeps what it holds, and one that a new row cannot fill is
/// named.
async fn keeps_further_columns(backend: Backend) {
    let database = original(backend).await;
    let app = TestApp::unmigrated(database, &[]);
    app.sql("ALTER TABLE oc_lettings_site_letting ADD COLUMN stars integer NOT NULL DEFAULT 3")
        .await;
    app.sql("UPDATE oc_lettings_site_letting SET stars = 5")
        .await;
    let mut app = TestApp::on(app.database, &[]).await;
    // Two that exchange what is unique, one that is new.
    for sql in [
        "INSERT INTO lettings_address VALUES (-1, 1, 'a', 'b', 'CA', 1, 'USA')",
        "UPDATE lettings_letting SET address_id = -1 WHERE id = 1",
        "UPDATE lettings_letting SET address_id = 1 WHERE id = 2",
        "UPDATE lettings_letting SET address_id = 2 WHERE id = 1",
        "DELETE FROM lettings_address WHERE id = -1",
    ] {
        app.sql(sql).await;
    }
    app.add_letting(70, "New").await;
    let here = dumps(&app, |table| table.1).await;
    hand_back(&app, Form::Legacy).await;
    assert_eq!(dumps(&app, |table| table.0).await, here);
    let stars = "SELECT CAST(id AS text) || ' ' || CAST(stars AS text) \
                 FROM oc_lettings_site_letting WHERE id IN (1, 2, 70) ORDER BY id";
    assert_eq!(rows(&app.db, stars).await, ["1 5", "2 5", "70 3"]);

    app = TestApp::on(app.database, &[]).await;
    if backend == Backend::Postgres {
        app.sql("ALTER TABLE oc_lettings_site_letting ALTER COLUMN stars DROP DEFAULT")
            .await;
        app.add_letting(71, "Newer").await;
        app.db.close().await.unwrap();
        let refused = command(&app, &["--to", "original"]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let problem = "column `oc_lettings_site_letting.stars` must have a value and has no default, \
                       and the 1 new rows of `lettings_letting` have none for it";
        assert!(refused.err.contains(problem), "{}", refused.err);
    }
}

#[tokio::test]
async fn further_columns_keep_what_they_hold_on_sqlite() {
    keeps_further_columns(Backend::Sqlite).await;
}

#[tokio::test]
async fn further_columns_keep_what_they_hold_on_postgresql() {
    keeps_further_columns(Backend::Postgres).await;
}

/// A later release may have tables that this one does not know.
#[tokio::test]
async fn what_a_later_release_has_migrated_it_hands_back_itself() {
    let app = adopted(Backend::Sqlite).await;
    app.sql("INSERT INTO oc_lettings_version VALUES (99, 'later', 1, '2026-01-02')")
        .await;
    app.db.close().await.unwrap();
    let refused = command(&app, &["--to", "original"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .err
            .contains("migrated by a later release, to version 99"),
        "{}",
        refused.err
    );
}
