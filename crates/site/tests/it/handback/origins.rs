//! Ways in which databases came to be adopted, and what that means for the way back.

use db::handback::{self, Form, OwnTables, Wanted};
use db::schema::{Column, Index, Kind, Schema, Table, Version};
use site::schema::SCHEMA;

use super::{TABLES, adopted, command, hand_back, surroundings};
use crate::adoption::rows;
use crate::support::{Backend, TestApp, of_the_older_site};

/// Where Django had made the new tables itself, and copied nothing, they stay, empty again.
#[tokio::test]
async fn what_django_had_made_stays_with_its_record() {
    let app = TestApp::unmigrated(of_the_older_site("original").await, &[]);
    let is_moved = |name: &str| TABLES.iter().any(|(_, new, _)| *new == name);
    for table in SCHEMA.tables.iter().filter(|table| is_moved(table.name)) {
        for sql in db::ddl::create_table(db::DbBackend::Sqlite, table) {
            app.sql(&sql).await;
        }
    }
    for name in ["lettings", "profiles"] {
        app.sql(&format!(
            "INSERT INTO django_migrations (app, name, applied) \
             VALUES ('{name}', '0001_initial', '2023-05-06 07:08:09')"
        ))
        .await;
    }
    let before = surroundings(&app).await;
    let app = TestApp::on(app.database, &[]).await;
    app.add_letting(70, "New").await;
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
    assert_eq!(versions.len(), SCHEMA.own.versions.len());
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

/// An adoption that was told where the rows are: they go back there, to whatever the table is called.
#[tokio::test]
async fn rows_go_back_to_the_table_that_an_adoption_was_told_of() {
    let app = TestApp::on(of_the_older_site("modular").await, &[]).await;
    let schema = with_sources();
    for sql in [
        "CREATE TABLE profils_profile (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, \
         user_id integer NOT NULL UNIQUE, favorite_city varchar(64) NOT NULL, note text NULL)",
        "INSERT INTO profils_profile SELECT id, user_id, favorite_city, 'kept' FROM profiles_profile",
        "CREATE TABLE IF NOT EXISTS oc_lettings_source (target varchar(64) NOT NULL PRIMARY KEY, \
         source varchar(64) NOT NULL)",
        "INSERT INTO oc_lettings_source VALUES ('profiles_profile', 'profils_profile')",
        "UPDATE profiles_profile SET favorite_city = 'Ghent' WHERE id = 1",
        "DELETE FROM profiles_profile WHERE id = 2",
    ] {
        app.sql(sql).await;
    }
    app.db.close().await.unwrap();
    let wanted = Wanted {
        form: None,
        own_tables: OwnTables::Drop,
    };
    let plan = handback::run(&app.database.config(), &schema, wanted)
        .await
        .unwrap()
        .plan;
    assert_eq!(plan.form, Form::Legacy);
    let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        steps[..2],
        [
            "Carry profiles_profile to profils_profile: 3 rows, 1 changed, 0 new, 1 deleted",
            "Empty table profiles_profile",
        ]
    );
    let there = "SELECT id || ' ' || favorite_city || ' ' || note FROM profils_profile ORDER BY id";
    assert_eq!(
        rows(&app.db, there).await,
        ["1 Ghent kept", "3 Valparaíso kept", "4  kept"]
    );
    let left = "SELECT name FROM sqlite_master WHERE name IN ('oc_lettings_source', 'oc_lettings_version')";
    assert_eq!(rows(&app.db, left).await, [""; 0]);
}

/// The schema of the site with the table that records what was copied from where.
fn with_sources() -> Schema {
    const SOURCE: Table = Table {
        name: "oc_lettings_source",
        columns: &[
            Column::new("target", Kind::CharField(64)).index(Index::PrimaryKey),
            Column::new("source", Kind::CharField(64)),
        ],
        unique_together: &[],
    };
    let mut versions = SCHEMA.own.versions.to_vec();
    let mut tables = versions.iter().flat_map(|version| version.tables);
    if tables.all(|table| table.name != SOURCE.name) {
        versions.push(Version {
            number: 99,
            name: "remember-sources",
            oldest_compatible: 1,
            tables: &[SOURCE],
        });
    }
    Schema {
        own: db::schema::OwnTables {
            versions: versions.leak(),
            ..SCHEMA.own
        },
        ..SCHEMA
    }
}
