//! The tests in a real browser: the sites that they look at, and the run of what is in `e2e/`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::server::{DATABASE, Server, Site};
use crate::summary::Summary;
use crate::{bench, npm, output, process, skip};

/// The tests.
const TESTS: &str = "e2e";

/// The fonts that the browsers know.
const FONTS: &str = "e2e/fonts.conf";

/// What the run leaves: pictures of every page, of failures too, and its results.
const OUTPUT: &str = "target/browser";

/// What is needed: the package of the system, and a file or a program that tells whether it is
/// there. Fonts are not among them: `e2e/fonts.conf` names those of `package-lock.json`.
const PACKAGES: [(&str, &str); 3] = [
    ("chromium", "/usr/bin/chromium"),
    ("npm", "npm"),
    ("sqlite3", "sqlite3"),
];

/// The second engine: its package, and the names that its program has.
const FIREFOX: (&str, [&str; 2]) = ("firefox-esr", ["firefox-esr", "firefox"]);

/// What the tests take from the caller's environment. All else might show on a page: the language,
/// the time zone, the settings of a desktop.
const KEPT_VARIABLES: [&str; 5] = ["PATH", "TMPDIR", "TERM", "NO_COLOR", "CI"];

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
    let mut skips = Vec::new();
    let second = skip::or_skip(find_firefox(), SECOND_ENGINE, &mut skips);
    skip::report(&skips)?;
    run_tests(&args.arguments, second.as_deref())?.judge()
}

/// What is left out without a second engine.
const SECOND_ENGINE: &str = "smoke test in a second engine";

/// The gate: all of them or a part, counted.
pub(crate) fn run_all(filter: &str, summary: &mut Summary) -> anyhow::Result<()> {
    let mut skips = Vec::new();
    let is_ready = skip::or_skip(prepare(), "tests in a browser", &mut skips).is_some();
    let second = skip::or_skip(find_firefox(), SECOND_ENGINE, &mut skips);
    skip::report(&skips)?;
    if !is_ready {
        return Ok(());
    }
    let filter: Vec<_> = filter.split_whitespace().map(str::to_owned).collect();
    let results = run_tests(&filter, second.as_deref())?;
    *summary += results.summary;
    results.judge()
}

/// The program of the second engine.
fn find_firefox() -> anyhow::Result<PathBuf> {
    let (package, names) = FIREFOX;
    let program = names.iter().find_map(|name| process::find(name));
    program.with_context(|| format!("not installed: {package}"))
}

/// The packages without which no test runs, and that are not there.
fn missing_packages() -> Vec<&'static str> {
    let is_there = |mark: &str| match mark.strip_prefix('/') {
        Some(_) => Path::new(mark).exists(),
        None => process::find(mark).is_some(),
    };
    let missing = PACKAGES.iter().filter(|(_, mark)| !is_there(mark));
    missing.map(|(name, _)| *name).collect()
}

/// The packages that the set-up installs: those, and the second engine's.
pub(crate) fn wanted_packages() -> Vec<&'static str> {
    let mut wanted = missing_packages();
    if find_firefox().is_err() {
        wanted.push(FIREFOX.0);
    }
    wanted
}

/// Has everything ready but the sites; the error says what is missing.
pub(crate) fn prepare() -> anyhow::Result<()> {
    let missing = missing_packages();
    if !missing.is_empty() {
        bail!("not installed: {}", missing.join(", "));
    }
    npm::install(TESTS)
}

fn run_tests(arguments: &[String], second: Option<&Path>) -> anyhow::Result<Results> {
    let program = bench::build(&["--package", "site", "--bin", "oc-lettings"])?;
    let folder = process::repository().join(OUTPUT);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("remove what the last run left")?;
    }
    fs::create_dir_all(&folder).context("make a folder for the results")?;
    let sites = Sites::start(&program)?;
    let mut command = sites.runner();
    command.arg("test").args(arguments);
    if let Some(firefox) = second {
        command.env("BROWSER_FIREFOX", firefox);
    }
    let status = command.status().context("run the tests in a browser")?;
    let results = fs::read_to_string(folder.join("results.json"))
        .context("the tests in a browser did not run to their end")?;
    Results::read(&results, status)
}

/// How the tests ended.
struct Results {
    summary: Summary,
    not_compared: Vec<String>,
    status: ExitStatus,
}

impl Results {
    /// Reads the statistics of Playwright's reporter `json`, and what tests say of themselves.
    fn read(results: &str, status: ExitStatus) -> anyhow::Result<Self> {
        let results: Value = serde_json::from_str(results).context("read the results")?;
        let count = |name: &str| {
            let count = results["stats"][name].as_u64();
            let count =
                count.with_context(|| format!("the results do not tell how many were {name}"))?;
            usize::try_from(count).context("so many tests cannot be")
        };
        let mut not_compared = Vec::new();
        collect_not_compared(&results, &mut not_compared);
        Ok(Self {
            summary: Summary {
                passed: count("expected")?,
                // One that passed at last is none that passed.
                failed: count("unexpected")? + count("flaky")?,
                skipped: count("skipped")?,
            },
            not_compared,
            status,
        })
    }

