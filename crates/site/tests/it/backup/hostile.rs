//! Backups that want to do more than be read: what they say is refused with its place, or named and
//! left out; nothing of it is carried out, and a restore that fails loses nothing.

use std::fs;
use std::path::{Path, PathBuf};

use db::backup::{Error, Existing, RestoreReport, Subject};
use rand::Rng as _;
use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{SEAL_LENGTH, back_up, filled, restore, rows_of, run_on, texts, write_checksum};
use crate::support::{Backend, TestApp, TestDatabase, chance};

/// What a script of PostgreSQL sets before anything else.
const FIRST: &str = "SET LOCAL standard_conforming_strings = on;\n";

/// Everything that a database holds beside tables, by name.
async fn planted(database: &TestDatabase) -> Vec<String> {
    let sql = match database.config().address {
        db::Address::Sqlite(_) => {
            // The program's own triggers, with the body that it has given them.
            "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('trigger', 'view') \
             AND sql NOT LIKE 'CREATE TRIGGER \"oc_lettings_stay_overlap_%\" BEFORE % \
             BEGIN SELECT RAISE(ABORT, ''oc_lettings_stay_overlap''); END'"
        }
        db::Address::Postgres(_) => {
            "SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE '%planted%' \
             UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE '%planted%' \
             UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal \
             UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger \
             UNION ALL SELECT 'rule ' || rulename FROM pg_rules WHERE schemaname = 'public' \
             UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relname LIKE '%planted%' \
             UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typname LIKE '%planted%' \
             UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql' \
             UNION ALL SELECT 'large object' FROM pg_largeobject_metadata"
        }
    };
    let db = database.open();
    let found = texts(&db, sql).await;
    db.close().await.unwrap();
    found
}

/// Files that no test has made.
fn planted_files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("planted")).collect()
}

/// Restores in the place of what is there, in this process.
async fn try_restore(database: &TestDatabase, path: &Path) -> Result<RestoreReport, Error> {
    let config = database.config();
    let subject = Subject {
        config: &config,
        schema: &site::schema::SCHEMA,
        program: "test",
    };
    db::backup::restore(subject, path, Existing::Replace, &mut |_| ()).await
}

