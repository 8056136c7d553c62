//! Rules, views and triggers of the owner's: the plan knows whether they let the rows back.

use db::handback::Form;

use super::{TABLES, adopted, command, dumps, hand_back, original, surroundings};
use crate::adoption::rows;
use crate::support::{Backend, TestApp};

/// The plan and the command itself refuse with a sentence, and the database is as it was.
#[track_caller]
fn refuses(app: &TestApp, problem: &str) {
    for args in [&["--to", "original", "--plan"][..], &["--to", "original"]] {
        let refused = command(app, args);
        assert_eq!(refused.code, Some(2), "{problem}: {refused:?}");
        assert!(refused.err.contains(problem), "{problem}: {}", refused.err);
        assert!(!refused.out.contains("Backed up"), "{refused:?}");
    }
}

/// Everything here and there.
async fn everything(app: &TestApp) -> (Vec<Vec<String>>, Vec<Vec<String>>, Vec<String>) {
    let all = (
        dumps(app, |table| table.0).await,
        dumps(app, |table| table.1).await,
        surroundings(app).await,
    );
    app.db.close().await.unwrap();
    all
}

/// What only an old table wants to be unique may have been exchanged, and may not be there twice.
async fn unique_titles(backend: Backend) {
    let app = TestApp::unmigrated(original(backend).await, &[]);
    app.sql("CREATE UNIQUE INDEX title_once ON oc_lettings_site_letting (title)")
        .await;
    let app = TestApp::on(app.database, &[]).await;
    for sql in [
        "UPDATE lettings_letting SET title = 'between' WHERE id = 1",
        "UPDATE lettings_letting SET title = \
         (SELECT title FROM oc_lettings_site_letting WHERE id = 1) WHERE id = 2",
        "UPDATE lettings_letting SET title = \
         (SELECT title FROM oc_lettings_site_letting WHERE id = 2) WHERE id = 1",
    ] {
        app.sql(sql).await;
    }
    let here = dumps(&app, |table| table.1).await;
    hand_back(&app, Form::Legacy).await;
    assert_eq!(dumps(&app, |table| table.0).await, here);

    let app = TestApp::on(app.database, &[]).await;
    app.add_letting(70, "Twice").await;
    app.add_letting(71, "Twice").await;
    let before = everything(&app).await;
    refuses(
        &app,
        "rows 70 and 71 of `lettings_letting` have the same `title`, which \
         `oc_lettings_site_letting` takes only once",
    );
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn what_an_old_table_wants_unique_is_kept_on_sqlite() {
    unique_titles(Backend::Sqlite).await;
}

#[tokio::test]
async fn what_an_old_table_wants_unique_is_kept_on_postgresql() {
    unique_titles(Backend::Postgres).await;
}

/// A trigger that does something before a row is added to a table.
async fn make_trigger(app: &TestApp, table: &str, does: &str) {
    let name = format!("{table}_watch");
    let statements = match app.database.backend() {
        Backend::Sqlite => vec![format!(
            "CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN {does}; END"
        )],
        Backend::Postgres => vec![
            format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {does}; RETURN NEW; END $$"
            ),
            format!(
                "CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW \
                 EXECUTE FUNCTION {name}()"
            ),
        ],
    };
    for sql in statements {
        app.sql(&sql).await;
    }
}

async fn drop_trigger(app: &TestApp, table: &str) {
    app.sql(&match app.database.backend() {
        Backend::Sqlite => format!("DROP TRIGGER {table}_watch"),
        Backend::Postgres => format!("DROP FUNCTION {table}_watch CASCADE"),
    })
    .await;
}

/// A trigger of an old table that lets nothing in, and a rule that only the database judges.
async fn closed_tables(backend: Backend) {
    let app = adopted(backend).await;
    app.add_letting(70, "New").await;
    let closed = match backend {
        Backend::Sqlite => "SELECT RAISE(ABORT, 'closed for good')",
        Backend::Postgres => "RAISE EXCEPTION 'closed for good'",
    };
    make_trigger(&app, TABLES[1].0, closed).await;
    let before = everything(&app).await;
    refuses(
        &app,
        "`oc_lettings_site_letting`, which has the trigger `oc_lettings_site_letting_watch`, does \
         not take the rows of `lettings_letting`",
    );
    refuses(&app, "closed for good");
    assert_eq!(everything(&app).await, before);

    drop_trigger(&app, TABLES[1].0).await;
    let deleting = "DELETE FROM oc_lettings_site_letting WHERE id = 2";
    make_trigger(&app, TABLES[1].0, deleting).await;
    app.db.close().await.unwrap();
    refuses(
        &app,
        "`oc_lettings_site_letting` makes other rows of those of `lettings_letting`, by its trigger",
    );
    drop_trigger(&app, TABLES[1].0).await;
    app.sql("CREATE TABLE seen (note text)").await;
    make_trigger(&app, TABLES[1].0, "INSERT INTO seen VALUES ('one')").await;
    hand_back(&app, Form::Legacy).await;
    assert_eq!(rows(&app.db, "SELECT note FROM seen").await, ["one"]);
}

