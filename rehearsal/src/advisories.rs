//! A repository of advisories in the place of `RustSec`'s, which the scanners fetch from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use xtask::process;

/// The made-up advisories: of a crate that nobody links, and of one that the program is linked with.
const FOLDER: &str = "rehearsal/advisories";

/// Where jobs have the repository; `rehearsal/gitlab-ci-local.yml` names it to the scanners.
const MOUNTED: &str = "/rehearsal/advisories.git";

/// The advisory that makes a scan red, and its crate.
pub(super) const PLANTED: (&str, &str) = ("RUSTSEC-2026-9002", "httpdate");

/// A git repository. Its commits are of now: scanners refuse a database that is months old.
#[derive(Debug)]
pub(super) struct Advisories {
    folder: PathBuf,
}

impl Advisories {
    /// Publishes the advisory that concerns nobody.
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

    /// Publishes the one that concerns the program.
    pub(super) fn plant(&self) -> anyhow::Result<()> {
        self.add("planted")
    }

    /// Takes that one back.
    pub(super) fn withdraw(&self) -> anyhow::Result<()> {
        self.git(&["reset", "--quiet", "--hard", "HEAD~1"])
    }

    /// For `--volume`: the repository, where jobs look for it.
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