#[tokio::test]
async fn a_postgres_script_is_read_and_not_carried_out() {
    let database = filled(Backend::Postgres).await;
    let path = back_up(&database, "site.backup");
    let whole = fs::read_to_string(&path).unwrap();
    let before = rows_of(&database).await;
    let program = format!("touch {}/planted", database.folder.path().display());
    let lines = [
        "SET LOCAL work_mem = '4MB'; CREATE ROLE planted; SELECT 1;".to_owned(),
        format!("SET LOCAL work_mem='4MB'; COPY (SELECT 1) TO PROGRAM '{program}'; SELECT 1;"),
        format!("COPY (SELECT 1) TO PROGRAM '{program}';"),
        format!("COPY lettings_letting FROM PROGRAM '{program}';"),
        format!("-- rows: 0\nCOPY lettings_letting FROM PROGRAM '{program}' -- FROM stdin;\n\\."),
        format!("-- rows: 0\nCOPY lettings_letting (id) FROM stdin; COPY (SELECT 1) TO PROGRAM '{program}'; COPY lettings_letting (id) FROM stdin;\n\\."),
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'; CREATE TRIGGER planted BEFORE UPDATE ON auth_user FOR EACH ROW EXECUTE FUNCTION planted();".to_owned(),
        "CREATE TABLE planted (a integer); CREATE ROLE planted;".to_owned(),
        "CREATE TABLE planted (a text DEFAULT $$a$$);".to_owned(),
        r"CREATE TABLE planted (a text DEFAULT '\'; CREATE ROLE planted; --');".to_owned(),
        r"CREATE TABLE planted (a text DEFAULT E'\\'; CREATE ROLE planted; --');".to_owned(),
        "CREATE TABLE planted (a integer /* ) */);".to_owned(),
        "CREATE TABLE planted AS SELECT 1;".to_owned(),
        "ALTER TABLE auth_user OWNER TO CURRENT_USER;".to_owned(),
        "ALTER TABLE auth_user ADD CONSTRAINT planted CHECK (true), ADD COLUMN planted text; CREATE ROLE planted;".to_owned(),
        "CREATE RULE planted AS ON UPDATE TO auth_user DO ALSO DELETE FROM auth_group;".to_owned(),
        "CREATE EVENT TRIGGER planted ON ddl_command_end EXECUTE FUNCTION planted();".to_owned(),
        "CREATE EXTENSION adminpack;".to_owned(),
        "CREATE DOMAIN planted AS text;".to_owned(),
        "SELECT pg_catalog.setval('\"auth_user_id_seq\"', lo_import('/etc/passwd')::bigint, true);".to_owned(),
        "SELECT pg_catalog.lo_import('/etc/passwd');".to_owned(),
        "SELECT pg_catalog.setval('pg_catalog.pg_class', 1, true);".to_owned(),
        "DO 'begin create role planted; end';".to_owned(),
        "\\! touch planted".to_owned(),
        "COMMIT;\nCREATE ROLE planted;\nBEGIN;".to_owned(),
        "SET SESSION AUTHORIZATION postgres;".to_owned(),
        format!("CREATE TABLE planted (a integer, {} integer);", "x".repeat(64)),
        format!("CREATE TABLE planted ({}b integer);", "a integer, ".repeat(2_000)),
        format!("CREATE TABLE planted (a text DEFAULT '{}');", "x".repeat(1_000_000)),
    ];
    for line in &lines {
        for text in [
            whole.replacen(FIRST, &format!("{FIRST}{line}\n"), 1),
            whole.replace("COMMIT;\n", &format!("{line}\nCOMMIT;\n")),
        ] {
            assert_ne!(text, whole);
            fs::write(&path, text).unwrap();
            write_checksum(&path);
            let refused = try_restore(&database, &path).await.unwrap_err();
            assert!(
                refused.to_string().contains("is damaged: line "),
                "{line}: {refused}"
            );
        }
    }
    assert_eq!(planted(&database).await, [""; 0]);
    assert_eq!(planted_files(database.folder.path()), [""; 0]);
    assert_eq!(rows_of(&database).await, before);
}

/// A part of a stranger's table that the grammar does not know keeps nobody from their rows.
#[tokio::test]
async fn what_a_postgres_script_defines_beyond_the_grammar_is_left_out() {
    let database = filled(Backend::Postgres).await;
    let path = back_up(&database, "site.backup");
    let whole = fs::read_to_string(&path).unwrap();
    let more = "CREATE TABLE other (a text DEFAULT pg_read_file('/etc/passwd'::text), b other_type, \
         c integer DEFAULT nextval('auth_user'::regclass), d text DEFAULT lo_import('/etc/passwd'::text));\n\
         -- rows: 1\nCOPY other (a, b, c) FROM stdin;\nDROP TABLE auth_user;\t\\N\t1\n\\.\n\
         ALTER TABLE other ADD CONSTRAINT planted CHECK ((pg_ls_dir('/'::text) IS NOT NULL));\n\
         CREATE INDEX planted ON other USING btree (own_function(a));\n\
         CREATE TABLE quote (a text DEFAULT E'\\'; CREATE ROLE planted; --');\nCOMMIT;\n";
    fs::write(&path, whole.replace("COMMIT;\n", more)).unwrap();
    write_checksum(&path);
    let restored = restore(&database, &path, &["--replace"]);
    for what in [
        "the default of other.a",
        "the type of other.b, which is kept as text",
        "the default of other.c",
        "the default of other.d",
        "the constraint planted of other",
        "the index planted of other",
    ] {
        let line = format!("Not restored: {what}\n");
        assert!(restored.out.contains(&line), "{line}{restored:?}");
    }
    let db = database.open();
    let rows = texts(&db, "SELECT other::text FROM other").await;
    assert_eq!(rows, ["(\"DROP TABLE auth_user;\",,1,)"]);
    let defaults = "SELECT column_default::text FROM information_schema.columns \
         WHERE table_name = 'other' AND column_default IS NOT NULL";
    assert_eq!(texts(&db, defaults).await, [""; 0]);
    // To the server this is one text to the last quote; it comes back as no more than that.
    let default = "SELECT column_default::text FROM information_schema.columns \
         WHERE table_name = 'quote'";
    let expected = "'''; CREATE ROLE planted; --'::text";
    assert_eq!(texts(&db, default).await, [expected]);
    db.close().await.unwrap();
    assert_eq!(planted(&database).await, [""; 0]);
}

