//! Databases that were left in the middle of something, or hold what they should not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use db::migrate;
use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _};
use site::schema::SCHEMA;

use crate::adoption::rows;
use crate::support::database::drops_of_records;
use crate::support::{Backend, TestDatabase, of_the_older_site, on_both_databases};

/// What a program that was killed in the middle of a transaction leaves: a journal that has to
/// be rolled back before anybody can read.
#[tokio::test]
async fn a_file_with_a_journal_left_behind_is_recovered() {
    let database = of_the_older_site("modular").await;
    let mut writer = SqliteConnectOptions::new()
        .filename(database.path())
        // Changes that do not fit in memory reach the file before their commit.
        .pragma("cache_size", "2")
        .connect()
        .await
        .unwrap();
    let write = "BEGIN IMMEDIATE; WITH RECURSIVE n(x) AS (SELECT 100 UNION ALL \
                 SELECT x + 1 FROM n WHERE x < 5000) INSERT INTO lettings_address \
                 SELECT x, 1, 'half done', 'b', 'CA', 1, 'USA' FROM n";
    sqlx::raw_sql(write).execute(&mut writer).await.unwrap();
    let killed = tempfile::tempdir().unwrap();
    let file = killed.path().join("site.sqlite3");
    let journal = |path: &Path| PathBuf::from(format!("{}-journal", path.display()));
    fs::copy(database.path(), &file).unwrap();
    fs::copy(journal(&database.path()), journal(&file)).unwrap();
    drop(writer);

    let url = crate::support::database::sqlite_url(&file);
    let config = crate::support::database::config(&url);
    migrate::run(&config, &SCHEMA).await.unwrap();
    let db = db::Database::new(config);
    let count = rows(&db, "SELECT CAST(count(*) AS text) FROM lettings_address").await;
    assert_eq!(count, ["6"]);
}

#[tokio::test]
async fn a_copy_is_readable_by_nobody_who_may_not_read_the_database() {
    let database = of_the_older_site("original").await;
    fs::set_permissions(database.path(), fs::Permissions::from_mode(0o600)).unwrap();
    // What a run that was killed left behind.
    let rest = format!("{}.before-adoption.unfinished", database.path().display());
    fs::write(&rest, "half a copy").unwrap();
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let copy = fs::metadata(done.copy.unwrap()).unwrap();
    assert_eq!(copy.permissions().mode() & 0o777, 0o600);
    assert!(!Path::new(&rest).exists());
}

/// One that everybody may read does not make a second such file.
#[tokio::test]
async fn a_copy_is_not_for_everybody_even_where_the_database_is() {
    let database = of_the_older_site("original").await;
    fs::set_permissions(database.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let copy = fs::metadata(done.copy.unwrap()).unwrap();
    assert_eq!(copy.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_move_that_stopped_between_its_two_applications_is_finished() {
    let database = of_the_older_site("original").await;
    migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let db = database.open();
    for sql in drops_of_records() {
        db.execute_unprepared(&sql).await.unwrap();
    }
    for sql in [
        "DELETE FROM profiles_profile",
        "DELETE FROM django_migrations WHERE app = 'profiles' AND name LIKE '0002%'",
        "DROP TABLE oc_lettings_version",
        "DROP TABLE oc_lettings_login_failure",
        "DROP TABLE oc_lettings_origin",
        "DROP TABLE oc_lettings_source",
        "DROP TABLE oc_lettings_adoption",
        "DROP TABLE oc_lettings_login_attempt",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let done = migrate::run(&database.config(), &SCHEMA).await.unwrap();
    let steps: Vec<String> = done.plan.steps.iter().map(ToString::to_string).collect();
    let expected = [
        "Copy rows of oc_lettings_site_profile to profiles_profile",
        "Record migration profiles.0002_migrate_data",
        "Keep permissions for oc_lettings_site.profile as permissions for profiles.profile",
        "Apply the program's own version 1 (record-versions)",
        "Apply the program's own version 2 (count-login-failures)",
        "Apply the program's own version 3 (reserve-login-attempts)",
        "Apply the program's own version 4 (remember-origin)",
        "Record that the database was adopted",
        "Apply the program's own version 5 (remember-sources)",
        "Apply the program's own version 6 (remember-adoption)",
        "Apply the program's own version 7 (describe-homes)",
        "Apply the program's own version 8 (write-addresses)",
        "Apply the program's own version 9 (keep-photos)",
        "Apply the program's own version 10 (unlist-profiles)",
        "Apply the program's own version 11 (keep-letters)",
        "Apply the program's own version 12 (keep-stays-and-enquiries)",
        "Record that the way back from profiles_profile is to oc_lettings_site_profile",
        "Record that the way back from lettings_address is to oc_lettings_site_address",
        "Record that the way back from lettings_letting is to oc_lettings_site_letting",
        "Record what is done, for the way back",
    ];
    assert_eq!(steps, expected);
    let count = rows(&db, "SELECT CAST(count(*) AS text) FROM profiles_profile").await;
    assert_eq!(count, ["4"]);
}

on_both_databases! {
    async fn old_tables_alone_are_no_empty_database(app: TestApp) {
        for table in SCHEMA.own.records.iter().rev() {
            app.sql(&format!("DROP TABLE {}", table.name)).await;
        }
        for table in SCHEMA.tables.iter().rev() {
            app.sql(&format!("DROP TABLE {}", table.name)).await;
        }
        let refused = migrate::run(&app.database.config(), &SCHEMA).await.unwrap_err();
        // Our own table tells that there was more.
        let refused = refused.to_string();
        assert!(refused.contains("table `auth_user` is missing"), "{refused}");
        app.sql("DROP TABLE oc_lettings_version").await;
        app.sql("DROP TABLE oc_lettings_login_failure").await;
        app.sql("DROP TABLE oc_lettings_origin").await;
        app.sql("DROP TABLE oc_lettings_source").await;
        app.sql("DROP TABLE oc_lettings_adoption").await;
        app.sql("DROP TABLE oc_lettings_login_attempt").await;
        app.sql("CREATE TABLE oc_lettings_site_letting (id integer)").await;
        let refused = migrate::run(&app.database.config(), &SCHEMA).await.unwrap_err();
        assert!(refused.to_string().contains("table `auth_user` is missing"), "{refused}");
    }

}

#[tokio::test]
async fn migrations_at_once_succeed_at_any_default_isolation_of_postgresql() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    let db = database.open();
    let (_, name) = database.url.rsplit_once('/').unwrap();
    let isolation = "default_transaction_isolation = 'repeatable read'";
    db.execute_unprepared(&format!("ALTER DATABASE {name} SET {isolation}"))
        .await
        .unwrap();
    db.close().await.unwrap();
    let config = database.config();
    let runs = (0..4).map(|_| migrate::run(&config, &SCHEMA));
    for done in futures_util::future::join_all(runs).await {
        done.unwrap();
    }
}
