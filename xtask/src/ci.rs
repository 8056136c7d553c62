//! The gates a change has to pass, in order of their price. CI calls this and nothing else.

use std::borrow::Cow;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use xtask::{output, process};

use crate::browser;
use crate::coverage::{RecordedPercent, Tools, Total};
use crate::skip::{self, Skip};
use crate::suite::{self, Suite};
use crate::summary::Summary;

/// Runs the gates and stops at the first that fails.
///
/// The last line says how many tests passed, failed and were skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask ci format clippy")]
pub(crate) struct Args {
    /// These gates alone.
    gates: Vec<Gate>,

    /// A part of the tests, or of those in a browser: options for `cargo nextest run`, or for
    /// `playwright test`. Coverage is not judged then. Nothing means all of them.
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Gate {
    /// The code is formatted.
    Format,
    /// The compiler and clippy have nothing to say.
    Clippy,
    /// The documentation builds without a warning, and its examples work.
    Documentation,
    /// The tests pass and reach enough of the code.
    Tests,
    /// The pages are right in a browser.
    Browser,
}

/// `cargo xtask ci`.
pub(crate) fn run(args: &Args) -> ExitCode {
    let gates = if args.gates.is_empty() {
        Gate::value_variants()
    } else {
        &args.gates
    };
    let mut summary = Summary::default();
    let verdict = gates
        .iter()
        .try_for_each(|gate| gate.run(&args.filter, &mut summary));
    if let Err(error) = &verdict {
        output::error(&format!("{error:#}"));
    }
    if gates.iter().any(|gate| gate.counts_tests()) {
        output::line(&summary.to_string());
    }
    if verdict.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Gate {
    fn run(self, filter: &str, summary: &mut Summary) -> anyhow::Result<()> {
        let name = self.name();
        output::line(&format!("== {name}"));
        let start = Instant::now();
        let verdict = match self {
            Self::Format => cargo("fmt --all --check"),
            Self::Clippy => cargo("clippy --workspace --all-targets --locked -- -D warnings"),
            Self::Documentation => {
                cargo("doc --workspace --no-deps --document-private-items --locked")
                    .and_then(|()| cargo("test --doc --locked -p staticfiles"))
            }
            Self::Tests => run_tests(filter, summary),
            Self::Browser => browser::run_all(filter, summary),
        };
        let seconds = start.elapsed().as_secs_f64();
        let ended = if verdict.is_ok() { "passed" } else { "failed" };
        output::line(&format!("== {name} {ended} after {seconds:.1} s"));
        verdict.with_context(|| format!("gate failed: {name}"))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::Documentation => "documentation",
            Self::Tests => "tests",
            Self::Browser => "browser",
        }
    }

    fn counts_tests(self) -> bool {
        matches!(self, Self::Tests | Self::Browser)
    }
}

fn cargo(arguments: &str) -> anyhow::Result<()> {
    let mut command = process::command("cargo", &[]);
    command.args(arguments.split(' '));
    process::run(command.env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// Runs the tests. Coverage is measured if the tools are there and all tests run, since the
/// coverage of a part says nothing.
fn run_tests(filter: &str, summary: &mut Summary) -> anyhow::Result<()> {
    let (suite, mut skips) = Suite::prepare();
    let tools = if filter.is_empty() {
        skip::or_skip(Tools::find(), "coverage", &mut skips)
    } else {
        output::line(&format!("only {filter}, and without coverage"));
        None
    };
    skip::report(&skips)?;
    let recorded = if skip::are_complete(&skips) {
        RecordedPercent::read()?
    } else {
        RecordedPercent(None)
    };
    let mut command = match &tools {
        Some(tools) => tools.run_tests(),
        None => suite::run_tests(),
    };
    let command = suite.configure(&mut command, "ci")?;
    command.args(filter.split_whitespace());
    // Colours would break the parsing of the summary.
    command.env("CARGO_TERM_COLOR", "never");
    let run = TestRun::of(command, &skips)?;
    *summary += run.summary.unwrap_or_default();
    let total = Total::find(&run.table);
    if let Some(total) = &total {
        output::line(total.line);
    }
    let written = match &tools {
        Some(tools) if total.is_some() => tools.write_cobertura(),
        _ => Ok(()),
    };
    run.judge(total.as_ref(), recorded).and(written)
}

/// The result of a test run.
struct TestRun {
    summary: Option<Summary>,
    table: String,
    has_succeeded: bool,
}

impl TestRun {
    /// Runs the tests, passes on nextest's lines, and keeps its summary and the coverage table.
    fn of(command: &mut Command, skips: &[Skip]) -> anyhow::Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("run the tests")?;
        let stdout = child.stdout.take().context("the output is a pipe")?;
        let stderr = child.stderr.take().context("the messages are a pipe")?;
        // Both pipes are read at the same time: a full one would stop the tests.
        let table = std::thread::spawn(move || read_table(stdout));
        let mut summary = None;
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line.context("read what the tests say")?;
            let line = String::from_utf8_lossy(&line);
            if let Some(line) = visible_line(&line, skips) {
                output::pass_on(&line);
            }
            summary = Summary::parse(&line).or(summary);
        }
        let status = child.wait().context("wait for the tests")?;
        Ok(Self {
            summary,
            table: table.join().unwrap_or_default(),
            has_succeeded: status.success(),
        })
    }

    fn judge(&self, total: Option<&Total<'_>>, recorded: RecordedPercent) -> anyhow::Result<()> {
        match (self.summary, total) {
            (None, _) => bail!("the tests did not run to their end"),
            (Some(Summary { failed, .. }), _) if failed > 0 => bail!("tests failed: {failed}"),
            _ if !self.has_succeeded => bail!("the tests passed, but their run failed"),
            (_, Some(total)) => recorded.compare(total),
            _ => Ok(()),
        }
    }
}

/// A line of `cargo nextest` as it is passed on; `None` for a test that passed. A skipped test gets
/// the reason.
fn visible_line<'a>(line: &'a str, skips: &[Skip]) -> Option<Cow<'a, str>> {
    let text = line.trim_start();
    if text.starts_with("PASS [") {
        return None;
    }
    let Some((_, name)) = text
        .strip_prefix("SKIP [")
        .and_then(|rest| rest.split_once(") "))
    else {
        return Some(line.into());
    };
    // Tests without a reason were left out by the caller's filter.
    let reason = suite::reason(name, skips)?;
    Some(format!("skipped: {name}: {reason}").into())
}

