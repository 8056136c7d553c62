//! The databases that owners have, one file of SQL for each class of them, in `tests/data/corpus`: what
//! is shown, what is refused and with which command, and what the program says.
//!
//! Each file is carried out on a database that `migrate` has made and `base.sql` has taken our own
//! tables from. Its head says what must come of it: `-- refused`, `-- from:` with what the refusal
//! has to offer, `-- shows:` with what visitors see in the end, `-- kept:` with why it cannot be handed
//! back once something was written, `-- only:` with the one kind of database where the class can exist.

mod way_back;

mod anew;
mod pasted;

use std::fs;
use std::path::{Path, PathBuf};

use db::migrate;
use sea_orm::ConnectionTrait as _;
use site::schema::SCHEMA;

use self::way_back::{hand_back_and_adopt_again, schema_snapshot};
use crate::adoption::rows;
use crate::support::database::drops_of_records;
use crate::support::program::{Run, run};
use crate::support::{Backend, TestApp, TestDatabase};

/// A file of the corpus.
struct Case {
    name: String,
    statements: Vec<String>,
    is_refused: bool,
    from: Option<String>,
    shows: Option<Vec<String>>,
    kept: Option<String>,
    only: Option<String>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let marked = |mark: &str| {
            let mut lines = text.lines();
            lines
                .find_map(|line| line.strip_prefix(mark))
                .map(|rest| rest.trim().to_owned())
        };
        let split = |text: String| {
            let parts = text.split("; ").filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        Self {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            statements: statements(&text),
            is_refused: marked("-- refused").is_some(),
            from: marked("-- from:"),
            shows: marked("-- shows:").map(split),
            kept: marked("-- kept:"),
            only: marked("-- only:"),
        }
    }

    fn is_for(&self, backend: Backend) -> bool {
        let name = match backend {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        };
        self.only.as_deref().is_none_or(|only| only == name)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus")
}

fn statements(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.starts_with("--"));
    let code = code.collect::<Vec<_>>().join("\n");
    let statements = code.split(';').map(str::trim);
    statements
        .filter(|sql| !sql.is_empty())
        .map(str::to_owned)
        .collect()
}

fn cases(backend: Backend) -> Vec<Case> {
    let files = fs::read_dir(folder()).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let cases = paths.iter().filter(|path| !path.ends_with("base.sql"));
    cases
        .map(|path| Case::read(path))
        .filter(|case| case.is_for(backend))
        .collect()
}

/// A database as the owner has it.
async fn database_of(case: &Case, backend: Backend) -> TestDatabase {
    let database = TestDatabase::empty(backend).await;
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    // One connection: what a `PRAGMA` says holds for the statements after it.
    let config = db::Config {
        max_connections: 1,
        ..database.config()
    };
    let db = db::Database::new(config);
    let base = fs::read_to_string(folder().join("base.sql")).unwrap();
    let drops = drops_of_records();
    let base = statements(&base);
    for sql in drops.iter().chain(&base).chain(&case.statements) {
        let done = db.execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{}: {sql}: {error}", case.name));
    }
    if backend == Backend::Sqlite {
        db.execute_unprepared("PRAGMA journal_mode = DELETE")
            .await
            .unwrap();
    }
    db.close().await.unwrap();
    database
}

fn program(database: &TestDatabase, args: &[&str]) -> Run {
    let variables = [("DATABASE_URL", database.url.as_str()), ("DEBUG", "1")];
    run(database.folder.path(), &variables, args)
}

/// What visitors see: `title at number street` of every letting, `username, city` of every profile.
async fn seen(app: &TestApp) -> Vec<String> {
    let mut seen = Vec::new();
    for path in app
        .get("/lettings/")
        .await
        .expect(200)
        .attributes("main li a", "href")
    {
        let page = app.get(&path).await.expect(200);
        let address = page.texts("address").concat();
        let words: Vec<_> = address.split_whitespace().collect();
        // Without the city, of one word, the state, the zip code and the country.
        let city = words.iter().rposition(|word| word.ends_with(','));
        let street = words[..city.unwrap()].join(" ");
        seen.push(format!("{} at {street}", page.texts("h1").concat()));
    }
    for path in app
        .get("/profiles/")
        .await
        .expect(200)
        .attributes("main li a", "href")
    {
        let page = app.get(&path).await.expect(200);
        let city = page.texts("dd").pop().unwrap_or_default();
        seen.push(format!("{}, {city}", page.texts("h1").concat()));
    }
    seen
}

