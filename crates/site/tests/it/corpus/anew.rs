//! Tables that are made anew, since SQLite changes no key of one that is there.

use db::migrate;
use sea_orm::ConnectionTrait as _;
use site::schema::SCHEMA;

use super::{case, database_of, program};
use crate::adoption::rows;
use crate::support::Backend;
use crate::support::app::save_letting;

/// A table that is made anew keeps what Django knows nothing of, and what refers to it.
#[tokio::test]
async fn a_table_made_anew_keeps_what_is_its_owners() {
    let database = database_of(&case("no_primary_key_further_columns"), Backend::Sqlite).await;
    let db = database.open();
    for sql in [
        "CREATE TABLE stay (id integer PRIMARY KEY, address_id integer NOT NULL \
         REFERENCES lettings_address (id) ON DELETE CASCADE)",
        "INSERT INTO stay VALUES (1, 11)",
        "CREATE TRIGGER seen AFTER DELETE ON lettings_letting BEGIN DELETE FROM stay; END",
        "CREATE VIEW titles AS SELECT title FROM lettings_letting",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    assert!(done.copy.is_some_and(|copy| copy.exists()));
    let db = database.open();
    let kept = "SELECT \"index\" || ' ' || stars || ' ' || title FROM lettings_letting";
    assert_eq!(rows(&db, kept).await, ["0 5 House"]);
    let names = "SELECT type || ' ' || name FROM sqlite_master WHERE type <> 'table' \
                 AND tbl_name IN ('lettings_letting', 'titles') AND sql IS NOT NULL ORDER BY name";
    let expected = [
        "index ix_lettings_letting_index",
        "trigger seen",
        "view titles",
    ];
    assert_eq!(rows(&db, names).await, expected);
    assert_eq!(
        rows(&db, "SELECT CAST(address_id AS text) FROM stay").await,
        ["11"]
    );
    assert_eq!(rows(&db, "SELECT title FROM titles").await, ["House"]);
    save_letting(&db, "Another").await.unwrap();
    let stars = "SELECT CAST(stars AS text) FROM lettings_letting WHERE title = 'Another'";
    assert_eq!(rows(&db, stars).await, ["3"]);
    assert_eq!(
        rows(&db, "SELECT \"table\" FROM pragma_foreign_key_check").await,
        Vec::<String>::new()
    );
}

/// Numbers that an earlier row had are not given to another.
#[tokio::test]
async fn a_table_made_anew_counts_on() {
    let database = database_of(&case("reference_to_nothing"), Backend::Sqlite).await;
    let db = database.open();
    let sql = "UPDATE sqlite_sequence SET seq = 40 WHERE name = 'lettings_letting'";
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let db = database.open();
    save_letting(&db, "Another").await.unwrap();
    let newest = rows(&db, "SELECT CAST(max(id) AS text) FROM lettings_letting").await;
    assert_eq!(newest, ["41"]);
}

/// What the owner asks of values is asked on, of the columns that Django knows too.
#[tokio::test]
async fn a_table_made_anew_keeps_the_rules_of_its_owner() {
    let database = database_of(&case("owners_rules_without_key"), Backend::Sqlite).await;
    assert_eq!(program(&database, &["migrate"]).code, Some(0));
    let db = database.open();
    let kept = "SELECT \"the stars\" || code || shout FROM lettings_letting WHERE title = 'hOUSE'";
    assert_eq!(rows(&db, kept).await, ["5aHOUSE"]);
    for address in 12..15 {
        let sql = format!(
            "INSERT INTO lettings_address VALUES ({address}, 7, 'Some Street', 'Town', 'GA', 1, 'USA')"
        );
        db.execute_unprepared(&sql).await.unwrap();
    }
    let insert = "INSERT INTO lettings_letting (address_id, title, \"the stars\", code, floor, door) \
                  VALUES";
    for (values, rule) in [
        ("(12, 'ab', 1, 'b', 1, 1)", "CHECK"),
        ("(12, 'Hut', 6, 'b', 1, 1)", "CHECK constraint failed: five"),
        ("(12, 'Hut', 5, 'A', 1, 1)", "UNIQUE"),
        ("(12, 'Hut', 5, 'b', 200, 1)", "CHECK"),
        (
            "(12, 'Hut', 5, 'b', 2, 1), (13, 'Hut', 5, 'c', 2, 1)",
            "UNIQUE",
        ),
    ] {
        let refused = db.execute_unprepared(&format!("{insert} {values}")).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(rule), "{values}: {refused}");
    }
    let index = "SELECT name FROM sqlite_master WHERE name = 'title'";
    assert_eq!(rows(&db, index).await, ["title"]);
    save_letting(&db, "Another").await.unwrap();
}

/// Nothing but Django's types fits a table that is strict.
#[tokio::test]
async fn a_strict_table_is_refused_by_name() {
    let database = database_of(&case("no_primary_key"), Backend::Sqlite).await;
    let db = database.open();
    for sql in [
        "DROP TABLE lettings_letting",
        "CREATE TABLE lettings_letting (id integer, title text, address_id integer) STRICT",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    for args in [&["migrate", "--plan"][..], &["migrate"]] {
        let refused = program(&database, args);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(
            refused.err.contains("lettings_letting is STRICT"),
            "{refused:?}"
        );
    }
}

mod django {
    use super::*;
    use crate::django::ask_django;

    /// Django finds nothing to do where nothing was recorded, and where a table was set right.
    #[tokio::test]
    async fn what_was_set_right_is_whole_for_django() {
        for name in [
            "no_migrations_recorded",
            "no_primary_key",
            "further_columns",
            "owners_rules_without_key",
        ] {
            let database = database_of(&case(name), Backend::Sqlite).await;
            assert_eq!(program(&database, &["migrate"]).code, Some(0));
            let (code, text) = ask_django(&database.url, &["manage.py", "migrate"]);
            assert_eq!(code, Some(0), "{name}: {text}");
            assert!(text.contains("No migrations to apply"), "{name}: {text}");
        }
    }
}
