//! Running other programs, and what this process knows of itself.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The root of the repository. Cargo sets the variable for the programs that it runs. Its value at
/// compile time may be of another checkout that shares the target folder.
pub fn repository() -> PathBuf {
    let manifest = variable("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest)
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// A program that will run in the root of the repository and is given no input.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .args(arguments)
        .current_dir(repository())
        .stdin(Stdio::null());
    // These variables are about this program's own package. A cargo that is started from here would
    // take them for a change of what ring's build script reads, and would rebuild everything that
    // needs ring.
    for (name, _) in variables() {
        let bytes = name.as_encoded_bytes();
        if bytes.starts_with(b"CARGO_PKG_") || bytes.starts_with(b"CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// Clears the environment of a program, except for the named variables.
pub fn isolate(command: &mut Command, kept: &[&str]) {
    command.env_clear();
    for name in kept {
        if let Some(value) = variable(name) {
            command.env(name, value);
        }
    }
}

/// Runs a program that prints for itself.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("run {}", display_command(command)))?;
    if !status.success() {
        bail!("{} failed: {status}", display_command(command));
    }
    Ok(())
}

/// Runs a program silently, and returns its standard output. If it fails, the error holds its
/// standard error.
pub fn read(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .output()
        .with_context(|| format!("run {}", display_command(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let complaint = complaint.trim();
        bail!(
            "{} failed: {}: {complaint}",
            display_command(command),
            output.status
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Builds a program of this workspace, and returns its path.
pub fn build(target: &[&str]) -> anyhow::Result<String> {
    let mut cargo = command("cargo", &["build", "--locked"]);
    cargo
        .args(target)
        .arg("--message-format=json-render-diagnostics");
    cargo.stderr(Stdio::inherit());
    let messages = read(&mut cargo)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| Some(message.get("executable")?.as_str()?.to_owned()))
        .context("cargo did not tell where the program is")
}

/// Whether a program runs and succeeds. Its output is discarded.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The path at which the shell finds a program.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = read(&mut command("sh", &["-c", "command -v \"$0\"", program])).ok()?;
    Some(path.trim().into())
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    read(&mut command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// Whether this is a run in CI (`CI=true`), where a check that cannot run is a failure.
pub fn is_ci() -> bool {
    variable("CI").is_some_and(|value| value == "true")
}

/// The value of `PATH`.
pub fn path() -> String {
    text_of("PATH")
}

/// Cargo's home, with its downloads.
pub fn cargo_home() -> String {
    let home = text_of("CARGO_HOME");
    if home.is_empty() {
        format!("{}/.cargo", text_of("HOME"))
    } else {
        home
    }
}

fn text_of(name: &str) -> String {
    let value = variable(name).unwrap_or_default();
    value.to_string_lossy().into_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the settings are the site's; what is read here is about the automation"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[expect(clippy::disallowed_methods, reason = "likewise")]
fn variables() -> std::env::VarsOs {
    std::env::vars_os()
}

/// Keeps Ctrl-C from ending this process, which goes on to stop its servers and remove its folders.
/// The programs that it has started get the signal from the terminal too, and end.
pub fn outlive_interrupts() -> anyhow::Result<()> {
    let unused = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, unused)
        .context("listen for interrupts")?;
    Ok(())
}

/// A port of loopback that nobody listens on now.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?;
    Ok(listener.local_addr()?.port())
}

/// A command as one would type it, near enough for a message.
fn display_command(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_not_told_of_this_package() {
        assert!(variables().any(|(name, _)| name == "CARGO_PKG_NAME"));
        let told = read(&mut command("env", &[])).unwrap();
        let of_package =
            |line: &str| line.starts_with("CARGO_PKG_") || line.starts_with("CARGO_MANIFEST_");
        assert!(!told.lines().any(of_package), "{told}");
    }

    #[test]
    fn an_isolated_program_has_what_is_named_alone() {
        let mut command = command("/usr/bin/env", &[]);
        isolate(command.env("MINE", "1"), &["PATH"]);
        let told = read(&mut command).unwrap();
        let names: Vec<_> = told
            .lines()
            .filter_map(|line| line.split('=').next())
            .collect();
        assert_eq!(names, ["PATH"]);
    }

    #[test]
    fn a_failed_program_is_named_with_what_it_said() {
        let error = read(&mut command("sh", &["-c", "echo why >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("`sh -c echo why"), "{text}");
        assert!(text.ends_with("exit status: 3: why"), "{text}");
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find("sh").is_some());
        assert!(find("no-program-has-this-name").is_none());
    }
}
