//! What PostgreSQL's own programs make of a backup.

use std::path::Path;
use std::process::Command;

use super::{back_up, restore, rows_of, run_on};
use crate::support::{Backend, TestApp, TestDatabase, needed};

/// One of PostgreSQL's programs; they lie where the server's do.
fn program(name: &str) -> Command {
    Command::new(Path::new(&needed("TEST_POSTGRES_PROGRAMS")).join(name))
}

/// The definition of a database as `pg_dump` tells it.
fn definition(database: &TestDatabase) -> String {
    let mut command = program("pg_dump");
    command.args(["--schema-only", "--no-owner", "--dbname", &database.url]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // Newer releases of `pg_dump` put a random word here.
    let lines = text.lines().filter(|line| !line.contains("restrict"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Tables of our own and of Django; then as an older Django made them, and as nobody does.
const MORE: &str = r#"
    CREATE TABLE old_book (
        id serial NOT NULL PRIMARY KEY,
        title varchar(64) NOT NULL UNIQUE,
        price numeric(6, 2) DEFAULT 9.99,
        pages smallint NOT NULL CHECK (pages >= 0),
        "odd "" name" text DEFAULT 'it''s' COLLATE "C"
    );
    CREATE INDEX old_book_title_like ON old_book (title varchar_pattern_ops);
    CREATE INDEX old_book_cheap ON old_book (lower(title)) WHERE price < 5;
    INSERT INTO old_book (title, pages) VALUES ('Emma', 3), ('Walden', 4);
    CREATE TABLE old_loan (
        id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5) PRIMARY KEY,
        book_id integer NOT NULL
            REFERENCES old_book (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
        due timestamp with time zone NOT NULL,
        days integer[] NOT NULL DEFAULT '{}',
        note jsonb,
        doubled integer GENERATED ALWAYS AS (book_id * 2) STORED
    );
    INSERT INTO old_loan (book_id, due, days, note)
        VALUES (1, '2026-01-02 03:04:05.678901+02', '{1,2}', '{"a": null}');
    CREATE SEQUENCE counter AS smallint START WITH 3 CYCLE;
    SELECT nextval('counter');
"#;

async fn with_more() -> TestDatabase {
    let app = TestApp::open(Backend::Postgres).await;
    site::demo::fill(&app.db).await.unwrap();
    app.sql(MORE).await;
    app.db.close().await.unwrap();
    app.database
}

#[tokio::test]
async fn every_definition_comes_back_word_for_word() {
    let database = with_more().await;
    let before = definition(&database);
    let rows = rows_of(&database).await;
    let file = back_up(&database, "site.backup");
    let other = TestDatabase::empty(Backend::Postgres).await;
    restore(&other, &file, &[]);
    assert_eq!(definition(&other), before);
    assert_eq!(rows_of(&other).await, rows);
    // In the place of another it ends in the same schema.
    restore(&database, &file, &["--replace"]);
    let after = definition(&database);
    let of_public = |text: &str| {
        let statements = text.split("\n--\n").filter(|part| part.contains("public."));
        statements.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of_public(&after), of_public(&before));

    let db = other.open();
    for (sql, expected) in [
        (
            "INSERT INTO old_book (title, pages) VALUES ('Ulysses', 1) RETURNING id::text",
            "3",
        ),
        (
            "INSERT INTO old_loan (book_id, due) VALUES (1, now()) RETURNING id::text",
            "15",
        ),
        ("SELECT nextval('counter')::text", "4"),
    ] {
        assert_eq!(super::texts(&db, sql).await, [expected], "{sql}");
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn psql_restores_a_backup_without_this_program() {
    let database = with_more().await;
    let mut psql = program("psql");
    let file = back_up(&database, "site.backup");
    let other = TestDatabase::empty(Backend::Postgres).await;
    psql.args([
        "--no-psqlrc",
        "--set",
        "ON_ERROR_STOP=1",
        "--dbname",
        &other.url,
        "--file",
    ]);
    let output = psql.arg(&file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(rows_of(&other).await, rows_of(&database).await);
    assert_eq!(definition(&other), definition(&database));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of what PostgreSQL can hold")]
async fn what_a_backup_does_not_hold_is_told() {
    let app = TestApp::open(Backend::Postgres).await;
    app.sql("CREATE VIEW titles AS SELECT title FROM lettings_letting")
        .await;
    app.sql("CREATE MATERIALIZED VIEW kept_titles AS SELECT title FROM titles")
        .await;
    app.sql("CREATE TABLE sale (day date) PARTITION BY RANGE (day)")
        .await;
    app.sql(
        "CREATE TABLE sale_2026 PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    )
    .await;
    app.sql("CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        .await;
    app.db.close().await.unwrap();
    let made = run_on(&app.database, &["backup", "site.backup"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    for what in [
        "view titles",
        "materialized view kept_titles",
        "partitioning of sale",
        "function one",
    ] {
        assert!(
            made.out.contains(&format!("Not in the backup: {what}\n")),
            "{made:?}"
        );
    }
    // With its tables all of that goes aside, and stays whole there.
    let file = app.database.folder.path().join("site.backup");
    let restored = restore(&app.database, &file, &["--replace"]);
    let (_, kept) = restored.out.split_once("is kept in the schema ").unwrap();
    let kept = kept.trim().trim_end_matches('.');
    for name in ["titles", "kept_titles", "sale", "sale_2026"] {
        app.sql(&format!("SELECT * FROM {kept}.{name}")).await;
    }

    // The rows of what there are no statements for are kept.
    for sql in [
        "CREATE TYPE colour AS ENUM ('red', 'blue')",
        "CREATE DOMAIN count AS integer CHECK (VALUE >= 0)",
        "CREATE TABLE paint (shade colour DEFAULT 'red', cans count, shades colour[],
            CHECK (shade <> 'blue') NO INHERIT, UNIQUE (shade))",
        "INSERT INTO paint VALUES ('red', 3, '{red,blue}')",
        "CREATE TABLE oil () INHERITS (paint)",
        "INSERT INTO oil VALUES ('blue', 4, NULL)",
        "CREATE TABLE stay (day date, amount integer) PARTITION BY RANGE (day)",
        "CREATE TABLE stay_2026 PARTITION OF stay FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "INSERT INTO stay VALUES ('2026-11-28', 7)",
    ] {
        app.sql(sql).await;
    }
    app.db.close().await.unwrap();
    let made = run_on(&app.database, &["backup", "paint.backup"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    for what in [
        "domain count",
        "inheritance of oil",
        "partitioning of stay",
        "the constraint paint_shade_check of paint",
        "the default of paint.shade",
        "the type of paint.shade, which is kept as text",
        "the type of paint.shades, which is kept as text",
        "type colour",
    ] {
        let line = format!("Not in the backup: {what}\n");
        assert!(made.out.contains(&line), "{line}{made:?}");
    }
    let other = TestDatabase::empty(Backend::Postgres).await;
    restore(
        &other,
        &app.database.folder.path().join("paint.backup"),
        &[],
    );
    let db = other.open();
    for (table, row) in [
        ("paint", "(red,3,\"{red,blue}\")"),
        ("oil", "(blue,4,)"),
        ("stay", "(2026-11-28,7)"),
    ] {
        let rows = super::texts(&db, &format!("SELECT t::text FROM {table} AS t")).await;
        assert_eq!(rows, [row]);
    }
    db.close().await.unwrap();
}
