//! Which of two commits is the older one, by the history of a git repository.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::image::Commit;

/// The order of the commit that is asked for and the live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOrder {
    /// They are the same.
    Same,
    /// The commit that is asked for comes after the live one.
    Newer,
    /// The live commit comes after the one that is asked for.
    Older,
    /// Neither comes after the other.
    Diverged,
    /// The repository does not hold the live commit.
    LiveNotInRepository,
    /// The repository does not hold the commit that is asked for.
    RequestedNotInRepository,
    /// There is no repository here, or no git.
    NoRepository,
    /// No commit was asked for.
    NotRequested,
    /// The site answers, and does not say which commit is live.
    LiveUnknown,
    /// The site does not answer.
    SiteSilent,
}

/// Asks the repository that contains a folder. Never [`CommitOrder::SiteSilent`], which the
/// caller knows.
pub fn order(folder: &Path, requested: Option<&Commit>, live: Option<&Commit>) -> CommitOrder {
    let Some(requested) = requested else {
        return CommitOrder::NotRequested;
    };
    let Some(live) = live else {
        return CommitOrder::LiveUnknown;
    };
    if requested.is_same_as(live) {
        return CommitOrder::Same;
    }
    if !git(folder, &["rev-parse", "--git-dir"]) {
        return CommitOrder::NoRepository;
    }
    let holds = |commit: &Commit| git(folder, &["cat-file", "-e", &format!("{commit}^{{commit}}")]);
    let is_ancestor = |ancestor: &Commit, commit: &Commit| {
        let (ancestor, commit) = (ancestor.as_str(), commit.as_str());
        git(folder, &["merge-base", "--is-ancestor", ancestor, commit])
    };
    if !holds(requested) {
        CommitOrder::RequestedNotInRepository
    } else if !holds(live) {
        CommitOrder::LiveNotInRepository
    } else if is_ancestor(live, requested) {
        CommitOrder::Newer
    } else if is_ancestor(requested, live) {
        CommitOrder::Older
    } else {
        CommitOrder::Diverged
    }
}

/// Whether git succeeds. Its messages are dropped: [`CommitOrder`] says which question failed.
fn git(folder: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(args);
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
