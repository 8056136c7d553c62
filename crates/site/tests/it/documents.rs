//! The documents that are made from the code, and those that have to agree with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use server::{DEFAULT_REQUEST_MEMORY_BYTES, Limits};
use site::settings::document::{env_example, readme_table};

const START: &str = "<!-- settings -->\n";
const END: &str = "<!-- /settings -->";

/// With `BLESS=1` writes them anew.
#[test]
fn settings_are_documented() {
    let readme = read("README.md");
    let (before, rest) = readme.split_once(START).expect("the README has the mark");
    let (_, after) = rest.split_once(END).expect("the README has the end mark");
    let readme = format!("{before}{START}{}{END}{after}", readme_table());
    check(".env.example", &env_example());
    check("README.md", &readme);
}

/// What Docker's `--env-file` and dotenv read alike.
#[test]
fn the_example_holds_bare_assignments_and_comments() {
    for line in env_example().lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        let is_comment = line.is_empty() || line.starts_with(' ');
        let is_bare = line.split_once('=').is_some_and(|(name, value)| {
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
                && !value.contains(['"', '\'', '#', ' '])
        });
        assert!(is_comment || is_bare, "{line}");
    }
}

#[test]
fn the_guide_names_the_limits_that_there_are() {
    let limits = Limits::production();
    let guide = read("docs/single-host.md");
    let seconds = |duration: Duration| format!("{} s", duration.as_secs());
    for (limit, default) in [
        ("connections in all", limits.max_connections.to_string()),
        (
            "connections of one address (IPv6: one /64)",
            limits.max_connections_per_address.to_string(),
        ),
        (
            "requests in flight",
            limits.max_requests_in_flight.to_string(),
        ),
        (
            "request line",
            format!("{} KiB", limits.max_request_line_bytes / 1024),
        ),
        (
            "request head",
            format!(
                "{} KiB, {} lines",
                limits.max_header_bytes / 1024,
                limits.max_headers
            ),
        ),
        ("request body of a stranger", "16 KiB".to_owned()),
        ("request body of staff", "256 KiB".to_owned()),
        (
            "what all requests keep in memory (`REQUEST_MEMORY`)",
            format!("{} MB", DEFAULT_REQUEST_MEMORY_BYTES / 1024 / 1024),
        ),
        (
            "time for a request's head",
            seconds(limits.header_read_timeout),
        ),
        ("silence between two requests", seconds(limits.idle_timeout)),
        (
            "pause within a request's body",
            seconds(limits.body_read_timeout),
        ),
        (
            "time for an answer to begin, without the waiting for the body",
            seconds(limits.request_timeout),
        ),
        (
            "pause in taking an answer",
            seconds(limits.write_stall_timeout),
        ),
        (
            "waiting for a body, or for an answer to be taken, in all",
            format!(
                "{}, and a second for each KiB moved",
                seconds(limits.slow_grace)
            ),
        ),
        (
            "requests in flight at the stop",
            seconds(limits.shutdown_grace),
        ),
    ] {
        let row = format!("\n| {limit} | {default} | ");
        assert!(guide.contains(&row), "no row begins with {row}");
    }
    assert_eq!(limits.min_bytes_per_second, 1024);
}

/// Where systemd is installed it reads the unit files; it complains of what it does not know, and
/// goes on.
#[test]
fn systemd_analyze_understands_the_unit_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for name in ["oc-lettings.socket", "oc-lettings.service"] {
        let text = read(&format!("docs/systemd/{name}"));
        assert!(!text.is_empty(), "{name}");
        // The program has to be there.
        let program = env!("CARGO_BIN_EXE_oc-lettings");
        let text = text.replace("/usr/local/bin/oc-lettings", program);
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        names.push(path);
    }
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(&names)
        .output()
        .expect("systemd-analyze is there");
    let complaints = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success(), "{complaints}");
    assert_eq!(complaints, "");
}

fn check(name: &str, expected: &str) {
    if crate::support::variable("BLESS").is_some() {
        fs::write(path(name), expected).unwrap();
    }
    assert_eq!(
        read(name),
        expected,
        "{name} is behind the code: run `cargo xtask bless`"
    );
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}