fn read_table(mut stdout: impl Read) -> String {
    let mut table = Vec::new();
    // After an error, only what was read before it can be judged.
    let _ = stdout.read_to_end(&mut table);
    String::from_utf8_lossy(&table).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::Need;

    /// A run as the shell plays it: what it says, what it prints, how it ends.
    #[track_caller]
    fn check(script: &str, expected: &str) {
        let run = TestRun::of(&mut process::command("sh", &["-c", script]), &[]).unwrap();
        let verdict = match run.judge(
            Total::find(&run.table).as_ref(),
            RecordedPercent(Some(85.0)),
        ) {
            Ok(()) => "passed".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_run_is_judged_by_its_tests_and_then_by_its_coverage() {
        let good = "echo 'Summary [ 1s] 2 tests run: 2 passed, 0 skipped' >&2";
        let bad = "echo 'Summary [ 1s] 2 tests run: 1 passed, 1 failed' >&2";
        let table = "echo TOTAL 1 1 0% 1 1 0% 100 21";
        check(good, "passed");
        check(&format!("{good}; {table} 84.50% -"), "passed");
        check(
            &format!("{good}; {table} 80.00% -"),
            "coverage: 80.00 % of the lines are tested, more than 80.00 % have to be",
        );
        check(&format!("{bad}; exit 100"), "tests failed: 1");
        check("exit 101", "the tests did not run to their end");
        check(
            &format!("{good}; exit 1"),
            "the tests passed, but their run failed",
        );
    }

    #[test]
    fn tests_that_did_not_run_are_named_with_the_reason() {
        let skips = [Skip {
            what: Need::OlderSite.tests(),
            reason: "not there".to_owned(),
            need: Some(Need::OlderSite),
        }];
        let visible_line = |line| visible_line(line, &skips);
        let skipped = "        SKIP [         ] (───) site::it older_site::its_admin_gets_in";
        let expected = "skipped: site::it older_site::its_admin_gets_in: not there";
        assert_eq!(visible_line(skipped).as_deref(), Some(expected));
        assert_eq!(
            visible_line("        PASS [   0.1s] (1/2) site::it pages::home"),
            None
        );
        let failed = "        FAIL [   0.1s] (1/2) site::it pages::home";
        assert_eq!(visible_line(failed).as_deref(), Some(failed));
    }
}
