//! A hundred thousand requests that are not quite requests, and five thousand enquiries that nobody should
//! send, for the release build: the tests of the site that send them, with more of them.

use anyhow::Context as _;
use xtask::process;

use crate::report::Report;

/// The tests: how to find each, and the variable that says how many it sends.
const TESTS: [(&str, &str, &str); 2] = [
    (
        "requests_that_are_not_quite_requests_do_no_harm",
        "MUTATIONS",
        "100000",
    ),
    (
        "hostile_forms::sqlite::forms_that_nobody_should_send_do_no_harm",
        "HOSTILE_FORMS",
        "5000",
    ),
];

const ARGUMENTS: [&str; 6] = ["test", "--quiet", "--package", "site", "--test", "it"];

/// Runs the tests, each of which fails at the first thing that is not as it has to be.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    for (test, variable, number) in TESTS {
        let output = process::read(
            process::command("cargo", &ARGUMENTS)
                .args([test, "--", "--nocapture"])
                .env(variable, number)
                .env("MUTATIONS_PROGRAM", program),
        )
        .with_context(|| format!("run {test}"))?;
        report.line("");
        report.line(&format!("{test}, with the release build:"));
        for line in output.lines().filter(|line| !line.is_empty()) {
            report.line(&format!("  {line}"));
        }
    }
    Ok(())
}
