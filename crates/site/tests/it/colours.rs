//! Colours: on a terminal alone, and nowhere when `NO_COLOR` says so (<https://no-color.org>).

use std::io::Read as _;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::program::{command, run};

/// A warning of the settings makes a line of the log, whatever the command.
const QUOTED: (&str, &str) = ("PORT", "\"8000\"");
const TERMINAL: (&str, &str) = ("TERM", "xterm-256color");

/// The help, an error of usage, a line of the log, and long work with its progress.
const COMMANDS: [&[&str]; 4] = [
    &["--help"],
    &["nonsense"],
    &["check", "--tag", "security"],
    &["backup", "kept"],
];

/// What a command writes to a terminal.
fn on_terminal(variables: &[(&str, &str)], args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[], &["migrate"]);
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let side = std::fs::File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut child = command(folder.path(), &[&[QUOTED, TERMINAL], variables].concat())
        .args(args)
        .stdin(Stdio::null())
        .stdout(side.try_clone().unwrap())
        .stderr(side)
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    // A terminal whose other side is closed is an error to read, and all was read by then.
    let _ = std::fs::File::from(terminal).read_to_end(&mut said);
    child.wait().unwrap();
    assert!(!said.is_empty(), "{args:?}");
    String::from_utf8(said).unwrap()
}

/// Whether a text has a sequence that chooses colours or weights: `ESC [ … m`.
fn is_coloured(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';');
        end.is_some_and(|end| rest[end..].starts_with('m'))
    })
}

#[test]
fn a_terminal_has_colours_unless_no_color_has_a_value() {
    for args in COMMANDS {
        assert!(is_coloured(&on_terminal(&[], args)), "{args:?}");
        assert!(
            is_coloured(&on_terminal(&[("NO_COLOR", "")], args)),
            "{args:?}"
        );
        for value in ["1", "0", "false"] {
            let said = on_terminal(&[("NO_COLOR", value)], args);
            assert!(!is_coloured(&said), "{args:?}: {said:?}");
        }
    }
}

#[test]
fn a_pipe_has_neither_colours_nor_progress() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[], &["migrate"]);
    for args in COMMANDS {
        let run = run(folder.path(), &[QUOTED, TERMINAL], args);
        let said = run.out + &run.err;
        assert!(!said.contains('\u{1b}'), "{args:?}: {said:?}");
    }
}

#[test]
fn sequences_are_told_apart() {
    assert!(is_coloured("\u{1b}[1;32mgreen") && is_coloured("a\u{1b}[2K\u{1b}[0m"));
    assert!(!is_coloured("a\u{1b}[2Kb\u{1b}[1A m") && !is_coloured("m"));
}