#[tokio::test]
async fn a_trigger_of_an_old_table_may_stop_the_plan_on_sqlite() {
    closed_tables(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_trigger_of_an_old_table_may_stop_the_plan_on_postgresql() {
    closed_tables(Backend::Postgres).await;
}

#[tokio::test]
async fn a_condition_of_an_old_table_may_stop_the_plan_on_postgresql() {
    let app = adopted(Backend::Postgres).await;
    app.add_letting(70, "New").await;
    app.sql("ALTER TABLE oc_lettings_site_letting ADD CONSTRAINT early CHECK (id < 60)")
        .await;
    let before = everything(&app).await;
    refuses(
        &app,
        "`oc_lettings_site_letting` does not take the rows of `lettings_letting`",
    );
    assert_eq!(everything(&app).await, before);
}

/// Ids below 0 are ids, in whatever order rows exchange what is unique, and none may be all there is.
async fn ids_below_zero(backend: Backend) {
    let app = TestApp::unmigrated(original(backend).await, &[]);
    for sql in [
        "DELETE FROM oc_lettings_site_letting",
        "DELETE FROM oc_lettings_site_address",
        "INSERT INTO oc_lettings_site_address SELECT id, 7, 'Bay Road', 'Boston', 'MA', 1, 'USA' \
         FROM (SELECT -1 AS id UNION ALL SELECT 1 UNION ALL SELECT 2) AS ids",
        "INSERT INTO oc_lettings_site_letting VALUES (-3, 'One', 1), (-2, 'Two', 2)",
        "UPDATE oc_lettings_site_profile SET id = -id",
    ] {
        app.sql(sql).await;
    }
    let app = TestApp::on(app.database, &[]).await;
    for (id, address) in [(-3, -1), (-2, 1), (-3, 2)] {
        app.sql(&format!(
            "UPDATE lettings_letting SET address_id = {address} WHERE id = {id}"
        ))
        .await;
    }
    app.sql("INSERT INTO lettings_letting (id, title, address_id) VALUES (0, 'Zero', -1)")
        .await;
    let here = dumps(&app, |table| table.1).await;
    hand_back(&app, Form::Legacy).await;
    assert_eq!(dumps(&app, |table| table.0).await, here);
}

#[tokio::test]
async fn ids_below_zero_go_back_on_sqlite() {
    ids_below_zero(Backend::Sqlite).await;
}

#[tokio::test]
async fn ids_below_zero_go_back_on_postgresql() {
    ids_below_zero(Backend::Postgres).await;
}

/// What the owner has made on tables that go is named, and waits for the owner's decision.
async fn views_and_triggers(backend: Backend) {
    let app = adopted(backend).await;
    app.sql("CREATE TABLE seen (note text)").await;
    app.sql("CREATE VIEW titles AS SELECT title FROM lettings_letting")
        .await;
    let before = everything(&app).await;
    refuses(
        &app,
        "view `titles` makes use of `lettings_letting`, which goes",
    );
    assert_eq!(everything(&app).await, before);
    app.sql("DROP VIEW titles").await;

    make_trigger(&app, TABLES[1].1, "INSERT INTO seen VALUES ('one')").await;
    app.db.close().await.unwrap();
    refuses(
        &app,
        "trigger `lettings_letting_watch` would go with `lettings_letting`",
    );
    drop_trigger(&app, TABLES[1].1).await;

    make_trigger(
        &app,
        "auth_user",
        "DELETE FROM lettings_letting WHERE id = 99",
    )
    .await;
    app.db.close().await.unwrap();
    refuses(
        &app,
        "trigger `auth_user_watch` of `auth_user` makes use of `lettings_letting`, which goes",
    );
    drop_trigger(&app, "auth_user").await;

    // What is on other tables is nobody's concern.
    app.sql("CREATE VIEW old_titles AS SELECT title FROM oc_lettings_site_letting")
        .await;
    make_trigger(&app, "auth_user", "INSERT INTO seen VALUES ('one')").await;
    hand_back(&app, Form::Legacy).await;
    let titles = rows(&app.db, "SELECT title FROM old_titles").await;
    assert!(!titles.is_empty());
}

#[tokio::test]
async fn views_and_triggers_are_refused_by_name_on_sqlite() {
    views_and_triggers(Backend::Sqlite).await;
}

#[tokio::test]
async fn views_and_triggers_are_refused_by_name_on_postgresql() {
    views_and_triggers(Backend::Postgres).await;
}