/// Everything in every table that adoption may not change, by table.
async fn contents(database: &TestDatabase) -> Vec<String> {
    let db = database.open();
    let mut contents = Vec::new();
    for part in SCHEMA.parts {
        let found = migrate::look(&database.config(), &SCHEMA).await.unwrap();
        for candidate in found.candidates.iter().filter(|found| found.part == part) {
            let name = &candidate.table;
            let described = SCHEMA.tables.iter().find(|table| table.name == part.table);
            let columns = described.unwrap().columns.iter();
            let columns: Vec<_> = columns
                .map(|column| format!("coalesce(CAST({} AS text), '')", column.name))
                .collect();
            let sql = format!(
                "SELECT {} FROM \"{}\" ORDER BY id",
                columns.join(" || '|' || "),
                name.replace('"', "\"\"")
            );
            contents.push(name.clone());
            contents.extend(rows(&db, &sql).await);
        }
    }
    db.close().await.unwrap();
    contents
}

async fn check(case: &Case, backend: Backend) -> String {
    let Case { name, .. } = case;
    let database = database_of(case, backend).await;
    let before = contents(&database).await;
    let plan = program(&database, &["migrate", "--plan"]);
    let said = format!("$ oc-lettings migrate --plan\n{}{}", plan.out, plan.err);
    let mut from = Vec::new();
    if case.is_refused {
        assert_eq!(plan.code, Some(1), "{name}: {plan:?}");
        for args in [
            &["migrate"][..],
            &["check"],
            &["serve", "--bind", "127.0.0.1:0", "--migrate"],
        ] {
            let refused = program(&database, args);
            assert_eq!(refused.code, Some(1), "{name}: {args:?}: {refused:?}");
        }
        assert_eq!(contents(&database).await, before, "{name}");
        // Whoever has to choose or to mend may want a copy first; what lacks a column is no whole one.
        if !plan.err.contains("\n  - column `") {
            let backup = program(&database, &["backup", "before.backup"]);
            assert_eq!(backup.code, Some(0), "{name}: {backup:?}");
        }
        if let Some(tables) = &case.from {
            let command = format!("--from {tables}");
            assert!(
                plan.err.contains(&command),
                "{name}: {command} is not in\n{}",
                plan.err
            );
            from = vec!["--from", tables];
        }
    }
    if let Some(shows) = &case.shows {
        said + &adopt(case, database, &from, (&before, shows)).await
    } else {
        assert!(case.is_refused, "{name}: neither shown nor refused");
        said
    }
}

/// Adopts a database, and looks at what visitors see; returns what the program says.
async fn adopt(
    case: &Case,
    database: TestDatabase,
    from: &[&str],
    (before, shows): (&[String], &Vec<String>),
) -> String {
    let Case { name, .. } = case;
    let mut said = String::new();
    let schema_snapshot = schema_snapshot(&database).await;
    if !from.is_empty() {
        let args = [&["migrate", "--plan"], from].concat();
        let plan = program(&database, &args);
        said += &format!("$ oc-lettings {}\n{}{}", args.join(" "), plan.out, plan.err);
    }
    let done = program(&database, &[&["migrate"], from].concat());
    assert_eq!(done.code, Some(0), "{name}: {done:?}");
    // Nothing is lost: what was in a table is in it still.
    let after = contents(&database).await;
    let missing: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    assert_eq!(missing, Vec::<&String>::new(), "{name}");

    let again = program(&database, &[&["migrate"], from].concat());
    assert_eq!(again.code, Some(0), "{name}: {again:?}");
    assert!(
        again.out.starts_with("The database is up to date"),
        "{name}: {again:?}"
    );
    let checked = program(&database, &["check"]);
    assert_eq!(checked.code, Some(0), "{name}: {checked:?}");
    assert!(
        checked.out.contains("oc_lettings.I002"),
        "{name}: {checked:?}"
    );
    let app = TestApp::unmigrated(database, &[("PROFILE_EMAIL_PUBLIC", "off")]);
    assert_eq!(&seen(&app).await, shows, "{name}");
    hand_back_and_adopt_again(case, app, from, &schema_snapshot).await;
    said
}

/// Looks at every fourth class: all at once would take one test too long.
async fn every_class_is_shown_or_refused(backend: Backend, first: usize) {
    for case in cases(backend).iter().skip(first).step_by(4) {
        let said = check(case, backend).await;
        if backend == Backend::Sqlite {
            // Without what is the same everywhere.
            let own = "  Apply the program's own version";
            let lines = said.lines();
            let lines = lines.filter(|line| !line.starts_with(own) && !line.contains("SECRET_KEY"));
            let said = lines.collect::<Vec<_>>().join("\n");
            insta::assert_snapshot!(format!("corpus_{}", case.name), said);
        }
    }
}

