//! The documents that are made from the code, and those that have to agree with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use server::{DEFAULT_REQUEST_MEMORY_BYTES, Limits};
use site::settings::document::env_example;

use crate::support::database::of_the_older_site;
use crate::support::program::keep_profile;

/// With `BLESS=1` writes it anew.
#[test]
fn the_example_has_every_setting() {
    check(".env.example", &env_example());
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
    let guide = read("docs/en/running/settings.md");
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

/// What the pages say to whoever moves from Django, makes backups and goes back is run as it is
/// written, on a database of the older site. The rehearsal runs what needs Docker and Render.
#[tokio::test]
async fn the_commands_of_the_pages_work() {
    let database = of_the_older_site("modular").await;
    let folder = database.folder.path();
    let env = "ALLOWED_HOSTS=example.com\nDATABASE_URL=sqlite:///site.sqlite3\n\
               SECRET_KEY=tulip-anchor-nine-lanterns-over-the-quiet-harbour-3\n";
    fs::write(folder.join(".env"), env).unwrap();
    for page in [
        "running/settings.md",
        "moving/README.md",
        "running/backups.md",
        "moving/back.md",
    ] {
        let text = read(&format!("docs/en/{page}"));
        let lines = text.lines().map(str::trim_start);
        let commands: Vec<_> = lines.filter_map(|line| line.strip_prefix("$ ")).collect();
        assert!(!commands.is_empty(), "{page}");
        for command in commands {
            let said = shell(folder, command).output().unwrap();
            let error = String::from_utf8_lossy(&said.stderr);
            assert!(said.status.success(), "{command}\n{error}");
        }
    }
}

/// A shell that finds this program.
fn shell(folder: &Path, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_oc-lettings"));
    let programs = program.parent().unwrap().display();
    let mut shell = Command::new("sh");
    shell
        .args(["-ec", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{programs}:/usr/bin:/bin"));
    keep_profile(&mut shell);
    shell
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

pub(crate) fn check(name: &str, expected: &str) {
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
