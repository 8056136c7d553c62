//! A repository of advisories in the place of `RustSec`'s. The scanners fetch from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use xtask::process;

/// The made-up advisories: one about a crate that the program does not use, and one about a crate
/// that it does.
const FOLDER: &str = "rehearsal/advisories";

/// The path of the repository in jobs; `rehearsal/gitlab-ci-local.yml` names it to the scanners.
const MOUNTED: &str = "/rehearsal/advisories.git";

/// The advisory that makes a scan fail, and its crate.
pub(super) const PLANTED: (&str, &str) = ("RUSTSEC-2026-9002", "httpdate");

/// A git repository. It is committed anew in each rehearsal: scanners refuse a database that is
/// months old.
#[derive(Debug)]
pub(super) struct Advisories {
    folder: PathBuf,
}

impl Advisories {
    /// Makes the repository, with the advisory that does not concern the program.
    pub(super) fn publish(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join("advisories");
        fs::create_dir_all(&folder).context("make the folder of the advisories")?;
        let advisories = Self { folder };
        advisories.git(&["init", "--quiet", "--initial-branch=main"])?;
        advisories.git(&["config", "user.name", "Rehearsal"])?;
        advisories.git(&["config", "user.email", "rehearsal@example.com"])?;
        advisories.add("first")?;
        Ok(advisories)
    }

    /// Publishes the advisory that concerns the program.
    pub(super) fn plant(&self) -> anyhow::Result<()> {
        self.add("planted")
    }

    /// Removes that advisory again.
    pub(super) fn withdraw(&self) -> anyhow::Result<()> {
        self.git(&["reset", "--quiet", "--hard", "HEAD~1"])
    }

    /// The value of `--volume` that mounts the repository into jobs.
    pub(super) fn volume(&self) -> String {
        format!("{}:{MOUNTED}:ro", self.folder.display())
    }

    fn add(&self, name: &str) -> anyhow::Result<()> {
        let from = process::repository().join(FOLDER).join(name).join("crates");
        let mut copy = process::command("cp", &["--recursive"]);
        process::read(copy.arg(from).arg(&self.folder))?;
        self.git(&["add", "."])?;
        self.git(&["commit", "--quiet", "--message", name])
    }

    fn git(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut git = process::command("git", arguments);
        process::read(git.current_dir(&self.folder)).map(drop)
    }
}
