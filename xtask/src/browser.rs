//! Runs the tests in a real browser, which are in `e2e/`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitStatus;

use anyhow::{Context as _, bail};
use serde_json::Value;
use xtask::postgres::Postgres;
use xtask::sites::{self, OUTPUT, Sites};
use xtask::story::Story;
use xtask::{django, output, process};

use crate::skip::Skip;
use crate::summary::Summary;
use crate::{docs, skip};

/// The second engine: its package, and the names that its program has.
const FIREFOX: (&str, [&str; 2]) = ("firefox-esr", ["firefox-esr", "firefox"]);

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
    sites::prepare()?;
    let mut skips = Vec::new();
    let extras = Extras::find(&mut skips);
    skip::report(&skips)?;
    run_tests(&args.arguments, &extras)?.judge()
}

/// What some of the tests need.
struct Extras {
    /// The program of the second engine.
    firefox: Option<PathBuf>,
    /// Where the documentation was built.
    docs: Option<PathBuf>,
    /// The Python with an SMTP server.
    smtp: Option<PathBuf>,
    /// A database server.
    postgres: Option<Postgres>,
}

impl Extras {
    /// Finds, builds and starts what can be had, and returns the rest as skips.
    fn find(skips: &mut Vec<Skip>) -> Self {
        let smtp = django::python_of("smtp");
        Self {
            firefox: skip::or_skip(find_firefox(), "smoke test in a second engine", skips),
            docs: skip::or_skip(docs::build(), "documentation in a browser", skips),
            smtp: skip::or_skip(smtp, "story of a stay in a browser", skips),
            postgres: skip::or_skip(Postgres::start(), "story of a stay on PostgreSQL", skips),
        }
    }
}

/// The gate: runs all tests or a part, and adds their number to the summary.
pub(crate) fn run_all(filter: &str, summary: &mut Summary) -> anyhow::Result<()> {
    let mut skips = Vec::new();
    let is_ready = skip::or_skip(sites::prepare(), "tests in a browser", &mut skips).is_some();
    let extras = Extras::find(&mut skips);
    skip::report(&skips)?;
    if !is_ready {
        return Ok(());
    }
    let filter: Vec<_> = filter.split_whitespace().map(str::to_owned).collect();
    let results = run_tests(&filter, &extras)?;
    *summary += results.summary;
    results.judge()
}

/// The program of the second engine.
fn find_firefox() -> anyhow::Result<PathBuf> {
    let (package, names) = FIREFOX;
    let program = names.iter().find_map(|name| process::find(name));
    program.with_context(|| format!("not installed: {package}"))
}

/// The missing packages that the set-up installs, the second engine's among them.
pub(crate) fn wanted_packages() -> Vec<&'static str> {
    let mut wanted = sites::missing_packages();
    if find_firefox().is_err() {
        wanted.push(FIREFOX.0);
    }
    wanted
}

fn run_tests(arguments: &[String], extras: &Extras) -> anyhow::Result<Results> {
    let program = process::build(&["--package", "site", "--bin", "oc-lettings"])?;
    let folder = process::repository().join(OUTPUT);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("remove what the last run left")?;
    }
    fs::create_dir_all(&folder).context("make a folder for the results")?;
    let sites = Sites::start(&program)?;
    let mut command = sites.runner();
    command.arg("test").args(arguments);
    // The sites of the story run until the tests have ended.
    let story = extras.smtp.as_ref().map(|python| {
        let reader = process::build(&["--package", "site", "--example", "loopback"])?;
        Story::start(&program, &reader, python, extras.postgres.as_ref())
    });
    let story = story.transpose()?;
    if let Some(story) = &story {
        story.set_environment(&mut command);
    }
    if let Some(firefox) = &extras.firefox {
        command.env("BROWSER_FIREFOX", firefox);
    }
    if let Some(docs) = &extras.docs {
        command.env("BROWSER_DOCS", docs);
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
                // A test that passed only when it was repeated counts as failed.
                failed: count("unexpected")? + count("flaky")?,
                skipped: count("skipped")?,
            },
            not_compared,
            status,
        })
    }

    /// Fails if tests failed or were left out. Pictures by another version of the browser are not
    /// compared. That is reported but no failure, since Debian decides when the browser changes.
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

/// Collects why pictures were not compared, from the annotation that `e2e/pictures.js` makes. It is
/// read from the test only, since its result repeats it.
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
    fn results_without_counts_are_none() {
        let status = process::command("true", &[]).status().unwrap();
        assert!(Results::read(r#"{"stats":{"expected":1}}"#, status).is_err());
    }
}
