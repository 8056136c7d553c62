//! A clone of the repository that commits are pushed from, and the pipeline of a push: the
//! project's own `.gitlab-ci.yml`, run by gitlab-ci-local.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::process;

const OVERRIDES: &str = "rehearsal/gitlab-ci-local.yml";

/// The program that plays GitLab's runner, of the version in `rehearsal/package.json`.
#[derive(Debug)]
pub(crate) struct Runner {
    program: PathBuf,
}

impl Runner {
    /// Installs it in a folder, unless it is there.
    pub(crate) fn install(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join("npm");
        let program = folder.join("node_modules/.bin/gitlab-ci-local");
        let wanted = fs::read_to_string(process::repository().join("rehearsal/package-lock.json"))
            .context("read the versions of the programs from npm")?;
        let stamp = folder.join("package-lock.json");
        let is_there = fs::read_to_string(&stamp).is_ok_and(|there| there == wanted);
        if !is_there || !program.exists() {
            fs::create_dir_all(&folder).context("make a folder for npm")?;
            let from = process::repository().join("rehearsal/package.json");
            fs::copy(from, folder.join("package.json"))?;
            fs::write(&stamp, wanted)?;
            let mut npm = process::command("npm", &["ci", "--ignore-scripts", "--no-audit"]);
            process::read(npm.current_dir(&folder))?;
        }
        Ok(Self { program })
    }

    /// The jobs that a pipeline would have, by these variables.
    pub(crate) fn jobs(&self, clone: &Checkout, event: &Event) -> anyhow::Result<Vec<String>> {
        let mut command = self.command(clone);
        command.args(["--list-csv", "--file", event.file]);
        for (name, value) in event.set {
            command.args(["--variable", &format!("{name}={value}")]);
        }
        for name in event.unset {
            command.args(["--unset-variable", name]);
        }
        let table = process::read(&mut command)?;
        let mut names: Vec<_> = table
            .lines()
            .skip(1)
            .filter_map(|line| line.split(';').next())
            .map(str::to_owned)
            .collect();
        names.sort();
        Ok(names)
    }

    fn command(&self, clone: &Checkout) -> Command {
        let mut command = process::command(&self.program, &["--no-color"]);
        command
            .current_dir(&clone.folder)
            .arg("--home")
            .arg(clone.folder.join(".gitlab-ci-local"))
            .env(
                "GCL_IGNORE_PREDEFINED_VARS",
                "CI_PIPELINE_SOURCE,CI_COMMIT_BRANCH,CI_COMMIT_TAG,CI_OPEN_MERGE_REQUESTS",
            );
        command
    }

    /// Runs the pipeline of what is checked out.
    pub(crate) fn run(&self, clone: &Checkout, variables: &Variables) -> anyhow::Result<Pipeline> {
        self.play(clone, variables, &[])
    }

    /// Runs jobs again, as the button in GitLab does.
    pub(crate) fn retry(
        &self,
        clone: &Checkout,
        variables: &Variables,
        job: &str,
    ) -> anyhow::Result<Pipeline> {
        self.play(clone, variables, &[job])
    }

    fn play(
        &self,
        clone: &Checkout,
        variables: &Variables,
        jobs: &[&str],
    ) -> anyhow::Result<Pipeline> {
        let overrides = clone.folder.join(".gitlab-ci-local.yml");
        fs::copy(process::repository().join(OVERRIDES), overrides)
            .context("lay down what the jobs do otherwise")?;
        let mut command = self.command(clone);
        command
            .args(["--force-shell-executor", "--json-schema-validation=false"])
            .args(jobs);
        for (name, value) in &variables.jobs {
            command.args(["--variable", &format!("{name}={value}")]);
        }
        let started = Instant::now();
        let output = command
            .envs(&variables.shell)
            .output()
            .context("run gitlab-ci-local")?;
        let said = [output.stdout, output.stderr].concat();
        Ok(Pipeline {
            is_green: output.status.success(),
            output: String::from_utf8_lossy(&said).into_owned(),
            took: started.elapsed(),
        })
    }
}

/// What GitLab knows of the reason for a pipeline.
#[derive(Debug)]
pub(crate) struct Event {
    /// The configuration.
    pub(crate) file: &'static str,
    pub(crate) set: &'static [(&'static str, &'static str)],
    pub(crate) unset: &'static [&'static str],
}

/// What is set under *Settings > CI/CD > Variables*, and what the shell of this machine needs.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    pub(crate) jobs: BTreeMap<String, String>,
    pub(crate) shell: BTreeMap<String, String>,
}

/// How a pipeline went.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) is_green: bool,
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Pipeline {
    /// The jobs that ran to a good end, or to a bad one.
    pub(crate) fn jobs(&self, verdict: &str) -> Vec<&str> {
        let mut jobs: Vec<_> = self
            .output
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix(verdict))
            .filter_map(|rest| rest.split_whitespace().next())
            .collect();
        jobs.sort_unstable();
        jobs
    }
}

/// A clone of the repository.
#[derive(Debug)]
pub(crate) struct Checkout {
    pub(crate) folder: PathBuf,
}

impl Checkout {
    /// Of what is committed here, as `master` of a project on GitLab.
    pub(crate) fn of_repository(folder: &Path) -> anyhow::Result<Self> {
        let clone = Self {
            folder: folder.join("clone"),
        };
        let mut git = process::command("git", &["clone", "--quiet", "--no-local", "."]);
        process::read(git.arg(&clone.folder))?;
        clone.git(&["checkout", "--quiet", "-B", "master"])?;
        let url = "git@gitlab.example:rehearsal/oc-lettings.git";
        clone.git(&["remote", "set-url", "origin", url])?;
        clone.git(&["update-ref", "refs/remotes/origin/master", "HEAD"])?;
        let head = [
            "symbolic-ref",
            "refs/remotes/origin/HEAD",
            "refs/remotes/origin/master",
        ];
        clone.git(&head)?;
        clone.git(&["config", "user.name", "Rehearsal"])?;
        clone.git(&["config", "user.email", "rehearsal@example.com"])?;
        Ok(clone)
    }

    /// Writes a file and commits it; gives the commit.
    pub(crate) fn commit(&self, path: &str, text: &str) -> anyhow::Result<String> {
        fs::write(self.folder.join(path), text).with_context(|| format!("write {path}"))?;
        self.git(&["add", path])?;
        self.git(&["commit", "--quiet", "--message", &format!("Change {path}")])?;
        self.head()
    }

    /// The commit that is checked out.
    pub(crate) fn head(&self) -> anyhow::Result<String> {
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut git = process::command("git", arguments);
        // Always the same, so that the same changes are the same commits, and their images come
        // from the cache.
        git.current_dir(&self.folder)
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        Ok(process::read(&mut git)?.trim().to_owned())
    }

    pub(crate) fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.folder.join(path)).with_context(|| format!("read {path}"))
    }

    /// Runs a target of the Makefile here; gives how it ended and all it said.
    pub(crate) fn make(
        &self,
        arguments: &[&str],
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<(bool, String)> {
        let mut make = process::command("make", arguments);
        let output = make
            .current_dir(&self.folder)
            .envs(environment)
            .output()
            .context("run make")?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        Ok((output.status.success(), said))
    }
}
