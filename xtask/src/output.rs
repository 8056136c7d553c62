//! What is printed. The one place that writes to the terminal.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the one place that prints"
)]

/// Prints a line of the report.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints what went wrong.
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}

/// Passes on a line of a program that was started here.
pub(crate) fn pass_on(text: &str) {
    eprintln!("{text}");
}
