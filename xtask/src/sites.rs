//! The sites that browsers look at, in `cargo xtask browser` and under Lighthouse.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::server::{DATABASE, Server, Site};
use crate::{npm, process};

/// The folder of the tests.
const TESTS: &str = "e2e";

/// The configuration of the fonts that the browsers see.
const FONTS: &str = "e2e/fonts.conf";

/// The folder for the results of a run: pictures of every page, of failures too, and a summary.
pub const OUTPUT: &str = "target/browser";

/// The system's packages that are needed, each with a file or a program that shows whether it is
/// installed. Fonts are not among them: `e2e/fonts.conf` names those of `package-lock.json`.
const PACKAGES: [(&str, &str); 3] = [
    ("chromium", "/usr/bin/chromium"),
    ("npm", "npm"),
    ("sqlite3", "sqlite3"),
];

/// The variables of the caller's environment that the tests get. Others might show on a page: the
/// language, the time zone, the settings of a desktop.
const KEPT_VARIABLES: [&str; 5] = ["PATH", "TMPDIR", "TERM", "NO_COLOR", "CI"];

/// The packages that are missing, without which no test runs.
pub fn missing_packages() -> Vec<&'static str> {
    let is_there = |mark: &str| match mark.strip_prefix('/') {
        Some(_) => Path::new(mark).exists(),
        None => process::find(mark).is_some(),
    };
    let missing = PACKAGES.iter().filter(|(_, mark)| !is_there(mark));
    missing.map(|(name, _)| *name).collect()
}

/// Prepares everything but the sites. The error says what is missing.
pub fn prepare() -> anyhow::Result<()> {
    let missing = missing_packages();
    if !missing.is_empty() {
        bail!("not installed: {}", missing.join(", "));
    }
    npm::install(TESTS)
}

/// The sites under test; dropping them ends them and removes their folders.
#[derive(Debug)]
pub struct Sites {
    servers: Vec<(&'static str, Server)>,
    folder: TempDir,
}

impl Sites {
    /// Starts six sites: with few rows, with many and extreme ones, with rows that the tests of the
    /// admin may change, with rows that become homes, with the demo data, and an empty one. The empty
    /// one runs in debug mode, the others as on the internet.
    pub fn start(program: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for the sites")?;
        let mut servers = Vec::new();
        for (name, rows) in [
            ("six", Rows::Of("six")),
            ("hundred", Rows::Of("hundred")),
            ("staff", Rows::Of("six")),
            ("homes", Rows::Of("six")),
            ("demo", Rows::Demo),
            ("empty", Rows::None),
        ] {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).context("make a folder for a site")?;
            let site = Site {
                program,
                folder: &folder,
            };
            let server =
                start(site, name, rows).with_context(|| format!("start the site `{name}`"))?;
            servers.push((name, server));
        }
        Ok(Self { servers, folder })
    }

    /// Playwright's command line, told where the sites are.
    pub fn runner(&self) -> Command {
        let mut command = process::command("node", &["node_modules/@playwright/test/cli.js"]);
        self.set_environment(command.current_dir(process::repository().join(TESTS)));
        command
    }

    /// Tells a program where the sites are, and where its results go. Fonts, time zone, language
    /// and settings are the same on every machine. The browsers' own files are removed with the
    /// sites.
    pub fn set_environment(&self, command: &mut Command) {
        process::isolate(command, &KEPT_VARIABLES);
        command
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("FONTCONFIG_FILE", process::repository().join(FONTS));
        for (name, server) in &self.servers {
            let variable = format!("SITE_{}", name.to_uppercase());
            command.env(variable, format!("http://{}", server.address()));
        }
        command.env("BROWSER_OUTPUT", process::repository().join(OUTPUT));
    }
}

/// What a site shows.
#[derive(Clone, Copy)]
enum Rows {
    /// Those of a fixture.
    Of(&'static str),
    Demo,
    None,
}

/// Starts a site with its rows.
fn start(site: Site<'_>, name: &str, rows: Rows) -> anyhow::Result<Server> {
    site.run("migrate")?;
    site.run("collectstatic")?;
    match rows {
        Rows::Of(name) => insert(&fixture(name), &site.folder.join(DATABASE))?,
        Rows::Demo => {
            site.run("demo")?;
            insert(&fixture("staff"), &site.folder.join(DATABASE))?;
        }
        Rows::None => (),
    }
    let log = process::repository().join(format!("{OUTPUT}/{name}.log"));
    fs::create_dir_all(log.parent().unwrap_or(Path::new(".")))?;
    let log = File::create(log).context("make a file for the log")?;
    let mut server = site.serve_with(|command| {
        command.stderr(log);
        if !matches!(rows, Rows::None) {
            command.envs([
                ("DEBUG", "False"),
                // The pictures show a profile whole; who sees what is tested without a browser.
                ("PROFILE_EMAIL_PUBLIC", "True"),
                (
                    "SECRET_KEY",
                    "of-nobody-but-the-tests-in-a-browser-and-of-no-use",
                ),
                ("ALLOWED_HOSTS", "127.0.0.1"),
            ]);
        }
    })?;
    server.first_answer("/readyz")?;
    Ok(server)
}

/// Inserts rows with SQLite's own program. They are SQL for Django's tables, which do not change.
/// The file of a fixture.
fn fixture(name: &str) -> PathBuf {
    process::repository().join(format!("{TESTS}/fixtures/{name}.sql"))
}

fn insert(rows: &Path, database: &Path) -> anyhow::Result<()> {
    let rows = File::open(rows).context("read the rows")?;
    let mut sqlite = process::command("sqlite3", &["-bail"]);
    process::read(sqlite.arg(database).stdin(Stdio::from(rows))).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_of_the_repository_alone() {
        let fonts = fs::read_to_string(process::repository().join(FONTS)).unwrap();
        let folders: Vec<_> = fonts.lines().filter(|line| line.contains("<dir")).collect();
        assert!(!folders.is_empty());
        for folder in folders {
            let is_ours = folder.contains(r#"<dir prefix="relative">node_modules/"#);
            assert!(is_ours, "{folder}");
        }
        assert!(!fonts.contains("<include"), "{fonts}");
    }
}
