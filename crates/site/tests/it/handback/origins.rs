//! Ways in which databases came to be adopted, and what that means for the way back.

use db::handback::{self, Form, HandbackOptions, OwnTables};
use sea_orm::ConnectionTrait as _;
use site::schema::SCHEMA;

use super::{TABLES, adopted, command, dumps, hand_back, original, surroundings};
use crate::adoption::rows;
use crate::support::database::drops_of_records;
use crate::support::{Backend, TestApp, of_the_older_site};

/// Where Django had made the new tables itself, and copied nothing, they stay, empty again.
#[tokio::test]
async fn what_django_had_made_stays_with_its_record() {
    let app = TestApp::unmigrated(of_the_older_site("original").await, &[]);
    make_newer_tables(&app).await;
    let before = surroundings(&app).await;
    let app = TestApp::on(app.database, &[]).await;
    app.add_letting(70, "New").await;
    app.sql("CREATE TRIGGER watch AFTER DELETE ON lettings_letting BEGIN SELECT 1; END")
        .await;
    app.db.close().await.unwrap();
    let refused = command(&app, &["--to", "original", "--plan"]);
    let why = "trigger `watch` might be set off when `lettings_letting` is emptied";
    assert!(refused.err.contains(why), "{refused:?}");
    app.sql("DROP TRIGGER watch").await;
    let plan = hand_back(&app, Form::Legacy).await;
    assert!(
        plan.steps
            .iter()
            .any(|step| step.to_string() == "Empty table lettings_letting")
    );
    // The content types, which Django makes with its tables, were not there either.
    assert_eq!(surroundings(&app).await, before);
    let app = TestApp::on(app.database, &[]).await;
    assert_eq!(
        app.get("/lettings/70/").await.expect(200).texts("h1"),
        ["New"]
    );
    assert_eq!(
        rows(&app.db, "SELECT slug FROM oc_lettings_amenity").await,
        [""; 0]
    );
}

