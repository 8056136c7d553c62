//! The way back of every class: what is as it was, and what is shown once more.

use db::{migrate, references};
use site::schema::SCHEMA;

use super::{Case, program, seen};
use crate::adoption::rows;
use crate::support::app::save_letting;
use crate::support::{TestApp, TestDatabase};

/// What is as it was when a database was handed back, but for the rows.
#[derive(Debug, PartialEq)]
pub(super) struct SchemaSnapshot {
    tables: Vec<String>,
    references: Vec<references::Reference>,
    migrations: Vec<String>,
}

pub(super) async fn schema_snapshot(database: &TestDatabase) -> SchemaSnapshot {
    let found = migrate::look(&database.config(), &SCHEMA).await.unwrap();
    let db = database.open();
    let migrations = "SELECT app || '.' || name FROM django_migrations ORDER BY id";
    let schema_snapshot = SchemaSnapshot {
        tables: found.tables.into_keys().collect(),
        references: references::declared(&db).await.unwrap(),
        migrations: rows(&db, migrations).await,
    };
    db.close().await.unwrap();
    schema_snapshot
}

/// Writes something, hands the database back to Django, and adopts it once more: nothing is missing,
/// and what was written is there.
pub(super) async fn hand_back_and_adopt_again(
    case: &Case,
    app: TestApp,
    from: &[&str],
    schema_snapshot: &SchemaSnapshot,
) {
    let Case { name, .. } = case;
    let without = seen(&app).await;
    let saved = save_letting(&app.db, "One more").await;
    saved.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(
        app.get("/lettings/")
            .await
            .texts("main li a")
            .pop()
            .as_deref(),
        Some("One more"),
        "{name}"
    );
    let with_it = seen(&app).await;
    assert_eq!(with_it.len(), without.len() + 1, "{name}");
    app.db.close().await.unwrap();
    let TestApp { database, .. } = app;

    let mut back = program(&database, &["handback"]);
    if back.err.contains("--to original") {
        assert_eq!(back.code, Some(2), "{name}: {back:?}");
        back = program(&database, &["handback", "--to", "original"]);
    }
    if let Some(why) = &case.kept {
        assert_eq!(back.code, Some(2), "{name}: {back:?}");
        assert!(back.err.contains(why), "{name}: {}", back.err);
        return;
    }
    assert_eq!(back.code, Some(0), "{name}: {back:?}");
    let after = self::schema_snapshot(&database).await;
    assert_eq!(after.tables, schema_snapshot.tables, "{name}");
    if back.out.contains("  Carry ") {
        assert_eq!(after, *schema_snapshot, "{name}");
    }
    let again = program(&database, &[&["migrate"], from].concat());
    assert_eq!(again.code, Some(0), "{name}: {again:?}");
    let app = TestApp::unmigrated(database, &[("PROFILE_EMAIL_PUBLIC", "off")]);
    assert_eq!(seen(&app).await, with_it, "{name}");
}
