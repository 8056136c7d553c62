//! Prints. This is the one place that writes to the terminal.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the one place that prints"
)]

use std::process::ExitCode;

/// Prints a line of the report.
pub fn line(text: &str) {
    println!("{text}");
}

/// The exit code for a command's result. An error is printed.
pub fn exit_code(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        self::error(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}

/// Prints an error.
pub fn error(text: &str) {
    eprintln!("error: {text}");
}

/// Passes on a line of a program that was started here.
pub fn pass_on(text: &str) {
    eprintln!("{text}");
}
