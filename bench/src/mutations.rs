//! A hundred thousand requests that are not quite requests, for the release build: the test of the
//! site that sends them, with more of them.

use anyhow::Context as _;
use xtask::process;

use crate::report::Report;

const NUMBER: &str = "100000";
const TEST: &str = "requests_that_are_not_quite_requests_do_no_harm";
const ARGUMENTS: [&str; 9] = [
    "test",
    "--quiet",
    "--package",
    "site",
    "--test",
    "it",
    "mutations",
    "--",
    "--nocapture",
];

/// Runs the test, which fails at the first thing that is not as it has to be.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let output = process::read(
        process::command("cargo", &ARGUMENTS)
            .env("MUTATIONS", NUMBER)
            .env("MUTATIONS_PROGRAM", program),
    )
    .with_context(|| format!("run {TEST}"))?;
    report.line("");
    report.line(&format!("{TEST}, with the release build:"));
    for line in output.lines().filter(|line| !line.is_empty()) {
        report.line(&format!("  {line}"));
    }
    Ok(())
}