    /// Pictures of another browser are no failure, since Debian renews its browser when it wants
    /// to; but they are told. Any other test that is left out is one.
    fn judge(&self) -> anyhow::Result<()> {
        if let Some(reason) = self.not_compared.first() {
            let count = self.not_compared.len();
            let kept = format!("kept in {OUTPUT}/not-compared; `make screenshots` takes them anew");
            output::line(&format!("skipped: {count} pictures: {reason}; {kept}"));
        }
        let Summary {
            passed,
            failed,
            skipped,
        } = self.summary;
        let left_out = skipped.saturating_sub(self.not_compared.len());
        match self {
            _ if failed > 0 => bail!("tests in a browser failed: {failed}"),
            _ if left_out > 0 => bail!("tests in a browser were left out: {left_out}"),
            _ if passed == 0 => bail!("no test ran in a browser"),
            _ if !self.status.success() => {
                bail!("the tests in a browser passed, but their run failed")
            }
            _ => Ok(()),
        }
    }
}

/// Collects why pictures were not compared, from the annotation that `e2e/pictures.js` makes. A
/// test has it once, its result repeats it.
fn collect_not_compared(value: &Value, reasons: &mut Vec<String>) {
    if value.get("projectName").is_some() {
        let annotations = value["annotations"].as_array().into_iter().flatten();
        let ours = annotations.filter(|annotation| annotation["type"] == "not compared");
        let texts = ours.filter_map(|annotation| annotation["description"].as_str());
        reasons.extend(texts.map(str::to_owned));
        return;
    }
    for key in ["suites", "specs", "tests"] {
        let children = value[key].as_array().into_iter().flatten();
        children.for_each(|child| collect_not_compared(child, reasons));
    }
}

/// The sites under test; dropping them ends them and removes their folders.
pub(crate) struct Sites {
    servers: Vec<(&'static str, Server)>,
    folder: TempDir,
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
        Ok(Self { servers, folder })
    }

    /// Playwright's command line, told where the sites are.
    fn runner(&self) -> Command {
        let mut command = process::command("node", &["node_modules/@playwright/test/cli.js"]);
        self.equip(command.current_dir(process::repository().join(TESTS)));
        command
    }

    /// Tells a program where the sites are, and where its results go. Fonts, time zone, language
    /// and settings are the same on every machine; what browsers keep goes with the sites.
    pub(crate) fn equip(&self, command: &mut Command) {
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

/// By SQLite's own program: the tables are Django's, and stay as they are.
fn insert(rows: &Path, database: &Path) -> anyhow::Result<()> {
    let rows = File::open(rows).context("read the rows")?;
    let mut sqlite = process::command("sqlite3", &["-bail"]);
    process::read(sqlite.arg(database).stdin(Stdio::from(rows))).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a run is judged by the counts of what was expected, unexpected, flaky and skipped, by
    /// how many pictures of another browser were among the latter, and by its end.
    #[track_caller]
    fn check(counts: [u8; 4], not_compared: usize, end: &str, expected: &str) {
        let names = ["expected", "unexpected", "flaky", "skipped"];
        let counts: Value = names.into_iter().zip(counts).collect();
        let annotations = serde_json::json!([
            { "type": "not compared", "description": "taken with another" },
            { "type": "skip", "description": "taken with another" },
        ]);
        let test = serde_json::json!({
            "projectName": "chromium",
            "annotations": annotations,
            "results": [{ "annotations": annotations }],
        });
        let spec = serde_json::json!({ "tests": [test] });
        let results = serde_json::json!({
            "stats": counts,
            "suites": [{ "specs": [], "suites": [{ "specs": vec![spec; not_compared] }] }],
        });
        let status = process::command(end, &[]).status().unwrap();
        let results = Results::read(&results.to_string(), status);
        let verdict = match results.unwrap().judge() {
            Ok(()) => "passed".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_run_is_judged_by_its_counts_and_its_end() {
        check([3, 0, 0, 0], 0, "true", "passed");
        check([3, 1, 1, 0], 0, "false", "tests in a browser failed: 2");
        let left_out = "tests in a browser were left out: 1";
        check([3, 0, 0, 1], 0, "true", left_out);
        check([0, 0, 0, 0], 0, "true", "no test ran in a browser");
        let failed = "the tests in a browser passed, but their run failed";
        check([3, 0, 0, 0], 0, "false", failed);
    }

    #[test]
    fn pictures_of_another_browser_are_left_out_and_nothing_else() {
        check([3, 0, 0, 2], 2, "true", "passed");
        let left_out = "tests in a browser were left out: 1";
        check([3, 0, 0, 3], 2, "true", left_out);
        check([0, 0, 0, 2], 2, "true", "no test ran in a browser");
    }

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

    #[test]
    fn results_without_counts_are_none() {
        let status = process::command("true", &[]).status().unwrap();
        assert!(Results::read(r#"{"stats":{"expected":1}}"#, status).is_err());
    }
}
