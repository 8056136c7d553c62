//! What tests need beside the compiler: where it comes from, and which tests cannot run without.
//!
//! A test that needs something has the mark of that in its name, so that the runner can leave it
//! out and count it as skipped. Without the mark the test would run, and fail where the thing is
//! missing.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use xtask::process;

/// Something that some tests need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A database server, and its programs.
    Postgres,
    /// The Django whose formats are ours.
    Django,
    /// The Django of the site before.
    OlderDjango,
    /// The older site's own databases.
    OlderSite,
    /// File systems that a test may mount.
    Mounts,
    /// Mounts by the machine's root. PostgreSQL's programs refuse a user who is root in a
    /// namespace.
    RootMounts,
    /// Two file systems that anybody may write to.
    FileSystems,
    /// `systemd-analyze`, which checks unit files.
    Systemd,
    /// A pooler in front of the database server.
    PgBouncer,
    /// `promtool`, which checks rules for Prometheus.
    Promtool,
    /// An SMTP server.
    Smtp,
}

impl Need {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Postgres,
        Self::Django,
        Self::OlderDjango,
        Self::OlderSite,
        Self::Mounts,
        Self::RootMounts,
        Self::FileSystems,
        Self::Systemd,
        Self::PgBouncer,
        Self::Promtool,
        Self::Smtp,
    ];

    /// The tests that need it, in words.
    pub(crate) fn tests(self) -> &'static str {
        match self {
            Self::Postgres => "tests on PostgreSQL",
            Self::Django => "tests against Django",
            Self::OlderDjango => "tests against Django 4.2",
            Self::OlderSite => "tests on the older site's own databases",
            Self::Mounts => "tests on a file system of their own",
            Self::RootMounts => "tests of PostgreSQL on a disk of its own",
            Self::FileSystems => "tests across file systems",
            Self::Systemd => "tests of the unit files",
            Self::PgBouncer => "tests behind PgBouncer",
            Self::Promtool => "tests of the rules for Prometheus",
            Self::Smtp => "tests with an SMTP server",
        }
    }

    /// The mark in the names of those tests, and of no others.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Django => "django::",
            Self::OlderDjango => "django_4_2",
            Self::OlderSite => "older_site::",
            Self::Mounts => "by_a_mount",
            Self::RootMounts => "disk_under_postgres",
            Self::FileSystems => "another_file_system",
            Self::Systemd => "systemd_analyze",
            Self::PgBouncer => "pgbouncer",
            Self::Promtool => "promtool",
            Self::Smtp => "smtp::",
        }
    }

    /// Whether every machine that was set up has it: CI fails without it. The others depend on the
    /// user of a machine, and on what else is installed.
    pub(crate) fn is_of_the_project(self) -> bool {
        matches!(
            self,
            Self::Postgres
                | Self::Django
                | Self::OlderDjango
                | Self::Mounts
                | Self::FileSystems
                | Self::PgBouncer
                | Self::Promtool
                | Self::Smtp
        )
    }
}

/// The folder of the older site's databases for those who have them: beside the repository.
const OLDER_SITE: &str = "../shared/data";

/// Finds the folder of the older site's databases.
pub(crate) fn older_site() -> anyhow::Result<PathBuf> {
    let folder = process::repository().join(OLDER_SITE);
    if !folder.is_dir() {
        bail!("{OLDER_SITE} is not there, which is no part of the project");
    }
    fs::canonicalize(folder).context("find the older site's databases")
}

/// Fails if this user cannot have mounts of their own.
pub(crate) fn mounts() -> anyhow::Result<()> {
    let mut unshare = process::command("unshare", &["--mount"]);
    if !process::is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    process::read(unshare.arg("true")).map(drop)
}

/// Fails if they cannot have them as the machine's root.
pub(crate) fn root_mounts() -> anyhow::Result<()> {
    if !process::is_root() {
        bail!("only root can give PostgreSQL a disk of its own");
    }
    mounts()
}

/// Fails unless `/dev/shm` can be written to, and is another file system than the tests' own.
pub(crate) fn file_systems() -> anyhow::Result<()> {
    let memory = Path::new("/dev/shm");
    tempfile::tempdir_in(memory).context("write to /dev/shm")?;
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev());
    if device(memory)? == device(&std::env::temp_dir())? {
        bail!("/dev/shm is no file system of its own");
    }
    Ok(())
}

/// Fails if there is no `systemd-analyze`.
pub(crate) fn systemd() -> anyhow::Result<()> {
    process::find("systemd-analyze").context("there is no systemd-analyze")?;
    Ok(())
}

/// Fails if there is no `pgbouncer`. Debian installs it where only root's `PATH` leads.
pub(crate) fn pgbouncer() -> anyhow::Result<()> {
    process::find("pgbouncer").context("there is no pgbouncer")?;
    Ok(())
}
