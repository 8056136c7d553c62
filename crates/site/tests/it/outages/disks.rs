//! A disk that is full, or cannot be written to.

use std::fs;
use std::path::Path;

use db::migrate;
use site::schema::SCHEMA;
use tempfile::TempDir;

use super::{SiteWithForm, VisitorAction};
use crate::support::cluster::Cluster;
use crate::support::database::sqlite_url;
use crate::support::mounts::{fill, is_root, mount, with_own_mounts};
use crate::support::program::run;
use crate::support::{TestApp, TestDatabase};

/// A small disk of its own, in memory.
fn disk(size: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let options = ["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"];
    mount(&options, folder.path());
    folder
}

/// Saves until the disk is full; tells how many lettings were saved.
async fn save_until_full(site: &SiteWithForm) -> usize {
    for saved in 0..100_000 {
        if site.visit(VisitorAction::Save).await.status == 503 {
            return saved;
        }
    }
    panic!("the disk was never full");
}

#[tokio::test]
async fn a_full_disk_under_sqlite_by_a_mount() {
    with_own_mounts(|| async {
        let folder = disk("4m");
        let url = sqlite_url(&folder.path().join("site.sqlite3"));
        let app = TestApp::on(TestDatabase { url, folder }, &[]).await;
        let site = SiteWithForm::on(app).await;
        let folder = site.app.database.folder.path();
        let filler = fill(folder);
        // The file and its log may have room within.
        let saved = save_until_full(&site).await;
        let cause = site.assert_unavailable(VisitorAction::Save).await;
        assert!(cause.contains("disk is full"), "{cause}");
        site.assert_reads().await;

        // Neither does a backup come to anything, nor a restore.
        let elsewhere = tempfile::tempdir().unwrap();
        let variables = [("DATABASE_URL", site.app.database.url.as_str())];
        let program = |args: &[&str]| run(elsewhere.path(), &variables, args);
        let here = folder.join("site.backup");
        let failed = program(&["backup", here.to_str().unwrap()]);
        assert_eq!(failed.code, Some(1), "{failed:?}");
        assert_eq!(
            names(folder)
                .iter()
                .filter(|name| name.contains("backup"))
                .count(),
            0
        );
        let made = program(&["backup", "site.backup"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let failed = program(&["restore", "site.backup", "--replace"]);
        assert_eq!(failed.code, Some(1), "{failed:?}");
        assert_eq!(
            names(folder)
                .iter()
                .filter(|name| name.contains("restore"))
                .count(),
            0
        );
        site.assert_reads().await;
        site.assert_unavailable(VisitorAction::Save).await;

        fs::remove_file(filler).unwrap();
        site.assert_works().await;
        // What was said to be saved is: before the disk was full, one when it was not any more, and
        // one that the site began with.
        let lettings = site::domain::letting::count(&site.app.db).await.unwrap();
        assert_eq!(lettings, saved as u64 + 3);
        let restored = program(&["restore", "site.backup", "--replace"]);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        site.assert_works().await;
    })
    .await;
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn a_disk_that_is_read_only_under_sqlite_by_a_mount() {
    with_own_mounts(|| async {
        let folder = disk("4m");
        let url = sqlite_url(&folder.path().join("site.sqlite3"));
        let app = TestApp::on(TestDatabase { url, folder }, &[]).await;
        let site = SiteWithForm::on(app).await;
        let folder = site.app.database.folder.path();
        // The system refuses to change a disk on which a file is open for writing.
        site.disconnect().await;
        mount(&["-o", "remount,bind,ro"], folder);
        site.assert_gone().await;
        mount(&["-o", "remount,bind,rw"], folder);
        site.assert_works().await;
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_under_postgresql() {
    // Its programs refuse whoever is root only in a namespace.
    assert!(is_root(), "only root can give PostgreSQL a disk of its own");
    with_own_mounts(|| async {
        let folder = disk("96m");
        let cluster = Cluster::start_in(folder.path());
        let database = TestDatabase {
            url: cluster.url(),
            folder: tempfile::tempdir().unwrap(),
        };
        migrate::run(&database.config(), &SCHEMA).await.unwrap();
        let site = SiteWithForm::on(TestApp::unmigrated(database, &[])).await;
        let filler = fill(folder.path());
        let saved = save_until_full(&site).await;
        let cause = site.assert_unavailable(VisitorAction::Save).await;
        assert!(cause.contains("No space left"), "{cause}");
        site.assert_reads().await;
        fs::remove_file(filler).unwrap();
        site.assert_works().await;
        let lettings = site::domain::letting::count(&site.app.db).await.unwrap();
        assert_eq!(lettings, saved as u64 + 3);
    })
    .await;
}
