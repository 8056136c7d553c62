//! `licenses`: under which terms the program and what it is made of are used.

use std::io::Write as _;

/// Prints the licence of the program and the notices of everything it is built from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings licenses > licenses.txt")]
pub(super) struct Args {}

/// The licence of the project.
const OWN_LICENCE: &str = include_str!("../../../../LICENSE");
/// What `cargo xtask licenses` has found in the sources of the crates.
const THIRD_PARTY_NOTICES: &str = include_str!("../../licenses/third-party.txt");

pub(super) fn run(_args: &Args) {
    // A reader that closed the pipe is no error of ours.
    let _ = write!(std::io::stdout(), "{OWN_LICENCE}\n\n{THIRD_PARTY_NOTICES}");
}
