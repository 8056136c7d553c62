//! The tests in a real browser: the sites that they look at, and the run of what is in `e2e/`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::server::{DATABASE, Server, Site};
use crate::summary::Summary;
use crate::{bench, npm, process, skip};

/// The tests.
const TESTS: &str = "e2e";

/// What the run leaves: pictures of every page, of failures too, and its results.
const OUTPUT: &str = "target/browser";

/// What is needed: the package of the system, and a file or a program that tells whether it is
/// there. With Debian's fonts a page looks the same everywhere.
const PACKAGES: [(&str, &str); 5] = [
    ("chromium", "/usr/bin/chromium"),
    (
        "fonts-dejavu-core",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ),
    (
        "fonts-liberation",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    ),
    ("npm", "npm"),
    ("sqlite3", "sqlite3"),
];

/// Runs the tests in a browser.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask browser journeys --workers=1")]
pub(crate) struct Args {
    /// Filters and options for `playwright test`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// `cargo xtask browser`.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    prepare()?;
    run_tests(&args.arguments)?.judge()
}

/// The gate: all of them, counted.
pub(crate) fn run_all(summary: &mut Summary) -> anyhow::Result<()> {
    let mut skips = Vec::new();
    let is_ready = skip::or_skip(prepare(), "tests in a browser", &mut skips).is_some();
    skip::report(&skips)?;
    if !is_ready {
        return Ok(());
    }
    let results = run_tests(&[])?;
    *summary += results.summary;
    results.judge()
}

/// The packages that are not there.
pub(crate) fn missing_packages() -> Vec<&'static str> {
    let is_there = |mark: &str| match mark.strip_prefix('/') {
        Some(_) => Path::new(mark).exists(),
        None => process::find(mark).is_some(),
    };
    let missing = PACKAGES.iter().filter(|(_, mark)| !is_there(mark));
    missing.map(|(name, _)| *name).collect()
}

/// Has everything ready but the sites; the error says what is missing.
pub(crate) fn prepare() -> anyhow::Result<()> {
    let missing = missing_packages();
    if !missing.is_empty() {
        bail!("not installed: {}", missing.join(", "));
    }
    npm::install(TESTS)
}

fn run_tests(arguments: &[String]) -> anyhow::Result<Results> {
    let program = bench::build(&["--package", "site", "--bin", "oc-lettings"])?;
    let folder = process::repository().join(OUTPUT);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("remove what the last run left")?;
    }
    fs::create_dir_all(&folder).context("make a folder for the results")?;
    let sites = Sites::start(&program)?;
    let mut command = sites.runner();
    command.arg("test").args(arguments);
    let status = command.status().context("run the tests in a browser")?;
    let results = fs::read_to_string(folder.join("results.json"))
        .context("the tests in a browser did not run to their end")?;
    Results::read(&results, status)
}

/// How the tests ended.
struct Results {
    summary: Summary,
    skipped: u64,
    status: ExitStatus,
}

impl Results {
    /// Reads the statistics of Playwright's reporter `json`.
    fn read(results: &str, status: ExitStatus) -> anyhow::Result<Self> {
        let results: Value = serde_json::from_str(results).context("read the results")?;
        let count = |name: &str| {
            let count = results["stats"][name].as_u64();
            count.with_context(|| format!("the results do not tell how many were {name}"))
        };
        // One that passed at last is none that passed.
        let failed = count("unexpected")? + count("flaky")?;
        Ok(Self {
            summary: Summary {
                passed: usize::try_from(count("expected")?)?,
                failed: usize::try_from(failed)?,
            },
            skipped: count("skipped")?,
            status,
        })
    }

