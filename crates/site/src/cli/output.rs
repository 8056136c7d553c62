//! What commands print: results on standard output, errors on standard error.

use std::io::Write as _;

/// Prints a line of a command's result. A reader that closed the pipe is no error of ours.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints why a command failed.
pub(super) fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}
