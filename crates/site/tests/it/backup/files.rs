//! The file of a backup: when it is there, who may read it, what is left of others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{back_up, filled, run_on};
use crate::support::Backend;

/// The names in a folder that begin with another.
fn names(folder: &std::path::Path, start: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(start)).collect();
    names.sort();
    names
}

async fn a_file_that_is_there_is_replaced_only_when_told(backend: Backend) {
    let database = filled(backend).await;
    let folder = database.folder.path();
    let file = back_up(&database, "site.backup");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::write(&file, "other").unwrap();
    let refused = run_on(&database, &["backup", "site.backup"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("site.backup; --force replaces it"),
        "{refused:?}"
    );
    assert_eq!(fs::read(&file).unwrap(), b"other");

    // What a killed program left is no hindrance.
    fs::write(folder.join("site.backup.unfinished"), "half").unwrap();
    let forced = run_on(&database, &["backup", "site.backup", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    let size = fs::metadata(&file).unwrap().len();
    let said = format!("15 tables, 192 rows, {size} bytes.\n");
    assert!(forced.out.ends_with(&said), "{forced:?}");
    assert_eq!(names(folder, "site.backup"), ["site.backup"]);
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_only_when_told_on_sqlite() {
    a_file_that_is_there_is_replaced_only_when_told(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_only_when_told_on_postgresql() {
    a_file_that_is_there_is_replaced_only_when_told(Backend::Postgres).await;
}

#[tokio::test]
async fn what_sqlite_works_with_is_no_place_for_a_backup() {
    let database = filled(Backend::Sqlite).await;
    let folder = database.folder.path();
    fs::hard_link(database.path(), folder.join("second-name")).unwrap();
    let before = fs::read(database.path()).unwrap();
    for name in [
        "site.sqlite3",
        "./site.sqlite3-wal",
        "site.sqlite3-shm",
        "second-name",
    ] {
        for command in ["backup", "restore"] {
            let flag = if command == "backup" {
                "--force"
            } else {
                "--replace"
            };
            let refused = run_on(&database, &[command, name, flag]);
            assert_eq!(refused.code, Some(1), "{name}: {refused:?}");
            if command == "backup" || folder.join(name).exists() {
                let reason = "belongs to the database itself";
                assert!(refused.err.contains(reason), "{name}: {refused:?}");
            }
        }
    }
    assert_eq!(fs::read(database.path()).unwrap(), before);
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_nothing() {
    let database = filled(Backend::Sqlite).await;
    let missing = run_on(&database, &["backup", "no/such/folder/site.backup"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(
        missing
            .err
            .contains("cannot write no/such/folder/site.backup"),
        "{missing:?}"
    );
    assert_eq!(run_on(&database, &["backup"]).code, Some(2));
    assert_eq!(run_on(&database, &["restore"]).code, Some(2));
    // A folder is no file.
    fs::create_dir(database.folder.path().join("folder")).unwrap();
    let folder = run_on(&database, &["backup", "folder", "--force"]);
    assert_eq!(folder.code, Some(1), "{folder:?}");
    assert_eq!(names(database.folder.path(), "folder"), ["folder"]);
}

#[tokio::test]
async fn a_database_of_another_program_is_not_backed_up() {
    let database = filled(Backend::Sqlite).await;
    let folder = database.folder.path();
    let other = super::TestDatabase {
        url: format!("sqlite:///{}", folder.join("other.sqlite3").display()),
        folder: tempfile::tempdir().unwrap(),
    };
    let missing = run_on(&other, &["backup", "other.backup"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(
        !other.path().exists(),
        "a database was made to be backed up"
    );
    fs::write(other.path(), "").unwrap();
    let empty = run_on(&other, &["backup", "other.backup"]);
    assert_eq!(empty.code, Some(1), "{empty:?}");
    assert!(empty.err.contains("holds none of the tables"), "{empty:?}");
    assert_eq!(names(other.folder.path(), "other"), [""; 0]);
}
