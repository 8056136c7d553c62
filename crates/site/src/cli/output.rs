//! What commands print: results on standard output, errors on standard error.

use std::io::Write as _;

/// A line of a command's result. A reader that went away is no error of ours.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Why a command failed.
pub(super) fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}
