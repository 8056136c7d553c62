//! A backup that is not whole, or not one, changes nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use rand::Rng as _;
use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};

use super::{
    SEAL_LENGTH, assert_refused, back_up, filled, restore, rows_of, run_on, write_checksum,
};
use crate::support::database::sqlite_url;
use crate::support::mounts::is_root;
use crate::support::program::run;
use crate::support::{Backend, TestApp, TestDatabase, chance, on_both_databases};

/// Runs a statement on a SQLite file, whatever it does to foreign keys.
async fn change(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = options.foreign_keys(false).connect().await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A file without the checksum at its end, as no backup is, but any database.
fn without_checksum(database: &TestDatabase, name: &str) -> std::path::PathBuf {
    let path = database.folder.path().join(name);
    fs::copy(database.path(), &path).unwrap();
    path
}

async fn no_damaged_backup_is_restored(backend: Backend) {
    let mut random = chance();
    let database = filled(backend).await;
    let path = back_up(&database, "site.backup");
    let whole = fs::read(&path).unwrap();
    let before = rows_of(&database).await;
    let mut damages: Vec<(String, Vec<u8>)> = Vec::new();
    for _ in 0..12 {
        let at = random.random_range(0..whole.len());
        damages.push((
            format!("{at} bytes of {}", whole.len()),
            whole[..at].to_vec(),
        ));
        let mut changed = whole.clone();
        changed[at] ^= 1 << random.random_range(0..8);
        damages.push((format!("another byte {at}"), changed));
    }
    let mut longer = whole.clone();
    longer.extend(b"more\n");
    damages.push(("something added".to_owned(), longer));
    damages.push(("nothing".to_owned(), Vec::new()));
    for (what, bytes) in damages {
        // A SQLite database that lost its checksum alone is still whole.
        if backend == Backend::Sqlite && bytes == whole[..whole.len() - SEAL_LENGTH] {
            continue;
        }
        fs::write(&path, bytes).unwrap();
        let refused = run_on(&database, &["restore", "site.backup", "--replace"]);
        assert_eq!(refused.code, Some(1), "{backend:?}, {what}: {refused:?}");
        let reasons = ["is damaged", "is no backup"];
        let is_told = reasons.iter().any(|reason| refused.err.contains(reason));
        assert!(is_told, "{backend:?}, {what}: {refused:?}");
        assert_eq!(rows_of(&database).await, before, "{backend:?}, {what}");
    }
}

#[tokio::test]
async fn no_damaged_backup_is_restored_on_sqlite() {
    no_damaged_backup_is_restored(Backend::Sqlite).await;
}

#[tokio::test]
async fn no_damaged_backup_is_restored_on_postgresql() {
    no_damaged_backup_is_restored(Backend::Postgres).await;
}

#[tokio::test]
async fn files_that_are_no_backup_are_told_apart() {
    let database = filled(Backend::Sqlite).await;
    let folder = database.folder.path();
    fs::write(folder.join("text"), "-- PostgreSQL database dump\n").unwrap();
    assert_refused(&database, &["text", "--replace"], "text is no backup").await;
    assert_refused(&database, &["missing", "--replace"], "cannot read missing").await;
    assert_refused(&database, &[".", "--replace"], "cannot read .").await;

    let other = folder.join("other.sqlite3");
    fs::write(&other, "").unwrap();
    change(&other, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)").await;
    let args = ["other.sqlite3", "--replace"];
    assert_refused(&database, &args, "other.sqlite3 holds none of the tables").await;

    let half = without_checksum(&database, "half.sqlite3");
    change(&half, "DROP TABLE auth_user").await;
    let args = ["half.sqlite3", "--replace"];
    assert_refused(&database, &args, "table `auth_user` is missing").await;

    let newer = without_checksum(&database, "newer.sqlite3");
    change(
        &newer,
        "UPDATE oc_lettings_version SET oldest_compatible = 99",
    )
    .await;
    let args = ["newer.sqlite3", "--replace"];
    assert_refused(&database, &args, "migrated by a later release").await;

    let lost = without_checksum(&database, "lost.sqlite3");
    change(&lost, "DELETE FROM lettings_address WHERE id = 7").await;
    let fault =
        "1 row of lettings_letting (id 7) refers by address_id to nothing in lettings_address";
    let restored = restore(&database, &lost, &["--replace"]);
    assert!(restored.err.contains(fault), "{restored:?}");
    let again = run_on(&database, &["backup", "lost.backup"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.err.contains(fault), "{again:?}");
}

on_both_databases! {
    /// What others have written without keeping the rules, or with keys that nobody enforces.
    async fn rows_that_refer_to_nothing_are_named_and_come_along(app: TestApp) {
        app.add_letting(1, "Good").await;
        let lose = "INSERT INTO lettings_letting (id, title, address_id) VALUES (777, 'x', 99999), (778, 'y', 99998)";
        let lose = match app.database.backend() {
            Backend::Sqlite => format!("PRAGMA foreign_keys = OFF; {lose}; PRAGMA foreign_keys = ON"),
            Backend::Postgres => format!(
                "ALTER TABLE lettings_letting DISABLE TRIGGER ALL; {lose}; \
                 ALTER TABLE lettings_letting ENABLE TRIGGER ALL"
            ),
        };
        app.sql(&lose).await;
        app.db.close().await.unwrap();
        let fault = "2 rows of lettings_letting (id 777, 778) refer by address_id to nothing in lettings_address";
        let variables = [
            ("DATABASE_URL", app.database.url.as_str()),
            ("SECRET_KEY", crate::support::app::SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example"),
        ];
        let checked = run(app.database.folder.path(), &variables, &["check"]);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        assert!(checked.out.contains(&format!("warning oc_lettings.W012: Rows refer to what is not there: {fault}.")), "{checked:?}");

        let before = rows_of(&app.database).await;
        let made = run_on(&app.database, &["backup", "lost.backup"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.err.contains(fault), "{made:?}");
        let other = TestDatabase::empty(app.database.backend()).await;
        let file = app.database.folder.path().join("lost.backup");
        for options in [&[][..], &["--replace"]] {
            let restored = restore(&other, &file, options);
            assert!(restored.err.contains(fault), "{restored:?}");
            assert_eq!(rows_of(&other).await, before);
        }
        assert_eq!(run_on(&other, &["migrate", "--check"]).code, Some(0));
        // What comes now has to refer to something, and a backup of this is as good.
        let restored = TestApp::unmigrated(other, &[]);
        let lost = "INSERT INTO lettings_letting (title, address_id) VALUES ('Lost', 999)";
        assert!(restored.db.execute_unprepared(lost).await.is_err());
        restored.get("/lettings/").await.expect(200);
        restored.db.close().await.unwrap();
        back_up(&restored.database, "again.backup");
    }
}

/// The rows of a check that nobody keeps are in the backup, and come back; both say so.
#[tokio::test]
async fn a_row_that_breaks_a_check_is_backed_up_and_restored() {
    let database = filled(Backend::Sqlite).await;
    let broken = "PRAGMA ignore_check_constraints = ON; UPDATE lettings_address SET number = -1 WHERE id = 7";
    let db = database.open();
    db.execute_unprepared(broken).await.unwrap();
    db.close().await.unwrap();
    let before = rows_of(&database).await;
    let made = run_on(&database, &["backup", "site.backup"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(
        made.err
            .contains("CHECK constraint failed in lettings_address"),
        "{made:?}"
    );
    let copy = sqlite_url(&database.folder.path().join("site.backup"));
    let copy = db::Database::new(crate::support::database::config(&copy));
    let sql = "SELECT CAST(number AS text) FROM lettings_address WHERE id = 7";
    assert_eq!(super::texts(&copy, sql).await, ["-1"]);
    copy.close().await.unwrap();
    let file = database.folder.path().join("site.backup");
    for (target, options) in [
        (&database, &["--replace"][..]),
        (&TestDatabase::empty(Backend::Sqlite).await, &[]),
    ] {
        let restored = restore(target, &file, options);
        let told = "restored as it is in the backup: CHECK constraint failed in lettings_address";
        assert!(restored.err.contains(told), "{restored:?}");
        assert_eq!(rows_of(target).await, before);
        assert_eq!(run_on(target, &["migrate", "--check"]).code, Some(0));
        // What comes now has to keep the check.
        let db = target.open();
        let bad = "UPDATE lettings_address SET number = -2 WHERE id = 7";
        assert!(db.execute_unprepared(bad).await.is_err());
        db.close().await.unwrap();
    }
}

/// PowerShell writes UTF-16, editors put a mark in front, and some ways change the line ends.
#[tokio::test]
async fn a_script_of_postgresql_that_came_through_windows_is_named() {
    let database = filled(Backend::Postgres).await;
    let script = fs::read_to_string(back_up(&database, "site.backup")).unwrap();
    let path = database.folder.path().join("windows.backup");
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = format!("\u{feff}{script}")
            .encode_utf16()
            .collect::<Vec<_>>();
        units.into_iter().flat_map(bytes).collect()
    };
    for (bytes, how) in [
        (utf_16(u16::to_le_bytes), "as UTF-16 text"),
        (utf_16(u16::to_be_bytes), "as UTF-16 text"),
        (
            format!("\u{feff}{script}").into_bytes(),
            "with a mark at its beginning",
        ),
        (
            script.replace('\n', "\r\n").into_bytes(),
            "with the line ends of Windows",
        ),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_refused(&database, &["windows.backup", "--replace"], how).await;
    }
}

#[tokio::test]
async fn a_backup_of_sqlite_is_refused_on_postgresql_and_the_other_way_round() {
    let postgres = filled(Backend::Postgres).await;
    let sqlite = filled(Backend::Sqlite).await;
    let script = back_up(&postgres, "postgres.backup");
    let file = back_up(&sqlite, "sqlite.backup");
    let args = [script.to_str().unwrap(), "--replace"];
    assert_refused(&sqlite, &args, "is a backup of PostgreSQL").await;
    let args = [file.to_str().unwrap(), "--replace"];
    assert_refused(&postgres, &args, "is a backup of SQLite").await;
}

/// A database that cannot be read gives way too, and is kept as it is.
#[tokio::test]
async fn a_damaged_database_is_put_aside() {
    let database = filled(Backend::Sqlite).await;
    let before = rows_of(&database).await;
    let file = back_up(&database, "site.backup");
    if is_root() {
        chown(database.path(), Some(1234), Some(1234)).unwrap();
    }
    fs::set_permissions(database.path(), Permissions::from_mode(0o640)).unwrap();
    let access = |path: &Path| {
        let metadata = fs::metadata(path).unwrap();
        (metadata.uid(), metadata.gid(), metadata.mode() & 0o777)
    };
    let before_access = access(&database.path());
    let whole = fs::read(database.path()).unwrap();
    let mut holed = whole.clone();
    holed[8192..16384].fill(b'x');
    for damaged in [&vec![b'x'; 5000], &holed, &whole[..40_000].to_vec()] {
        fs::write(database.path(), damaged).unwrap();
        let name = file.to_str().unwrap();
        let refused = run_on(&database, &["restore", name]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert_eq!(&fs::read(database.path()).unwrap(), damaged);
        let restored = restore(&database, &file, &["--replace"]);
        let (_, kept) = restored.out.split_once("is kept in the file ").unwrap();
        let kept = kept.trim().trim_end_matches('.');
        assert_eq!(&fs::read(kept).unwrap(), damaged);
        assert_eq!(rows_of(&database).await, before);
        assert_eq!(access(Path::new(kept)), before_access);
        assert_eq!(access(&database.path()), before_access);
    }
    // So is one that is exchanged.
    let restored = restore(&database, &file, &["--replace"]);
    let (_, kept) = restored.out.split_once("is kept in the file ").unwrap();
    assert_eq!(
        access(Path::new(kept.trim().trim_end_matches('.'))),
        before_access
    );
}

#[tokio::test]
async fn a_restore_that_fails_half_way_leaves_postgresql_as_it_was() {
    let database = filled(Backend::Postgres).await;
    let path = back_up(&database, "site.backup");
    let text = fs::read_to_string(&path).unwrap();
    let broken = "ALTER TABLE lettings_letting ADD CONSTRAINT no CHECK (id < 20);\nCOMMIT;\n";
    for (changed, reason) in [
        (text.replace("COMMIT;\n", broken), "violated by some row"),
        (
            text.replace("compatible version: 1\n", "compatible version: 99\n"),
            "migrated by a later release",
        ),
        (
            text.replace("-- rows: 36\n", "-- rows: 37\n"),
            "1 rows are missing",
        ),
        (
            text.replace("COMMIT;\n", "DROP TABLE auth_user;\nCOMMIT;\n"),
            "no backup has such a line",
        ),
        (text.replace("COMMIT;\n", ""), "no backup has such a line"),
    ] {
        assert_ne!(changed, text);
        fs::write(&path, changed).unwrap();
        write_checksum(&path);
        assert_refused(&database, &["site.backup", "--replace"], reason).await;
        let schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE '%restor%'";
        let db = database.open();
        assert_eq!(super::texts(&db, schemas).await, [""; 0]);
        db.close().await.unwrap();
    }
}