    fn judge(&self) -> anyhow::Result<()> {
        let Summary { passed, failed } = self.summary;
        match self {
            _ if failed > 0 => bail!("tests in a browser failed: {failed}"),
            Self { skipped: 1.., .. } => {
                bail!("tests in a browser were left out: {}", self.skipped)
            }
            _ if passed == 0 => bail!("no test ran in a browser"),
            _ if !self.status.success() => {
                bail!("the tests in a browser passed, but their run failed")
            }
            _ => Ok(()),
        }
    }
}

/// The sites under test; dropping them ends them and removes their folders.
pub(crate) struct Sites {
    servers: Vec<(&'static str, Server)>,
    _folder: TempDir,
}

impl Sites {
    /// Starts one with few rows, one with many and extreme ones, and one whose rows the tests may
    /// change, all as on the internet, and an empty one in debug.
    pub(crate) fn start(program: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for the sites")?;
        let mut servers = Vec::new();
        for (name, rows) in [
            ("six", Some("six")),
            ("hundred", Some("hundred")),
            ("staff", Some("six")),
            ("empty", None),
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
        Ok(Self {
            servers,
            _folder: folder,
        })
    }

    /// Playwright's command line, told where the sites are.
    fn runner(&self) -> Command {
        let mut command = process::command("node", &["node_modules/@playwright/test/cli.js"]);
        self.equip(command.current_dir(process::repository().join(TESTS)));
        command
    }

    /// Tells a program where the sites are, and where its results go.
    pub(crate) fn equip(&self, command: &mut Command) {
        for (name, server) in &self.servers {
            let variable = format!("SITE_{}", name.to_uppercase());
            command.env(variable, format!("http://{}", server.address()));
        }
        command.env("BROWSER_OUTPUT", process::repository().join(OUTPUT));
    }
}

/// Starts a site, with the rows of a fixture.
fn start(site: Site<'_>, name: &str, rows: Option<&str>) -> anyhow::Result<Server> {
    site.run("migrate")?;
    site.run("collectstatic")?;
    if let Some(rows) = rows {
        let rows = process::repository().join(format!("{TESTS}/fixtures/{rows}.sql"));
        insert(&rows, &site.folder.join(DATABASE))?;
    }
    let log = process::repository().join(format!("{OUTPUT}/{name}.log"));
    fs::create_dir_all(log.parent().unwrap_or(Path::new(".")))?;
    let log = File::create(log).context("make a file for the log")?;
    let mut server = site.serve_with(|command| {
        command.stderr(log);
        if rows.is_some() {
            command.envs([
                ("DEBUG", "False"),
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

/// By SQLite's own program: the tables are Django's, and stay as they are.
fn insert(rows: &Path, database: &Path) -> anyhow::Result<()> {
    let rows = File::open(rows).context("read the rows")?;
    let mut sqlite = process::command("sqlite3", &["-bail"]);
    process::read(sqlite.arg(database).stdin(Stdio::from(rows))).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of what was expected, unexpected, flaky and skipped, and the end of the run.
    #[track_caller]
    fn check(counts: [u8; 4], end: &str, expected: &str) {
        let names = ["expected", "unexpected", "flaky", "skipped"];
        let counts: Value = names.into_iter().zip(counts).collect();
        let status = process::command(end, &[]).status().unwrap();
        let results = Results::read(&serde_json::json!({ "stats": counts }).to_string(), status);
        let verdict = match results.unwrap().judge() {
            Ok(()) => "passed".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_run_is_judged_by_its_counts_and_its_end() {
        check([3, 0, 0, 0], "true", "passed");
        check([3, 1, 1, 0], "false", "tests in a browser failed: 2");
        check([3, 0, 0, 1], "true", "tests in a browser were left out: 1");
        check([0, 0, 0, 0], "true", "no test ran in a browser");
        let failed = "the tests in a browser passed, but their run failed";
        check([3, 0, 0, 0], "false", failed);
    }

    #[test]
    fn results_without_counts_are_none() {
        let status = process::command("true", &[]).status().unwrap();
        assert!(Results::read(r#"{"stats":{"expected":1}}"#, status).is_err());
    }
}