/// Newer code of the same owner has recorded its migrations on our tables: it is the one that goes on.
#[tokio::test]
async fn what_django_has_recorded_since_decides() {
    let app = adopted(Backend::Sqlite).await;
    app.sql(
        "INSERT INTO django_migrations (app, name, applied) VALUES \
         ('lettings', '0003_more', '2999-01-02'), ('auth', '0012_of_django', '2999-01-02')",
    )
    .await;
    let all = "SELECT app || '.' || name FROM django_migrations WHERE id > 16 ORDER BY id";
    let before = rows(&app.db, all).await;
    app.db.close().await.unwrap();
    let planned = command(&app, &["--plan"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    let why =
        "Taken for --to modular, since Django has recorded lettings.0003_more since the adoption.";
    assert!(planned.out.contains(why), "{}", planned.out);
    assert!(!planned.out.contains("Forget"), "{}", planned.out);
    assert_eq!(rows(&app.db, all).await, before);

    hand_back(&app, Form::Legacy).await;
    let left = [
        "oc_lettings_site.0001_initial",
        "sessions.0001_initial",
        "auth.0012_of_django",
    ];
    assert_eq!(rows(&app.db, all).await, left);
}

/// What was kept does not keep the database from being adopted again.
#[tokio::test]
async fn own_tables_that_are_kept_serve_again() {
    let app = adopted(Backend::Sqlite).await;
    app.add_letting(70, "New").await;
    app.db.close().await.unwrap();
    let kept = command(
        &app,
        &["--to", "original", "--keep", "--output", "a.backup"],
    );
    assert_eq!(kept.code, Some(0), "{kept:?}");
    let versions = rows(&app.db, "SELECT name FROM oc_lettings_version").await;
    // What is ours belongs to lettings, addresses and profiles, whose tables go: theirs go with them,
    // and come again below.
    let gone = [
        "describe-homes",
        "write-addresses",
        "keep-photos",
        "unlist-profiles",
        "keep-stays-and-enquiries",
    ];
    assert_eq!(versions.len(), SCHEMA.own.versions.len() - gone.len());
    for gone in gone {
        assert!(!versions.contains(&gone.to_owned()));
    }
    app.db.close().await.unwrap();
    let again = command(&app, &["--to", "original"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(
        again.err.contains("or they are back already"),
        "{}",
        again.err
    );
    db::migrate::run(&app.database.config(), &SCHEMA)
        .await
        .unwrap();
    assert_eq!(
        app.get("/lettings/70/").await.expect(200).texts("h1"),
        ["New"]
    );
}

/// An adoption that was told where the rows are: they go back there, to whatever the table is called,
/// and the program asks nobody which code it is.
#[tokio::test]
async fn rows_go_back_to_the_table_that_an_adoption_was_told_of() {
    let app = TestApp::unmigrated(of_the_older_site("modular").await, &[]);
    for sql in [
        "CREATE TABLE profils_profile (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, \
         user_id integer NOT NULL UNIQUE, favorite_city varchar(64) NOT NULL, note text NULL)",
        "INSERT INTO profils_profile SELECT id, user_id, favorite_city, 'kept' FROM profiles_profile",
        "DELETE FROM profiles_profile",
    ] {
        app.sql(sql).await;
    }
    let named = [("profile".to_owned(), "profils_profile".to_owned())].into();
    let config = app.database.config();
    db::migrate::run_named(&config, &SCHEMA, &named)
        .await
        .unwrap();
    for sql in [
        "UPDATE profiles_profile SET favorite_city = 'Ghent' WHERE id = 1",
        "DELETE FROM profiles_profile WHERE id = 2",
    ] {
        app.sql(sql).await;
    }
    app.db.close().await.unwrap();
    let wanted = HandbackOptions {
        form: None,
        own_tables: OwnTables::Drop,
    };
    let plan = handback::run(&config, &SCHEMA, wanted).await.unwrap().plan;
    assert_eq!(plan.form, Form::Legacy);
    let why = "the rows of `profiles_profile` came from `profils_profile`";
    assert_eq!(plan.because.as_deref(), Some(why));
    let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        steps[0],
        "Carry profiles_profile to profils_profile: 3 rows, 1 changed, 0 new, 1 deleted"
    );
    assert!(steps.contains(&"Empty table profiles_profile".to_owned()));
    let there = "SELECT id || ' ' || favorite_city || ' ' || note FROM profils_profile ORDER BY id";
    assert_eq!(
        rows(&app.db, there).await,
        ["1 Ghent kept", "3 Valparaíso kept", "4  kept"]
    );
    let left = "SELECT name FROM sqlite_master WHERE name IN ('oc_lettings_source', 'oc_lettings_version')";
    assert_eq!(rows(&app.db, left).await, [""; 0]);
}

/// Makes the tables of the newer code as its own first migrations do.
async fn make_newer_tables(app: &TestApp) {
    let is_moved = |name: &str| TABLES.iter().any(|(_, new, _)| *new == name);
    for table in SCHEMA.tables.iter().filter(|table| is_moved(table.name)) {
        for sql in db::ddl::create_table(app.db.get_database_backend(), table) {
            app.sql(&sql).await;
        }
    }
    for name in ["lettings", "profiles"] {
        app.sql(&format!(
            "INSERT INTO django_migrations (app, name, applied) \
             VALUES ('{name}', '0001_initial', CURRENT_TIMESTAMP)"
        ))
        .await;
    }
}

/// Django stopped a moment ago, after it had copied the addresses: what is written here goes back to
/// all of the old tables, and what Django had made is as Django left it.
async fn half_moved(backend: Backend) {
    let app = TestApp::unmigrated(original(backend).await, &[]);
    make_newer_tables(&app).await;
    app.sql("INSERT INTO lettings_address SELECT * FROM oc_lettings_site_address")
        .await;
    app.sql("DELETE FROM oc_lettings_site_profile").await;
    let before = surroundings(&app).await;
    let app = TestApp::on(app.database, &[]).await;
    app.add_letting(70, "New").await;
    app.add_profile(70, "ann").await;
    app.sql("UPDATE lettings_address SET city = 'Moved' WHERE id = 1")
        .await;
    let here = dumps(&app, |table| table.1).await;
    let plan = hand_back(&app, Form::Legacy).await;
    assert_eq!(dumps(&app, |table| table.0).await, here);
    let left = dumps(&app, |table| table.1).await;
    assert_eq!(left, [here[0].clone(), Vec::new(), Vec::new()]);
    let told = "Table lettings_address was there with the same rows before the adoption, and stays \
                with those of oc_lettings_site_address.";
    assert!(plan.stays.iter().any(|stays| stays == told), "{plan:?}");
    assert_eq!(surroundings(&app).await, before);

    let app = TestApp::on(app.database, &[]).await;
    assert_eq!(dumps(&app, |table| table.1).await, here);
}

#[tokio::test]
async fn a_part_that_was_equal_goes_back_too_on_sqlite() {
    half_moved(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_part_that_was_equal_goes_back_too_on_postgresql() {
    half_moved(Backend::Postgres).await;
}

/// After a way back to newer code that Django has not gone yet, nothing is said of what Django did.
async fn adopted_twice(backend: Backend) {
    let app = adopted(backend).await;
    hand_back(&app, Form::Present).await;
    let app = TestApp::on(app.database, &[]).await;
    app.db.close().await.unwrap();
    let planned = command(&app, &["--plan"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    for told in [
        "`manage.py migrate --fake` is needed",
        "since no rows were copied when the database was adopted",
        "Forget migration profiles.0003_alter_profile_user",
    ] {
        assert!(planned.out.contains(told), "{told}: {}", planned.out);
    }
}

#[tokio::test]
async fn a_second_adoption_is_told_from_django_on_sqlite() {
    adopted_twice(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_second_adoption_is_told_from_django_on_postgresql() {
    adopted_twice(Backend::Postgres).await;
}

/// What an earlier release has adopted tells by the time of its migrations what was made.
#[tokio::test]
async fn what_an_earlier_release_adopted_goes_back() {
    let app = TestApp::unmigrated(original(Backend::Sqlite).await, &[]);
    let before = surroundings(&app).await;
    let app = TestApp::on(app.database, &[]).await;
    for sql in drops_of_records() {
        app.sql(&sql).await;
    }
    for sql in [
        "DROP TABLE oc_lettings_source",
        "DROP TABLE oc_lettings_adoption",
        "DELETE FROM oc_lettings_version WHERE version >= 5",
    ] {
        app.sql(sql).await;
    }
    app.add_letting(70, "New").await;
    let here = dumps(&app, |table| table.1).await;
    hand_back(&app, Form::Legacy).await;
    assert_eq!(dumps(&app, |table| table.0).await, here);
    assert_eq!(surroundings(&app).await, before);
}

/// A database that the program made is Django's as it is, and nothing was ever copied to it.
#[tokio::test]
async fn a_database_made_new_needs_nothing() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.db.close().await.unwrap();
    let planned = command(&app, &["--plan"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    let why = "since no rows were copied when the database was adopted";
    assert!(planned.out.contains(why), "{}", planned.out);
}

/// The views and triggers of a table whose foreign key leads back stay with it.
#[tokio::test]
async fn a_table_that_is_pointed_back_keeps_what_is_its_owners() {
    let app = TestApp::unmigrated(of_the_older_site("modular").await, &[]);
    for sql in [
        "PRAGMA legacy_alter_table = OFF",
        "ALTER TABLE lettings_address RENAME TO lettings_adress",
        "CREATE VIEW titles AS SELECT title FROM lettings_letting",
        "CREATE TRIGGER watch AFTER DELETE ON lettings_letting BEGIN SELECT 1; END",
        "CREATE INDEX by_title ON lettings_letting (title)",
    ] {
        app.sql(sql).await;
    }
    let names = "SELECT type || ' ' || name FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1";
    let before = rows(&app.db, names).await;
    let app = TestApp::on(app.database, &[]).await;
    app.add_letting(70, "New").await;
    let plan = hand_back(&app, Form::Legacy).await;
    let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    let step = "Have lettings_letting.address_id refer to lettings_adress again";
    assert!(steps.iter().any(|found| found == step), "{steps:?}");
    assert_eq!(rows(&app.db, names).await, before);
    assert_eq!(rows(&app.db, "SELECT title FROM titles").await.len(), 7);
    let wrong = "SELECT \"table\" FROM pragma_foreign_key_check";
    assert_eq!(rows(&app.db, wrong).await, [""; 0]);
}
