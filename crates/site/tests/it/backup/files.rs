//! The file of a backup: when it is there, who may read it, what is left of others.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown, symlink};
use std::path::Path;

use super::{back_up, filled, restore, run_on};
use crate::support::mounts::is_root;
use crate::support::program::Server;
use crate::support::{Backend, TestDatabase};

/// The names in a folder that begin with another.
fn names(folder: &Path, start: &str) -> Vec<String> {
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
    let said = format!("36 tables, 1183 rows, {size} bytes.\n");
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
    let other = TestDatabase {
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

/// Where others may write too, they may have put something there before.
#[tokio::test]
async fn what_is_planted_is_left_alone_by_sqlite_and_postgres() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = filled(backend).await;
        let folder = database.folder.path();
        let victim = folder.join("victim");
        fs::write(&victim, "precious").unwrap();
        for name in ["site.backup", "site.json"] {
            symlink(&victim, folder.join(format!("{name}.unfinished"))).unwrap();
        }
        let made = run_on(&database, &["backup", "site.backup"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let dumped = run_on(&database, &["dumpdata", "--output", "site.json"]);
        assert_eq!(dumped.code, Some(0), "{dumped:?}");
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        for name in ["site.backup", "site.json"] {
            let found = fs::symlink_metadata(folder.join(name)).unwrap();
            assert!(found.is_file() && found.permissions().mode() & 0o777 == 0o600);
            fs::remove_file(folder.join(format!("{name}.unfinished"))).unwrap();
        }
        if is_root() {
            what_somebody_else_planted_is_left_alone(&database, &victim);
        }
    }
}

/// Only root can give files away, as it is in the container in which the tests run.
fn what_somebody_else_planted_is_left_alone(database: &TestDatabase, victim: &Path) {
    let folder = database.folder.path();
    // A file that everybody may write keeps its owner, and is not written to.
    let theirs = folder.join("site.backup.unfinished");
    fs::write(&theirs, "").unwrap();
    chown(&theirs, Some(1234), Some(1234)).unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o666)).unwrap();
    let forced = run_on(database, &["backup", "site.backup", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert_eq!(fs::read(&theirs).unwrap(), b"");
    assert_eq!(fs::metadata(folder.join("site.backup")).unwrap().uid(), 0);
    // Nor does a link of somebody else's lead `dumpdata` to another file.
    let link = folder.join("link.json");
    symlink(victim, &link).unwrap();
    lchown(&link, Some(1234), None).unwrap();
    let refused = run_on(database, &["dumpdata", "--output", "link.json"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("belongs to somebody else"),
        "{refused:?}"
    );
    assert_eq!(fs::read(victim).unwrap(), b"precious");
}

/// Hashes of passwords are in it from the first account on.
#[tokio::test]
async fn a_new_database_is_for_its_owner_alone() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let folder = database.folder.path();
    let mode = |name: &str| {
        fs::metadata(folder.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    let variables = [("DATABASE_URL", database.url.as_str()), ("DEBUG", "1")];
    let server = Server::start(folder, &variables);
    let page = server.exchange("GET /lettings/ HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert!(page.starts_with("HTTP/1.0 200"), "{page}");
    for name in ["site.sqlite3", "site.sqlite3-wal", "site.sqlite3-shm"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    server.stop("TERM");

    // So is one that is restored where there was none.
    let file = back_up(&database, "site.backup");
    let other = TestDatabase::empty(Backend::Sqlite).await;
    restore(&other, &file, &[]);
    let found = fs::metadata(other.path()).unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o600);

    // A link may lead to where there is no database yet.
    let linked = TestDatabase::empty(Backend::Sqlite).await;
    fs::create_dir(linked.folder.path().join("volume")).unwrap();
    symlink("volume/data.sqlite3", linked.path()).unwrap();
    let migrated = run_on(&linked, &["migrate"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let found = fs::metadata(linked.folder.path().join("volume/data.sqlite3")).unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
}
