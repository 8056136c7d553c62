//! The way back: what was written here is in the tables that Django's code reads, and nothing else has
//! changed. What Django says of it is in `django::handback`.

mod changes;
mod origins;
mod refusals;
mod rules;

use db::handback::{self, Form, HandbackOptions, OwnTables};
use site::schema::SCHEMA;

use self::changes::{change, give_rows};
use crate::adoption::rows;
use crate::support::database::{KEEPER, TITLES};
use crate::support::program::{Run, run};
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, TestDatabase, chance, of_the_older_site};

/// The tables of the original site, and those that its rows are copied to.
const TABLES: [(&str, &str, &str); 3] = [
    (
        "oc_lettings_site_address",
        "lettings_address",
        "id, number, street, city, state, zip_code, country_iso_code",
    ),
    (
        "oc_lettings_site_letting",
        "lettings_letting",
        "id, title, address_id",
    ),
    (
        "oc_lettings_site_profile",
        "profiles_profile",
        "id, favorite_city, user_id",
    ),
];

/// The original site's tables as Django makes them.
const ORIGINAL: &str = "
    CREATE TABLE oc_lettings_site_address (id serial PRIMARY KEY, number integer NOT NULL,
        street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL,
        zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
    CREATE TABLE oc_lettings_site_letting (id serial PRIMARY KEY, title varchar(256) NOT NULL,
        address_id integer NOT NULL UNIQUE
        REFERENCES oc_lettings_site_address (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE oc_lettings_site_profile (id serial PRIMARY KEY,
        favorite_city varchar(64) NOT NULL, user_id integer NOT NULL UNIQUE
        REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
    DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles')
        OR name = '0002_delete_old_models';
    UPDATE django_content_type SET app_label = 'oc_lettings_site'
        WHERE app_label IN ('lettings', 'profiles')";

/// A database of the original site, with rows.
pub(crate) async fn original(backend: Backend) -> TestDatabase {
    if backend == Backend::Sqlite {
        return of_the_older_site("original").await;
    }
    let app = TestApp::open(backend).await;
    let own = SCHEMA
        .own
        .versions
        .iter()
        .flat_map(|version| version.tables);
    for table in own
        .map(|table| table.name)
        .chain(TABLES.iter().rev().map(|(_, new, _)| *new))
    {
        app.sql(&format!("DROP TABLE \"{table}\" CASCADE")).await;
    }
    for sql in ORIGINAL.split(';') {
        app.sql(sql).await;
    }
    give_rows(&app).await;
    app.database
}

async fn adopted(backend: Backend) -> TestApp {
    TestApp::on(original(backend).await, &[]).await
}

/// The rows of a table, a line each.
async fn dump(app: &TestApp, table: &str, columns: &str) -> Vec<String> {
    let texts = columns
        .split(", ")
        .map(|name| format!("CAST({name} AS text)"));
    let texts = texts.collect::<Vec<_>>().join(" || '|' || ");
    rows(&app.db, &format!("SELECT {texts} FROM {table} ORDER BY id")).await
}

async fn dumps(
    app: &TestApp,
    of: fn(&(&'static str, &'static str, &'static str)) -> &'static str,
) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for table in &TABLES {
        all.push(dump(app, of(table), table.2).await);
    }
    all
}

/// Everything else that a handback restores: the definitions, the migrations, the content types.
async fn surroundings(app: &TestApp) -> Vec<String> {
    let tables = match app.database.backend() {
        Backend::Sqlite => {
            "SELECT name || ' ' || sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        }
        Backend::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type \
             FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1"
        }
    };
    let mut all = rows(&app.db, tables).await;
    for sql in [
        "SELECT app || '.' || name FROM django_migrations ORDER BY id",
        "SELECT app_label || '.' || model FROM django_content_type ORDER BY 1",
        "SELECT app_label || '.' || codename FROM auth_permission AS p \
         JOIN django_content_type AS t ON t.id = content_type_id ORDER BY 1",
    ] {
        all.extend(rows(&app.db, sql).await);
    }
    all
}

/// The command itself, on a database that nobody has open.
#[track_caller]
fn command(app: &TestApp, args: &[&str]) -> Run {
    let variables = [("DATABASE_URL", app.database.url.as_str())];
    run(
        app.database.folder.path(),
        &variables,
        &[&["handback"], args].concat(),
    )
}

async fn hand_back(app: &TestApp, form: Form) -> handback::Plan {
    let wanted = HandbackOptions {
        form: Some(form),
        own_tables: OwnTables::Drop,
    };
    app.db.close().await.unwrap();
    let done = handback::run(&app.database.config(), &SCHEMA, wanted).await;
    done.unwrap().plan
}

/// Output without what differs from run to run.
fn without_folder(app: &TestApp, text: &str) -> String {
    let folder = app.database.folder.path().display().to_string();
    text.replace(&folder, "FOLDER")
}

async fn goes_round(backend: Backend) {
    let mut random = chance();
    let mut app = TestApp::unmigrated(original(backend).await, &[]);
    let before = surroundings(&app).await;
    for _ in 0..12 {
        app = TestApp::on(app.database, &[]).await;
        for _ in 0..8 {
            change(&app, &mut random).await;
        }
        let here = dumps(&app, |table| table.1).await;
        hand_back(&app, Form::Legacy).await;
        assert_eq!(dumps(&app, |table| table.0).await, here);
        assert_eq!(surroundings(&app).await, before);
        app = TestApp::on(app.database, &[]).await;
        assert_eq!(dumps(&app, |table| table.1).await, here);
    }
}

#[tokio::test]
async fn what_is_written_here_goes_back_and_comes_again_on_sqlite() {
    goes_round(Backend::Sqlite).await;
}

#[tokio::test]
async fn what_is_written_here_goes_back_and_comes_again_on_postgresql() {
    goes_round(Backend::Postgres).await;
}

/// By the doors that people use: the admin, and the command.
#[tokio::test]
async fn what_staff_writes_is_in_the_original_tables() {
    let app = adopted(Backend::Sqlite).await;
    let expected = staff_writes(&app).await;
    app.db.close().await.unwrap();

    let asked = command(&app, &[]);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    insta::assert_snapshot!("handback_without_a_form", asked.err);
    let planned = command(&app, &["--plan", "--to", "original"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    insta::assert_snapshot!("handback_plan_to_original", planned.out);
    let planned = command(&app, &["--plan", "--to", "modular"]);
    insta::assert_snapshot!("handback_plan_to_modular", planned.out);
    let done = command(&app, &["--to", "original"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    insta::assert_snapshot!("handback_to_original", without_folder(&app, &done.out));

    let titles = rows(
        &app.db,
        "SELECT title FROM oc_lettings_site_letting ORDER BY id",
    )
    .await;
    assert_eq!(titles, expected);
    let history = "SELECT app_label || ' ' || object_repr FROM django_admin_log AS l \
                   JOIN django_content_type AS t ON t.id = content_type_id \
                   WHERE l.id > 17 AND app_label <> 'auth' ORDER BY l.id";
    let told = rows(&app.db, history).await;
    assert_eq!(told[1], "oc_lettings_site By the quay", "{told:?}");
    let mode = rows(&app.db, "PRAGMA journal_mode").await;
    assert_eq!(mode, ["delete"]);
    app.db.close().await.unwrap();

    // The backup is the database as it was here.
    let backup = app
        .database
        .folder
        .path()
        .join("site.sqlite3.before-handback");
    let backup = backup.to_str().unwrap();
    let variables = [("DATABASE_URL", app.database.url.as_str())];
    let folder = app.database.folder.path();
    let restored = run(folder, &variables, &["restore", backup, "--replace"]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert_eq!(
        app.get("/lettings/2/").await.expect(200).texts("h1"),
        ["Bay Windows"]
    );
}

/// A member of the staff adds a letting, changes one and deletes another. The titles there are then.
async fn staff_writes(app: &TestApp) -> Vec<&'static str> {
    let mut staff = Visitor::new(app);
    staff.log_in(KEEPER[0], KEEPER[1]).await.expect(302);
    let secret = staff.cookies.0["csrftoken"].clone();
    staff.headers.push(("x-csrftoken", secret));
    let address = |street| {
        [
            ("number", "12"),
            ("street", street),
            ("city", "Bath"),
            ("state", "ME"),
            ("zip_code", "4530"),
            ("country_iso_code", "USA"),
        ]
    };
    let base = "/admin/lettings";
    for (path, fields) in [
        ("address/add/", &address("Quay")[..]),
        (
            "letting/add/",
            &[("title", "By the quay"), ("address", "7")],
        ),
        (
            "letting/2/change/",
            &[("title", "Bay Windows"), ("address", "2")],
        ),
        ("address/6/delete/", &[("post", "yes")]),
    ] {
        staff
            .post(&format!("{base}/{path}"), fields)
            .await
            .expect(302);
    }
    [
        &TITLES[..1],
        &["Bay Windows"],
        &TITLES[2..5],
        &["By the quay"],
    ]
    .concat()
}

#[tokio::test]
async fn permissions_go_back_as_they_are_held_now() {
    let app = adopted(Backend::Sqlite).await;
    let held = |app: &'static str, codename: &'static str| {
        format!(
            "SELECT 2, p.id FROM auth_permission AS p JOIN django_content_type AS t \
                 ON t.id = content_type_id WHERE app_label = '{app}' AND codename = '{codename}'"
        )
    };
    // Given here, and taken away here, since the adoption gave both.
    for (app_label, codename) in [
        ("lettings", "add_letting"),
        ("oc_lettings_site", "delete_letting"),
    ] {
        app.sql(&format!(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) {}",
            held(app_label, codename)
        ))
        .await;
    }
    hand_back(&app, Form::Legacy).await;
    let sql = "SELECT app_label || '.' || codename FROM auth_user_user_permissions AS h \
                   JOIN auth_permission AS p ON p.id = h.permission_id \
                   JOIN django_content_type AS t ON t.id = content_type_id";
    assert_eq!(rows(&app.db, sql).await, ["oc_lettings_site.add_letting"]);
}

/// Where nothing was copied, nothing has to be carried.
#[tokio::test]
async fn a_modular_database_needs_nothing() {
    let app = TestApp::unmigrated(of_the_older_site("modular").await, &[]);
    let before = surroundings(&app).await;
    app.db.close().await.unwrap();
    let untouched = command(&app, &[]);
    assert_eq!(untouched.code, Some(0), "{untouched:?}");
    insta::assert_snapshot!("handback_of_what_was_not_adopted", untouched.out);

    let app = TestApp::on(app.database, &[]).await;
    app.db.close().await.unwrap();
    let kept = command(&app, &["--keep"]);
    insta::assert_snapshot!("handback_that_keeps", kept.out);
    let wrong = command(&app, &["--to", "original"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    insta::assert_snapshot!("handback_of_modular_to_original", wrong.err);
    let done = command(&app, &["--output", "mine.backup"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    insta::assert_snapshot!(
        "handback_of_a_modular_database",
        without_folder(&app, &done.out)
    );
    assert!(app.database.folder.path().join("mine.backup").exists());
    assert_eq!(surroundings(&app).await, before);

    // A backup is never written over, and without one nothing is done.
    let app = TestApp::on(app.database, &[]).await;
    app.db.close().await.unwrap();
    let refused = command(&app, &["--output", "mine.backup"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("there is a file already"),
        "{}",
        refused.err
    );
    assert!(app.get("/readyz").await.status.is_success());
}

/// The original code's tables are gone: Django's newer code has been at work meanwhile.
async fn needs_nothing_without_the_old_tables(backend: Backend) {
    let app = adopted(backend).await;
    for (old, ..) in TABLES.iter().rev() {
        app.sql(&format!("DROP TABLE {old}")).await;
    }
    app.db.close().await.unwrap();
    let migrations = "SELECT app || '.' || name FROM django_migrations ORDER BY id";
    let before = rows(&app.db, migrations).await;
    app.db.close().await.unwrap();
    let done = command(&app, &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.out.starts_with("Nothing is needed"), "{}", done.out);
    assert!(
        done.out
            .contains("since `oc_lettings_site_address` is no longer there"),
        "{}",
        done.out
    );
    assert_eq!(rows(&app.db, migrations).await, before);
}

#[tokio::test]
async fn where_the_old_tables_are_gone_nothing_is_needed_on_sqlite() {
    needs_nothing_without_the_old_tables(Backend::Sqlite).await;
}

#[tokio::test]
async fn where_the_old_tables_are_gone_nothing_is_needed_on_postgresql() {
    needs_nothing_without_the_old_tables(Backend::Postgres).await;
}

/// A site that runs on works on tables that are gone: somebody has to be told.
#[tokio::test]
async fn a_file_that_is_in_use_is_told_of() {
    let app = TestApp::on(of_the_older_site("modular").await, &[]).await;
    app.get("/lettings/").await.expect(200);
    let done = command(&app, &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let told = "Another program has the database open: stop the site, which works on tables that are gone.";
    assert!(done.out.contains(told), "{}", done.out);
    let tables = "SELECT name FROM sqlite_master WHERE name LIKE 'oc_lettings_%'";
    assert_eq!(rows(&app.db, tables).await, [""; 0]);
}
