//! A SQLite file that is gone, another, damaged, locked or read-only.

use std::fs;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};

use super::{SiteWithForm, VisitorAction};
use crate::support::Backend;
use crate::support::app::save_letting;
use crate::support::mounts::{mount, with_own_mounts};

#[tokio::test]
async fn a_file_that_is_gone_and_comes_back() {
    let site = SiteWithForm::new(Backend::Sqlite).await;
    // The whole database into the one file.
    site.disconnect().await;
    site.assert_reads().await;
    let path = site.app.database.path();
    let aside = site.app.database.folder.path().join("aside");
    fs::rename(&path, &aside).unwrap();
    site.assert_gone().await;
    assert!(!path.exists(), "an empty database was made in its place");
    fs::rename(&aside, &path).unwrap();
    site.assert_works().await;
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_anew() {
    let site = SiteWithForm::new(Backend::Sqlite).await;
    let other = SiteWithForm::new(Backend::Sqlite).await;
    let sql = "UPDATE lettings_letting SET title = 'Not the same'";
    other.app.sql(sql).await;
    other.disconnect().await;
    site.disconnect().await;
    site.assert_reads().await;
    fs::rename(other.app.database.path(), site.app.database.path()).unwrap();
    let titles = site.app.get("/lettings/").await.texts("main li a");
    assert_eq!(titles[0], "Not the same");
}

#[tokio::test]
async fn a_file_that_is_damaged_and_mended() {
    let site = SiteWithForm::new(Backend::Sqlite).await;
    site.disconnect().await;
    let path = site.app.database.path();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, vec![b'x'; whole.len()]).unwrap();
    site.assert_gone().await;
    fs::write(&path, &whole).unwrap();
    site.assert_works().await;
}

#[tokio::test]
async fn a_file_that_another_program_holds_locked() {
    let site = SiteWithForm::new(Backend::Sqlite).await;
    site.disconnect().await;
    // With this mode nobody else reads either, even with a write-ahead log.
    let options = SqliteConnectOptions::new().filename(site.app.database.path());
    let exclusive = options.clone().locking_mode(SqliteLockingMode::Exclusive);
    let mut other = exclusive.connect().await.unwrap();
    let write = "UPDATE lettings_letting SET title = 'First' WHERE id = 1";
    sqlx::query(write).execute(&mut other).await.unwrap();
    site.assert_gone().await;
    other.close().await.unwrap();
    site.assert_works().await;

    // One that only writes keeps others from writing, and from nothing else.
    let mut other = options.connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let cause = site.assert_unavailable(VisitorAction::Save).await;
    assert!(cause.contains("database is locked"), "{cause}");
    site.assert_reads().await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    site.assert_works().await;
    other.close().await.unwrap();
}

/// Root ignores the mode of a file, but not that of a file system.
#[tokio::test]
async fn a_file_that_is_read_only_by_a_mount() {
    with_own_mounts(|| async {
        let site = SiteWithForm::new(Backend::Sqlite).await;
        site.disconnect().await;
        let path = site.app.database.path();
        mount(&["--bind", path.to_str().unwrap()], &path);
        mount(&["-o", "remount,bind,ro"], &path);
        let cause = site.assert_unavailable(VisitorAction::Save).await;
        assert!(cause.contains("readonly"), "{cause}");
        site.assert_reads().await;
        assert!(site.app.db.pool_status().unwrap().size > 0);
        mount(&["-o", "remount,bind,rw"], &path);
        // Connections that were opened for reading alone are not used to write.
        save_letting(&site.app.db, "Another").await.unwrap();
        site.assert_works().await;
    })
    .await;
}
