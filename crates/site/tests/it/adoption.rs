//! From the databases that Django left, from nothing, and from what cannot be used.

use std::fs;

use accounts::user;
use chrono::{DateTime, Utc};
use db::migrate::{self, StartingPoint};
use sea_orm::{ActiveModelTrait as _, ActiveValue, ConnectionTrait, EntityTrait as _, Statement};
use site::schema::SCHEMA;

use crate::support::database::{OLDER_SITE, TITLES, drops_of_records};
use crate::support::{Backend, TestApp, TestDatabase, of_the_older_site, on_both_databases};

/// The rows of a statement as text, a line each.
pub(crate) async fn rows(db: &impl ConnectionTrait, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Everything in the tables that an adoption must leave as they are.
pub(crate) async fn dump_of_old_tables(db: &impl ConnectionTrait) -> Vec<String> {
    let tables = rows(
        db,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN \
         ('sqlite_sequence', 'django_migrations', 'django_content_type', 'auth_permission') \
         AND name NOT LIKE 'lettings_%' AND name NOT LIKE 'profiles_%' \
         AND name NOT IN ('oc_lettings_version', 'oc_lettings_login_failure', 'oc_lettings_login_attempt', \
         'oc_lettings_origin', 'oc_lettings_source', 'oc_lettings_adoption', 'oc_lettings_lease', \
         'oc_lettings_letter') ORDER BY name",
    )
    .await;
    let mut dump = Vec::new();
    let is_record = |name: &String| SCHEMA.own.records.iter().any(|table| table.name == name);
    for table in tables.into_iter().filter(|name| !is_record(name)) {
        let columns = rows(
            db,
            &format!("SELECT group_concat('quote(\"' || name || '\")', '||') FROM pragma_table_info('{table}')"),
        )
        .await;
        let sql = format!("SELECT {} FROM \"{table}\" ORDER BY rowid", columns[0]);
        dump.push(table);
        dump.extend(rows(db, &sql).await);
    }
    dump
}

#[tokio::test]
async fn the_old_sites_databases_show_every_page() {
    for name in OLDER_SITE {
        let database = of_the_older_site(name).await;
        let before = dump_of_old_tables(&database.open()).await;
        let app = TestApp::on(database, &[]).await;
        assert_eq!(dump_of_old_tables(&app.db).await, before, "{name}");

        let list = app.get("/lettings/").await.expect(200);
        assert_eq!(list.texts("main li a"), TITLES, "{name}");
        let second = app.get("/lettings/2/").await.expect(200);
        let address = "4 Cannery Row Monterey, CA 93940 United States";
        assert_eq!(second.texts("address"), [address], "{name}");
        let list = app.get("/profiles/").await.expect(200);
        let usernames = ["Timber", "SeaGlass", "Marlow", "2early"];
        assert_eq!(list.texts("main li a"), usernames, "{name}");
        let profile = app.get("/profiles/SeaGlass/").await.expect(200);
        let values = ["Inès", "O'Dowd", "seaglass@site.example", "Bergen"];
        assert_eq!(profile.texts("dd"), values, "{name}");
        app.get("/readyz").await.expect(200);
    }
}

#[tokio::test]
async fn the_original_sites_file_is_copied_and_its_rows_too() {
    let database = of_the_older_site("original").await;
    let before = fs::read(database.path()).unwrap();
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    assert_eq!(
        done.plan.starting_point,
        StartingPoint::Legacy("the original site")
    );
    let steps: Vec<String> = done.plan.steps.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("adoption_of_the_original_site", steps.join("\n"));

    let db = database.open();
    let migrations = rows(
        &db,
        "SELECT app || '.' || name FROM django_migrations WHERE id > 18 ORDER BY id",
    )
    .await;
    let expected = [
        "lettings.0001_initial",
        "lettings.0002_migrate_data",
        "profiles.0001_initial",
        "profiles.0002_migrate_data",
    ];
    assert_eq!(migrations, expected);
    assert_eq!(rows(&db, "PRAGMA journal_mode").await, ["wal"]);
    assert_eq!(rows(&db, "PRAGMA integrity_check").await, ["ok"]);

    // The copy is the old database, whole; only its free pages may differ.
    let copy = done.copy.unwrap();
    assert_eq!(fs::read(&copy).unwrap().len(), before.len());
    let url = crate::support::database::sqlite_url(&copy);
    let copy = db::Database::new(crate::support::database::config(&url));
    assert_eq!(
        rows(
            &copy,
            "SELECT title FROM oc_lettings_site_letting ORDER BY id"
        )
        .await,
        TITLES
    );

    // New rows do not take the ids of copied ones.
    db.execute_unprepared(
        "INSERT INTO lettings_address (number, street, city, state, zip_code, country_iso_code) \
         VALUES (1, 'a', 'b', 'CA', 1, 'USA')",
    )
    .await
    .unwrap();
    let newest = rows(&db, "SELECT CAST(max(id) AS text) FROM lettings_address").await;
    assert_eq!(newest, ["7"]);
}

on_both_databases! {
    async fn migrating_twice_changes_nothing(app: TestApp) {
        let config = app.database.config();
        let plan = migrate::plan(&config, &SCHEMA).await.unwrap();
        assert!(plan.is_empty(), "{plan:?}");
        app.add_letting(1, "Only").await;
        let done = migrate::run(&config, &SCHEMA).await.unwrap();
        assert!(done.plan.is_empty() && done.copy.is_none());
        app.get("/lettings/1/").await.expect(200);
    }

    async fn dates_are_stored_as_django_stores_them(app: TestApp) {
        let whole: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
        let micro: DateTime<Utc> = "2026-01-02T03:04:05.500000999Z".parse().unwrap();
        let new = user::ActiveModel {
            id: ActiveValue::NotSet,
            password: ActiveValue::Set("!".to_owned()),
            last_login: ActiveValue::Set(Some(micro)),
            is_superuser: ActiveValue::Set(false),
            username: ActiveValue::Set("ann".to_owned()),
            first_name: ActiveValue::Set(String::new()),
            last_name: ActiveValue::Set(String::new()),
            email: ActiveValue::Set(String::new()),
            is_staff: ActiveValue::Set(false),
            is_active: ActiveValue::Set(true),
            date_joined: ActiveValue::Set(whole),
        };
        new.insert(&app.db).await.unwrap();
        let text = "SELECT CAST(last_login AS text) || ' ' || CAST(date_joined AS text) FROM auth_user";
        let expected = if app.database.url.starts_with("sqlite") {
            "2026-01-02 03:04:05.500000 2026-01-02 03:04:05"
        } else {
            "2026-01-02 03:04:05.5+00 2026-01-02 03:04:05+00"
        };
        assert_eq!(rows(&app.db, text).await, [expected]);
        let read = user::Entity::find().one(&app.db).await.unwrap().unwrap();
        assert_eq!(read.date_joined, whole);
        assert_eq!(read.last_login.unwrap().to_rfc3339(), "2026-01-02T03:04:05.500+00:00");
    }

    async fn what_is_there_in_addition_is_left_alone(app: TestApp) {
        app.sql("CREATE TABLE somebody_elses (id integer)").await;
        app.sql("ALTER TABLE lettings_letting ADD COLUMN stars integer NULL").await;
        app.add_letting(1, "Only").await;
        let plan = migrate::plan(&app.database.config(), &SCHEMA).await.unwrap();
        assert!(plan.is_empty(), "{plan:?}");
        app.get("/lettings/1/").await.expect(200);
    }

    async fn what_is_missing_or_of_another_kind_is_refused_by_name(app: TestApp) {
        let config = app.database.config();
        for (sql, undo, problem) in [
            (
                "ALTER TABLE lettings_letting RENAME COLUMN title TO name",
                "ALTER TABLE lettings_letting RENAME COLUMN name TO title",
                "column `lettings_letting.title` is missing",
            ),
            (
                "ALTER TABLE profiles_profile RENAME TO profile",
                "ALTER TABLE profile RENAME TO profiles_profile",
                "table `profiles_profile` is missing",
            ),
            (
                "ALTER TABLE auth_group RENAME TO groups",
                "CREATE TABLE auth_group (id integer PRIMARY KEY, name integer)",
                "table `auth_group` is missing",
            ),
            (
                "SELECT 1",
                "SELECT 1",
                "column `auth_group.name` has the type `integer`; the site keeps texts there",
            ),
        ] {
            app.sql(sql).await;
            let refused = migrate::run(&config, &SCHEMA).await.unwrap_err().to_string();
            assert!(refused.contains(problem), "{refused}");
            app.sql(undo).await;
        }
    }

    async fn an_older_program_refuses_what_it_cannot_work_with(app: TestApp) {
        let later = |oldest| format!(
            "INSERT INTO oc_lettings_version VALUES ({0}, 'later', {oldest}, '2026-01-02')", oldest + 1
        );
        // A later release that this one can work beside.
        let newest = SCHEMA.own.versions.last().unwrap().number;
        app.sql(&later(newest)).await;
        assert!(migrate::plan(&app.database.config(), &SCHEMA).await.unwrap().is_empty());
        app.sql(&later(newest + 1)).await;
        let refused = migrate::run(&app.database.config(), &SCHEMA).await.unwrap_err().to_string();
        assert!(refused.contains("migrated by a later release"), "{refused}");
    }
}

#[tokio::test]
async fn sqlite_is_opened_as_a_site_needs_it() {
    let app = TestApp::open(Backend::Sqlite).await;
    let pragmas = rows(
        &app.db,
        "SELECT journal_mode || ' ' || foreign_keys || ' ' || synchronous || ' ' || timeout \
         FROM pragma_journal_mode, pragma_foreign_keys, pragma_synchronous, pragma_busy_timeout",
    )
    .await;
    // synchronous 2 is FULL.
    assert_eq!(pragmas, ["wal 1 2 1500"]);
}

#[tokio::test]
async fn a_refused_file_stays_byte_for_byte_what_it_was() {
    let database = of_the_older_site("original").await;
    let db = database.open();
    db.execute_unprepared("ALTER TABLE auth_user RENAME COLUMN email TO mail")
        .await
        .unwrap();
    db.close().await.unwrap();
    let before = fs::read(database.path()).unwrap();
    let refused = migrate::run(&database.config(), &SCHEMA)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("column `auth_user.email` is missing"),
        "{refused}"
    );
    assert_eq!(fs::read(database.path()).unwrap(), before);
    let files: Vec<_> = fs::read_dir(database.folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_as_it_is() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let text = "this is no database, whatever its name says ".repeat(100);
    fs::write(database.path(), &text).unwrap();
    let error = migrate::run(&database.config(), &SCHEMA).await.unwrap_err();
    assert!(
        error.to_string().starts_with("cannot read the SQLite file"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(database.path()).unwrap(), text);
}

#[tokio::test]
async fn looking_makes_no_file() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let plan = migrate::plan(&database.config(), &SCHEMA).await.unwrap();
    assert_eq!(plan.starting_point, StartingPoint::Nothing);
    let steps: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("plan_from_nothing", steps.join("\n"));
    assert!(!database.path().exists());
}

/// Staff of the original site, who may change lettings, and a group that may look at them.
async fn give_permissions_of_the_original_site(db: &impl ConnectionTrait) {
    for sql in [
        "INSERT INTO auth_user (id, password, is_superuser, is_staff, is_active, date_joined, \
         username, first_name, last_name, email) VALUES \
         (70, '!', FALSE, TRUE, TRUE, '2020-06-14 09:44:05', 'sue', '', '', '')",
        "INSERT INTO auth_group (id, name) VALUES (71, 'lookers')",
        "INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT 70, p.id \
         FROM auth_permission p JOIN django_content_type t ON t.id = content_type_id \
         WHERE app_label = 'oc_lettings_site' AND codename = 'change_letting'",
        "INSERT INTO auth_group_permissions (group_id, permission_id) SELECT 71, p.id \
         FROM auth_permission p JOIN django_content_type t ON t.id = content_type_id \
         WHERE app_label = 'oc_lettings_site' AND codename = 'view_letting'",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
}

/// Who holds which permission.
async fn permissions_held(db: &impl ConnectionTrait) -> Vec<String> {
    let of = |table: &str, holder: &str| {
        format!(
            "SELECT CAST(h.{holder} AS text) || ' ' || app_label || '.' || codename FROM {table} h \
             JOIN auth_permission p ON p.id = h.permission_id \
             JOIN django_content_type t ON t.id = p.content_type_id ORDER BY h.id"
        )
    };
    let users = rows(db, &of("auth_user_user_permissions", "user_id")).await;
    let groups = rows(db, &of("auth_group_permissions", "group_id")).await;
    [users, groups].concat()
}

const PERMISSIONS_HELD: [&str; 4] = [
    "70 oc_lettings_site.change_letting",
    "70 lettings.change_letting",
    "71 oc_lettings_site.view_letting",
    "71 lettings.view_letting",
];

#[tokio::test]
async fn staff_of_the_original_site_goes_on_with_its_permissions() {
    let database = of_the_older_site("original").await;
    let db = database.open();
    give_permissions_of_the_original_site(&db).await;
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    assert_eq!(permissions_held(&db).await, PERMISSIONS_HELD);
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    assert_eq!(permissions_held(&db).await, PERMISSIONS_HELD);
}

/// The original site's tables, as Django 3.2 made them on PostgreSQL.
const ORIGINAL_ON_POSTGRESQL: &str = "
    DROP TABLE lettings_letting; DROP TABLE lettings_address; DROP TABLE profiles_profile;
    DROP TABLE oc_lettings_version; DROP TABLE oc_lettings_login_failure;
    DROP TABLE oc_lettings_login_attempt; DROP TABLE oc_lettings_origin;
    DROP TABLE oc_lettings_source; DROP TABLE oc_lettings_adoption;
    DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles');
    CREATE TABLE oc_lettings_site_address (id serial PRIMARY KEY, number integer NOT NULL,
        street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL,
        zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
    CREATE TABLE oc_lettings_site_letting (id serial PRIMARY KEY, title varchar(256) NOT NULL,
        address_id integer NOT NULL UNIQUE REFERENCES oc_lettings_site_address);
    CREATE TABLE oc_lettings_site_profile (id serial PRIMARY KEY,
        favorite_city varchar(64) NOT NULL, user_id integer NOT NULL UNIQUE);
    INSERT INTO oc_lettings_site_address VALUES (40, 4, 'Bay Road', 'Boston', 'MA', 2134, 'USA');
    INSERT INTO oc_lettings_site_letting VALUES (50, 'Old but good', 40);";

#[tokio::test]
async fn the_original_site_on_postgresql_is_adopted_and_counts_on() {
    let app = TestApp::open(Backend::Postgres).await;
    let drops = drops_of_records();
    for sql in drops
        .iter()
        .map(String::as_str)
        .chain(ORIGINAL_ON_POSTGRESQL.split(';'))
    {
        app.sql(sql).await;
    }
    app.sql(
        "INSERT INTO django_content_type (app_label, model) VALUES ('oc_lettings_site', 'letting')",
    )
    .await;
    app.sql(
        "INSERT INTO auth_permission (name, codename, content_type_id) \
         SELECT 'Can ' || action || ' letting', action || '_letting', id FROM django_content_type \
         CROSS JOIN (VALUES ('view'), ('change')) AS actions(action) \
         WHERE app_label = 'oc_lettings_site'",
    )
    .await;
    give_permissions_of_the_original_site(&app.db).await;
    let done = migrate::run(&app.database.config(), &SCHEMA).await.unwrap();
    assert_eq!(
        done.plan.starting_point,
        StartingPoint::Legacy("the original site")
    );
    assert_eq!(permissions_held(&app.db).await, PERMISSIONS_HELD);
    let page = app.get("/lettings/50/").await.expect(200);
    assert_eq!(
        page.texts("address"),
        ["4 Bay Road Boston, MA 02134 United States"]
    );
    let sql = "INSERT INTO lettings_address (number, street, city, state, zip_code, \
               country_iso_code) VALUES (1, 'a', 'b', 'CA', 1, 'USA') RETURNING id::text";
    assert_eq!(rows(&app.db, sql).await, ["41"]);
}

#[tokio::test]
async fn narrow_keys_of_an_early_django_on_postgresql_are_read_too() {
    let app = TestApp::open(Backend::Postgres).await;
    app.sql("ALTER TABLE lettings_letting ALTER COLUMN id TYPE integer")
        .await;
    app.sql("ALTER TABLE lettings_letting ALTER COLUMN address_id TYPE integer")
        .await;
    app.sql("ALTER TABLE lettings_address ALTER COLUMN id TYPE integer")
        .await;
    app.add_letting(3, "Narrow").await;
    app.get("/lettings/3/").await.expect(200);
    assert_eq!(app.get("/lettings/").await.texts("main li a"), ["Narrow"]);
    assert!(app.get("/sitemap.xml").await.body.contains("/lettings/3/"));
}

/// A Django that stopped after it made the new tables and before it copied the rows.
#[tokio::test]
async fn a_move_that_django_began_is_finished() {
    let database = of_the_older_site("original").await;
    let db = database.open();
    for table in SCHEMA
        .tables
        .iter()
        .filter(|table| table.name.starts_with("lettings_") || table.name.starts_with("profiles_"))
    {
        for sql in db::ddl::create_table(db::DbBackend::Sqlite, table) {
            db.execute_unprepared(&sql).await.unwrap();
        }
    }
    db.close().await.unwrap();
    let app = TestApp::on(database, &[]).await;
    assert_eq!(app.get("/lettings/").await.texts("main li a"), TITLES);

    // What staff deletes afterwards does not come back.
    app.sql("DELETE FROM lettings_letting").await;
    migrate::run(&app.database.config(), &SCHEMA).await.unwrap();
    assert_eq!(
        app.get("/lettings/").await.texts("main li a"),
        Vec::<String>::new()
    );
}

/// What an earlier release has copied, and did not record.
#[tokio::test]
async fn what_an_earlier_release_copied_is_recorded_later() {
    let database = of_the_older_site("original").await;
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let sources = "SELECT target || ' ' || source FROM oc_lettings_source ORDER BY target";
    let expected = [
        "lettings_address oc_lettings_site_address",
        "lettings_letting oc_lettings_site_letting",
        "profiles_profile oc_lettings_site_profile",
    ];
    let db = database.open();
    assert_eq!(rows(&db, sources).await, expected);
    for sql in [
        "DROP TABLE oc_lettings_source",
        "DELETE FROM oc_lettings_version WHERE version = 5",
        "DELETE FROM lettings_letting WHERE id = 1",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    assert_eq!(rows(&db, sources).await, expected);
    assert_eq!(done.plan.sources.len(), 3);
    // What was deleted since stays deleted.
    let count = "SELECT CAST(count(*) AS text) FROM lettings_letting";
    assert_eq!(rows(&db, count).await, ["5"]);
}

/// What a release before this one adopted goes on as it was, whatever else lies there.
#[tokio::test]
async fn what_was_adopted_is_not_refused_later() {
    let app = TestApp::open(Backend::Sqlite).await;
    for sql in [
        "CREATE TABLE letting_letting (id integer PRIMARY KEY, title text, address_id integer)",
        "INSERT INTO letting_letting VALUES (1, 'Not shown', 1)",
    ] {
        app.sql(sql).await;
    }
    let plan = migrate::plan(&app.database.config(), &SCHEMA)
        .await
        .unwrap();
    assert!(plan.is_empty(), "{:?}", plan.steps);
    let hidden = plan.hidden.iter().map(|hidden| hidden.table.as_str());
    let hidden: Vec<_> = hidden.collect();
    assert_eq!(hidden, ["letting_letting"]);
}
