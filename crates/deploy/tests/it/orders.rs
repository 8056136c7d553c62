//! Which commit is older, by real repositories.

use std::path::Path;
use std::process::Command;

use deploy::image::Commit;
use deploy::order::{CommitOrder, order};

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@books.example"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, message: &str) -> Commit {
    git(folder, &["commit", "--allow-empty", "-q", "-m", message]);
    git(folder, &["rev-parse", "HEAD"]).parse().unwrap()
}

#[test]
fn git_knows_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "master"]);
    let first = commit(folder, "first");
    let second = commit(folder, "second");
    git(folder, &["checkout", "-q", "-b", "side", first.as_str()]);
    let side = commit(folder, "side");
    let short: Commit = second.as_str()[..8].parse().unwrap();
    let unknown: Commit = "0123456789".parse().unwrap();
    for (requested, live, expected) in [
        (&second, &first, CommitOrder::Newer),
        (&first, &second, CommitOrder::Older),
        (&first, &short, CommitOrder::Older),
        (&second, &short, CommitOrder::Same),
        (&side, &second, CommitOrder::Diverged),
        (&second, &unknown, CommitOrder::LiveNotInRepository),
        (&unknown, &second, CommitOrder::RequestedNotInRepository),
    ] {
        assert_eq!(order(folder, Some(requested), Some(live)), expected);
    }
    assert_eq!(order(folder, None, Some(&first)), CommitOrder::NotRequested);
    assert_eq!(order(folder, Some(&first), None), CommitOrder::LiveUnknown);
}

#[test]
fn a_shallow_repository_does_not_guess() {
    let origin = tempfile::tempdir().unwrap();
    git(origin.path(), &["init", "-q", "-b", "master"]);
    let first = commit(origin.path(), "first");
    let second = commit(origin.path(), "second");
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", &url, "here"]);
    let clone = clone.path().join("here");
    assert_eq!(
        order(&clone, Some(&second), Some(&first)),
        CommitOrder::LiveNotInRepository
    );
}

#[test]
fn without_a_repository_nothing_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b): (Commit, Commit) = ("aaaaaaa".parse().unwrap(), "bbbbbbb".parse().unwrap());
    assert_eq!(
        order(folder.path(), Some(&a), Some(&b)),
        CommitOrder::NoRepository
    );
}
