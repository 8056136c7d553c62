//! A clone of the repository that commits are pushed from, and the pipeline of a push: the
//! project's own `.gitlab-ci.yml`, run by gitlab-ci-local.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::process;

use crate::advisories::Advisories;
use crate::base_images;

const OVERRIDES: &str = "rehearsal/gitlab-ci-local.yml";

/// The path of the project in the containers of jobs, which follows from the clone's remote
/// address.
const PROJECT: &str = "/builds/rehearsal/oc-lettings";

/// gitlab-ci-local in the place of GitLab's runner, in the version of `rehearsal/package.json`.
#[derive(Debug)]
pub(crate) struct Runner {
    program: PathBuf,
    /// The mounts of the jobs' containers, as values of `--volume`.
    volumes: Vec<String>,
}

impl Runner {
    /// Installs it in a folder, unless it is installed. Jobs in containers use what was downloaded
    /// and compiled on this machine, as GitLab's use their cache. They have their own programs.
    pub(crate) fn install(lasting: &Path, advisories: &Advisories) -> anyhow::Result<Self> {
        let folder = lasting.join("npm");
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
        let home = process::cargo_home();
        let compiled = if is_as_the_image() {
            process::repository().join("target/debug")
        } else {
            lasting.join("debug")
        };
        fs::create_dir_all(&compiled).context("make a folder for what jobs compile")?;
        let programs = lasting.join("bin");
        fs::create_dir_all(&programs).context("make a folder for the jobs' programs")?;
        // The scanners share most of their crates, so that one folder serves all of them.
        let scanners = lasting.join("scanners");
        fs::create_dir_all(&scanners).context("make a folder for the scanners")?;
        let mut volumes = vec![
            format!("{}:{PROJECT}/target/scanners", scanners.display()),
            format!("{home}/registry:{home}/registry"),
            format!("{}:{home}/bin", programs.display()),
            format!("{}:{PROJECT}/target/debug", compiled.display()),
            advisories.volume(),
        ];
        // Cargo locks these files. If jobs did not share them, two could unpack a crate at the same
        // time.
        for lock in [".package-cache", ".package-cache-mutate"] {
            let lock = format!("{home}/{lock}");
            let mut file = fs::File::options();
            file.create(true)
                .append(true)
                .open(&lock)
                .with_context(|| format!("make {lock}"))?;
            volumes.push(format!("{lock}:{lock}"));
        }
        Ok(Self { program, volumes })
    }

    /// The jobs of the pipeline that an event starts, sorted by name.
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
                "CI_PIPELINE_SOURCE,CI_COMMIT_BRANCH,CI_COMMIT_TAG,CI_OPEN_MERGE_REQUESTS,CI_DEFAULT_BRANCH",
            );
        command
    }

    /// Runs the pipeline of the checked-out commit, or only these of its jobs. A job with an image
    /// runs in a container. Containers share this machine's network, to reach what it reaches.
    pub(crate) fn play(
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
            .args(["--json-schema-validation=false", "--network", "host"])
            .args(["--pull-policy", "if-not-present"])
            .args(["--helper-image", base_images::DEBIAN])
            .args(self.volumes.iter().flat_map(|volume| ["--volume", volume]))
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

/// Whether programs that were compiled on this machine run in the stand-ins: macros and build
/// scripts need a C library that is no newer than the stand-ins' own.
fn is_as_the_image() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release
        .lines()
        .any(|line| line == "VERSION_CODENAME=bookworm")
}

/// The reason for a pipeline, as GitLab's variables describe it.
#[derive(Debug)]
pub(crate) struct Event {
    /// The configuration file.
    pub(crate) file: &'static str,
    pub(crate) set: &'static [(&'static str, &'static str)],
    pub(crate) unset: &'static [&'static str],
}

/// The variables of jobs, which GitLab has under *Settings > CI/CD > Variables*, and those of the
/// shell on this machine.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    pub(crate) jobs: BTreeMap<String, String>,
    pub(crate) shell: BTreeMap<String, String>,
}

/// The result of a pipeline.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) is_green: bool,
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Pipeline {
    /// The jobs with a verdict: `PASS`, `FAIL` or `WARN`.
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

    /// How long each job took, as the runner writes it.
    pub(crate) fn times(&self) -> Vec<(&str, &str)> {
        let lines = self.output.lines().filter_map(|line| {
            let (job, time) = line.split_once(" finished in ")?;
            // After two spaces, the line may say how a failed job ended.
            let time = time.split("  ").next()?;
            Some((job.trim(), time.trim()))
        });
        lines.collect()
    }

    pub(crate) fn expect_green(&self) -> anyhow::Result<()> {
        ensure!(self.is_green, "the pipeline is red:\n{}", self.output);
        Ok(())
    }

    /// The first line of the output with this word.
    pub(crate) fn line_with(&self, word: &str) -> anyhow::Result<&str> {
        let mut lines = self.output.lines().filter(|line| line.contains(word));
        let line = lines.next().map(str::trim);
        line.with_context(|| format!("nothing says `{word}`:\n{}", self.output))
    }
}

/// A clone of the repository.
#[derive(Debug)]
pub(crate) struct Checkout {
    pub(crate) folder: PathBuf,
}

impl Checkout {
    /// Clones the commits of this repository, on a branch `main` that a project on GitLab has too.
    /// The path is the same each time, so that files compiled for it can be reused.
    pub(crate) fn of_repository(lasting: &Path) -> anyhow::Result<Self> {
        let clone = Self {
            folder: lasting.join("clone"),
        };
        if clone.folder.exists() {
            fs::remove_dir_all(&clone.folder).context("remove the clone of the last rehearsal")?;
        }
        let mut git = process::command("git", &["clone", "--quiet", "--no-local", "."]);
        process::read(git.arg(&clone.folder))?;
        clone.git(&["checkout", "--quiet", "-B", "main"])?;
        let url = "git@gitlab.example:rehearsal/oc-lettings.git";
        clone.git(&["remote", "set-url", "origin", url])?;
        clone.set_default_branch("main")?;
        clone.git(&["config", "user.name", "Rehearsal"])?;
        clone.git(&["config", "user.email", "rehearsal@example.com"])?;
        // Jobs on this machine use its folders, so that they need not compile and install
        // everything again.
        fs::create_dir_all(clone.folder.join("target"))?;
        for kept in ["target/debug", "target/peers"] {
            let here = process::repository().join(kept);
            fs::create_dir_all(&here).with_context(|| format!("make {kept}"))?;
            std::os::unix::fs::symlink(here, clone.folder.join(kept))
                .with_context(|| format!("link {kept}"))?;
        }
        Ok(clone)
    }

    /// Sets the default branch of the project on GitLab, at the checked-out commit.
    pub(crate) fn set_default_branch(&self, branch: &str) -> anyhow::Result<()> {
        let reference = format!("refs/remotes/origin/{branch}");
        self.git(&["update-ref", &reference, "HEAD"])?;
        self.git(&["symbolic-ref", "refs/remotes/origin/HEAD", &reference])
            .map(drop)
    }

    /// Writes a file and commits it. Returns the commit.
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
        // With fixed dates the same changes are the same commits, whose images come from the cache.
        git.current_dir(&self.folder)
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        Ok(process::read(&mut git)?.trim().to_owned())
    }

    pub(crate) fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.folder.join(path)).with_context(|| format!("read {path}"))
    }

    /// Runs a target of the Makefile in the clone. Returns whether it succeeded, and its output.
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
