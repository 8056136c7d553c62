//! Which of two commits is the older one, by the history of a git repository.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::image::Commit;

/// The order of the commit that is asked for and the live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// They are the same.
    Same,
    /// The commit that is asked for comes after the live one.
    Newer,
    /// The live commit comes after the one that is asked for.
    Older,
    /// Neither comes after the other.
    Apart,
    /// The repository does not hold the live commit.
    LiveNotHere,
    /// The repository does not hold the commit that is asked for.
    AskedNotHere,
    /// There is no repository here, or no git.
    NoRepository,
    /// No commit was asked for.
    NotAsked,
    /// The site answers, and does not say which commit is live.
    LiveUnknown,
    /// The site does not answer.
    LiveSilent,
}

/// Asks the repository that contains a folder. Never [`Order::LiveSilent`], which the caller knows.
pub fn order(folder: &Path, asked: Option<&Commit>, live: Option<&Commit>) -> Order {
    let Some(asked) = asked else {
        return Order::NotAsked;
    };
    let Some(live) = live else {
        return Order::LiveUnknown;
    };
    if asked.is(live) {
        return Order::Same;
    }
    if !git(folder, &["rev-parse", "--git-dir"]) {
        return Order::NoRepository;
    }
    let holds = |commit: &Commit| git(folder, &["cat-file", "-e", &format!("{commit}^{{commit}}")]);
    let is_ancestor = |ancestor: &Commit, commit: &Commit| {
        let (ancestor, commit) = (ancestor.as_str(), commit.as_str());
        git(folder, &["merge-base", "--is-ancestor", ancestor, commit])
    };
    if !holds(asked) {
        Order::AskedNotHere
    } else if !holds(live) {
        Order::LiveNotHere
    } else if is_ancestor(live, asked) {
        Order::Newer
    } else if is_ancestor(asked, live) {
        Order::Older
    } else {
        Order::Apart
    }
}

/// Whether git succeeds. Its messages are dropped: [`Order`] says which question failed.
fn git(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