/// Statements on a copy of a backup without its checksum.
async fn changed(database: &TestDatabase, backup: &Path, statements: &[&str]) -> PathBuf {
    let path = database.folder.path().join("hostile.sqlite3");
    let bytes = fs::read(backup).unwrap();
    fs::write(&path, &bytes[..bytes.len() - SEAL_LENGTH]).unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = options.connect().await.unwrap();
    for sql in statements {
        let sql = AssertSqlSafe((*sql).to_owned());
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    path
}

#[tokio::test]
async fn what_a_sqlite_file_says_of_itself_is_read_and_not_carried_out() {
    let database = filled(Backend::Sqlite).await;
    let backup = back_up(&database, "site.backup");
    let before = rows_of(&database).await;
    for (kind, text) in [
        (
            "table",
            "CREATE TABLE extra(a); COMMIT; VACUUM INTO 'planted.sqlite3'; BEGIN",
        ),
        (
            "table",
            "CREATE TABLE extra(a); ATTACH 'planted.sqlite3' AS x",
        ),
        ("table", "CREATE TABLE extra(a) -- \n; DROP TABLE auth_user"),
        ("table", "CREATE TABLE extra AS SELECT * FROM auth_user"),
        ("table", "CREATE TABLE other(a)"),
        ("table", "CREATE TEMP TABLE extra(a)"),
        (
            "index",
            "CREATE INDEX extra ON auth_user(id); VACUUM INTO 'planted.sqlite3'",
        ),
        ("index", "CREATE INDEX extra ON nothing(id)"),
        ("index", "CREATE INDEX other ON extra(a)"),
    ] {
        let name = if kind == "table" {
            "extra"
        } else {
            "extra_index"
        };
        let text = text.replace('\'', "''");
        let replaced = format!("UPDATE sqlite_master SET sql = '{text}' WHERE name = '{name}'");
        let statements = [
            "CREATE TABLE extra(a)",
            "CREATE INDEX extra_index ON extra(a)",
            "PRAGMA writable_schema = 1",
            &replaced,
        ];
        let path = changed(&database, &backup, &statements).await;
        let sealed = path.with_extension("sealed");
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend([b'x'; SEAL_LENGTH]);
        fs::write(&sealed, bytes).unwrap();
        write_checksum(&sealed);
        for file in [path, sealed] {
            let refused = try_restore(&database, &file).await.unwrap_err();
            assert!(
                refused.to_string().contains("is damaged: "),
                "{text}: {refused}"
            );
        }
    }
    assert_eq!(planted_files(database.folder.path()), [""; 0]);
    assert_eq!(rows_of(&database).await, before);
}

#[tokio::test]
async fn triggers_and_views_are_named_and_left_out() {
    let database = filled(Backend::Sqlite).await;
    let statements = [
        "CREATE TRIGGER planted AFTER UPDATE OF last_login ON auth_user BEGIN \
         UPDATE auth_user SET is_superuser = 1; END",
        // Under the name of one of ours, which is made anew and not copied.
        "DROP TRIGGER oc_lettings_stay_overlap_insert",
        "CREATE TRIGGER oc_lettings_stay_overlap_insert AFTER UPDATE OF last_login ON auth_user BEGIN \
         UPDATE auth_user SET is_superuser = 1; END",
        "CREATE VIEW seen AS SELECT * FROM auth_user",
        "CREATE VIRTUAL TABLE words USING fts5(a)",
        "INSERT INTO words VALUES ('holiday home')",
        "CREATE TABLE strange (a CHECK (printf('%s', a) <> 'x'), b DEFAULT (printf('%s', 1)))",
        "CREATE INDEX strange_a ON strange (a) WHERE a GLOB 'x*' AND typeof(a) = 'text'",
        "CREATE INDEX strange_b ON strange (printf('%s', a))",
    ];
    let backup = back_up(&database, "site.backup");
    let path = changed(&database, &backup, &statements).await;
    let expected = [
        "trigger planted",
        "view seen",
        "virtual table words",
        "a check of strange.a",
        "the default of strange.b",
        "index strange_b",
    ];
    // `backup` of a database with all that names it, and leaves it out; `restore` of such a file too.
    let url = crate::support::database::sqlite_url(&path);
    let variables = [("DATABASE_URL", url.as_str())];
    let folder = database.folder.path();
    let made = crate::support::program::run(folder, &variables, &["backup", "strange.backup"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let restored = restore(&database, &path, &["--replace"]);
    for what in expected {
        assert!(
            made.out.contains(&format!("Not in the backup: {what}\n")),
            "{what}: {made:?}"
        );
        let line = format!("Not restored: {what}\n");
        assert!(restored.out.contains(&line), "{what}: {restored:?}");
    }
    assert_eq!(planted(&database).await, [""; 0]);
    let restored = restore(&database, &folder.join("strange.backup"), &["--replace"]);
    assert!(!restored.out.contains("Not restored"), "{restored:?}");
    assert_eq!(planted(&database).await, [""; 0]);
    let db = database.open();
    let indexes = "SELECT name FROM sqlite_master WHERE name LIKE 'strange_%'";
    assert_eq!(texts(&db, indexes).await, ["strange_a"]);
    let words = texts(&db, "SELECT c0 FROM words_content").await;
    assert_eq!(
        words,
        ["holiday home"],
        "the rows of a virtual table are kept"
    );
    db.close().await.unwrap();
}

/// The exchange of the tables has begun when it turns out that a row cannot be there.
#[tokio::test]
async fn a_restore_that_fails_half_way_loses_nothing() {
    let database = filled(Backend::Sqlite).await;
    let backup = back_up(&database, "site.backup");
    let before = rows_of(&database).await;
    // SQLite asks nobody whether the rows of an index are as unique as it says.
    let statements = [
        "CREATE INDEX one_country ON lettings_address (country_iso_code)",
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX') \
         WHERE name = 'one_country'",
    ];
    let path = changed(&database, &backup, &statements).await;
    let failed = run_on(&database, &["restore", path.to_str().unwrap(), "--replace"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.err.contains("UNIQUE constraint failed"),
        "{failed:?}"
    );
    assert_eq!(rows_of(&database).await, before);
    // The copy has gone, since the database is seen to be what it is.
    let names = fs::read_dir(database.folder.path()).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.any(|name| name.contains("before-restore")));
}

/// Bytes that hostile files are made of.
const PIECES: &[&str] = &[
    ";",
    "\n",
    ";\nCREATE ROLE planted;\n",
    "; CREATE ROLE planted; ",
    "'",
    "\"",
    "$$",
    "/*",
    "--",
    "\\.\n",
    "\\",
    "E'",
    "(",
    ")",
    ",",
    "\0",
    "COPY auth_user TO PROGRAM 'touch planted';\n",
    "CREATE TRIGGER planted AFTER UPDATE ON auth_user BEGIN SELECT 1; END",
    "COMMIT;\n",
    "VACUUM INTO 'planted'",
    "-- rows: 0\n",
    "CREATE TABLE planted (a integer);\n",
    "text",
    "é",
];

/// Whatever bytes are put anywhere in a backup, nothing appears but tables and rows, and a restore
/// that fails leaves every row.
#[tokio::test]
async fn no_bytes_in_a_backup_are_carried_out_on_sqlite_and_postgres() {
    let mut random = chance();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = filled(backend).await;
        let path = back_up(&database, "site.backup");
        let whole = fs::read(&path).unwrap();
        let body = whole.len() - SEAL_LENGTH;
        // Definitions are the part in which bytes mean most.
        let definitions = match backend {
            Backend::Sqlite => 4_096,
            Backend::Postgres => 5_000,
        };
        for round in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..random.random_range(1..4) {
                let end = if round % 2 == 0 { definitions } else { body };
                let at = random.random_range(0..end);
                let piece = PIECES[random.random_range(0..PIECES.len())].as_bytes();
                if backend == Backend::Sqlite || random.random() {
                    let end = (at + piece.len()).min(body);
                    bytes[at..end].copy_from_slice(&piece[..end - at]);
                } else {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            fs::write(&path, &bytes).unwrap();
            write_checksum(&path);
            let before = rows_of(&database).await;
            let restored = try_restore(&database, &path).await;
            if restored.is_err() {
                assert_eq!(rows_of(&database).await, before, "{backend:?} {restored:?}");
            }
            let found: Vec<_> = planted(&database).await;
            let found: Vec<_> = found
                .iter()
                .filter(|what| !what.starts_with("table "))
                .collect();
            assert!(found.is_empty(), "{backend:?}: {found:?}");
            assert_eq!(
                planted_files(database.folder.path()),
                [""; 0],
                "{backend:?}"
            );
        }
    }
}

/// Files that release 0.1.0 wrote, with tables that are not the program's own.
#[tokio::test]
async fn backups_of_earlier_releases_come_back_on_sqlite_and_postgres() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backup/earlier");
    for (backend, name) in [
        (Backend::Sqlite, "0.1.0-sqlite.backup"),
        (Backend::Postgres, "0.1.0-postgres.backup"),
    ] {
        let database = TestDatabase::empty(backend).await;
        let restored = restore(&database, &folder.join(name), &[]);
        assert!(restored.out.contains("17 tables, 77 rows"), "{restored:?}");
        let left_out = restored.out.matches("Not restored: ").count();
        assert_eq!(
            left_out,
            if backend == Backend::Sqlite { 2 } else { 0 },
            "{restored:?}"
        );
        let migrated = run_on(&database, &["migrate"]);
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        let app = TestApp::unmigrated(database, &[]);
        let page = app.get("/lettings/1/").await.expect(200);
        assert_eq!(page.texts("h1"), ["Joshua Tree Green Haus"]);
        let count = "SELECT CAST(count(*) AS varchar(9)) FROM old_loan JOIN old_book \
             ON old_book.id = old_loan.book_id WHERE doubled = 2 AND title = 'Emma'";
        assert_eq!(texts(&app.db, count).await, ["1"]);
        // Checks, keys and counters are what they were.
        let refused = "INSERT INTO old_book (title, pages) VALUES ('Negative', -1)";
        assert!(app.db.execute_unprepared(refused).await.is_err());
        let refused = "INSERT INTO old_book (title, pages) VALUES ('Emma', 1)";
        assert!(app.db.execute_unprepared(refused).await.is_err());
        app.sql("INSERT INTO old_book (title, pages) VALUES ('Ulysses', 1)")
            .await;
        let key = "SELECT CAST(id AS varchar(9)) FROM old_book WHERE title = 'Ulysses'";
        let expected = if backend == Backend::Sqlite { "3" } else { "5" };
        assert_eq!(texts(&app.db, key).await, [expected]);
        app.db.close().await.unwrap();
    }
}