macro_rules! every_class_is_shown_or_refused {
    ($($name:ident: $backend:ident, $first:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            every_class_is_shown_or_refused(Backend::$backend, $first).await;
        })*
    };
}

every_class_is_shown_or_refused! {
    classes_are_shown_or_refused_on_sqlite_1: Sqlite, 0;
    classes_are_shown_or_refused_on_sqlite_2: Sqlite, 1;
    classes_are_shown_or_refused_on_sqlite_3: Sqlite, 2;
    classes_are_shown_or_refused_on_sqlite_4: Sqlite, 3;
    classes_are_shown_or_refused_on_postgresql_1: Postgres, 0;
    classes_are_shown_or_refused_on_postgresql_2: Postgres, 1;
    classes_are_shown_or_refused_on_postgresql_3: Postgres, 2;
    classes_are_shown_or_refused_on_postgresql_4: Postgres, 3;
}

fn case(name: &str) -> Case {
    Case::read(&folder().join(format!("{name}.sql")))
}

/// What an operator names and cannot be meant is wrong usage; nothing is done.
#[tokio::test]
async fn what_from_names_is_looked_at_first() {
    let database = database_of(&case("renamed_altogether"), Backend::Sqlite).await;
    let before = fs::read(database.path()).unwrap();
    let mut said = String::new();
    for from in [
        "letting=nowhere",
        "letting=accounts_profile",
        "flat=property_lettings_letting",
        "letting",
        "letting=property_lettings_letting,letting=lettings_letting",
    ] {
        let refused = program(&database, &["migrate", "--from", from]);
        assert_eq!(refused.code, Some(2), "{from}: {refused:?}");
        let lines = refused
            .err
            .lines()
            .filter(|line| !line.contains("SECRET_KEY"));
        said += &format!(
            "$ oc-lettings migrate --from {from}\n{}\n",
            lines.collect::<Vec<_>>().join("\n")
        );
    }
    insta::assert_snapshot!("wrong_from", said);
    assert_eq!(fs::read(database.path()).unwrap(), before);
}

/// What is shown already is never replaced.
async fn rows_that_are_shown_stay(backend: Backend) {
    let case = case("modular_with_old_tables");
    let database = database_of(&case, backend).await;
    assert_eq!(program(&database, &["migrate"]).code, Some(0));
    let before = contents(&database).await;
    let from = "letting=oc_lettings_site_letting,address=oc_lettings_site_address";
    let refused = program(&database, &["migrate", "--from", from]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("nothing is replaced"), "{refused:?}");
    assert_eq!(contents(&database).await, before);
}

#[tokio::test]
async fn rows_that_are_shown_stay_on_sqlite() {
    rows_that_are_shown_stay(Backend::Sqlite).await;
}

#[tokio::test]
async fn rows_that_are_shown_stay_on_postgresql() {
    rows_that_are_shown_stay(Backend::Postgres).await;
}

/// What an earlier release has adopted as it was goes on, and is told of.
#[tokio::test]
async fn what_was_adopted_with_a_fault_is_told_and_served() {
    for (name, applied) in [
        ("further_reference", "2026-01-02 03:04:05"),
        // By hand, and no point in time.
        ("no_primary_key_same_ids", "2026-01-02"),
    ] {
        let database = database_of(&case(name), Backend::Sqlite).await;
        let db = database.open();
        let version = &SCHEMA.own.versions[0];
        for sql in db::ddl::create_table(db::DbBackend::Sqlite, SCHEMA.own.version_table) {
            db.execute_unprepared(&sql).await.unwrap();
        }
        let sql = format!(
            "INSERT INTO oc_lettings_version VALUES (1, '{}', 1, '{applied}')",
            version.name
        );
        db.execute_unprepared(&sql).await.unwrap();
        db.close().await.unwrap();
        let done = program(&database, &["migrate"]);
        assert_eq!(done.code, Some(0), "{name}: {done:?}");
        assert!(
            done.out.contains("Wrong, and left as it is:"),
            "{name}: {done:?}"
        );
        let checked = program(&database, &["check"]);
        assert_eq!(checked.code, Some(0), "{name}: {checked:?}");
        assert!(
            checked.out.contains("warning oc_lettings.W008"),
            "{name}: {checked:?}"
        );
    }
}

/// A database of another program is not mixed with ours.
#[tokio::test]
async fn a_database_of_something_else_is_refused() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    fs::write(database.path(), "").unwrap();
    let db = database.open();
    db.execute_unprepared("CREATE TABLE shop_book (id integer PRIMARY KEY, name text)")
        .await
        .unwrap();
    db.close().await.unwrap();
    let refused = program(&database, &["migrate"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("it holds `shop_book`"), "{refused:?}");
}
