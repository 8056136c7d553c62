//! A backup that is not whole, or not one, changes nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use rand::Rng as _;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};

use super::{SEAL_LENGTH, assert_refused, back_up, filled, rows_of, run_on, seal_again};
use crate::support::database::sqlite_url;
use crate::support::mounts::is_root;
use crate::support::{Backend, TestDatabase, chance};

/// Runs a statement on a SQLite file, whatever it does to foreign keys.
async fn change(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = options.foreign_keys(false).connect().await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A file without the checksum at its end, as no backup is, but any database.
fn unsealed(database: &TestDatabase, name: &str) -> std::path::PathBuf {
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

    let half = unsealed(&database, "half.sqlite3");
    change(&half, "DROP TABLE auth_user").await;
    let args = ["half.sqlite3", "--replace"];
    assert_refused(&database, &args, "table `auth_user` is missing").await;

    let newer = unsealed(&database, "newer.sqlite3");
    change(
        &newer,
        "UPDATE oc_lettings_version SET oldest_compatible = 99",
    )
    .await;
    let args = ["newer.sqlite3", "--replace"];
    assert_refused(&database, &args, "migrated by a later release").await;

    let lost = unsealed(&database, "lost.sqlite3");
    change(&lost, "DELETE FROM lettings_address WHERE id = 7").await;
    let reason = "row 7 of lettings_letting points to no row of lettings_address";
    assert_refused(&database, &["lost.sqlite3", "--replace"], reason).await;
    // Nor is that called a backup in the first place.
    let url = sqlite_url(&lost);
    let variables = [("DATABASE_URL", url.as_str())];
    let refused = crate::support::program::run(folder, &variables, &["backup", "lost.backup"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let reason = format!("lost.sqlite3 cannot be backed up: {reason}");
    assert!(refused.err.contains(&reason), "{refused:?}");
    assert!(!folder.join("lost.backup").exists());
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
        let restored = super::restore(&database, &file, &["--replace"]);
        let (_, kept) = restored.out.split_once("is kept in the file ").unwrap();
        let kept = kept.trim().trim_end_matches('.');
        assert_eq!(&fs::read(kept).unwrap(), damaged);
        assert_eq!(rows_of(&database).await, before);
        assert_eq!(access(Path::new(kept)), before_access);
        assert_eq!(access(&database.path()), before_access);
    }
    // So is one that is exchanged.
    let restored = super::restore(&database, &file, &["--replace"]);
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
        seal_again(&path);
        assert_refused(&database, &["site.backup", "--replace"], reason).await;
        let schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE '%restor%'";
        let db = database.open();
        assert_eq!(super::texts(&db, schemas).await, [""; 0]);
        db.close().await.unwrap();
    }
}
