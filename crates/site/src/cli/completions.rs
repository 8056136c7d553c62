//! `completions`: what a shell completes behind `oc-lettings`.

use std::io::Write as _;

use clap_complete::Shell;

/// Prints a script with which a shell completes commands and options.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings completions bash > ~/.local/share/bash-completion/completions/oc-lettings"
)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

/// How the script for bash calls the program where it finds a command, and where it looks for one: in
/// `clap_complete` 4.6 a name with a hyphen is two names (<https://github.com/clap-rs/clap/issues/6421>).
const NAMES: (&str, &str) = ("oc__subcmd__lettings", "oc__lettings");

pub(super) fn run(args: &Args, mut command: clap::Command) {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let script = String::from_utf8_lossy(&script).replace(NAMES.0, NAMES.1);
    // A reader that closed the pipe is no error of ours.
    let _ = write!(std::io::stdout(), "{script}");
}
