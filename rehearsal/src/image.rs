//! Checks of the image: its contents, its configuration, and how it runs with little memory and few
//! rights.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use xtask::{process, version};

use crate::engine::Engine;
use crate::pipeline::Checkout;
use crate::wait::until;
use crate::{http, random};

const MAX_BYTES: u64 = 42_000_000;

/// If a stop takes longer, the program has ignored the signal.
const MAX_STOP: Duration = Duration::from_secs(1);

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// What the program and the guides advise if the data would be lost.
const NAMED_VOLUME: &str = "-v oc-lettings-data:/data";

/// Everything that may be in the image. A name with a slash at its end is a folder with all of its
/// files.
const CONTENTS: [&str; 6] = [
    "oc-lettings",
    "LICENSE",
    "NOTICES",
    "staticfiles/",
    "etc/ssl/certs/ca-certificates.crt",
    "data/",
];

/// What Docker adds to every container.
const DOCKERS_OWN: [&str; 8] = [
    ".dockerenv",
    "dev/",
    "proc/",
    "sys/",
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/mtab",
];

/// Builds the image of the checked-out commit, with a secret in `.env` beside the sources.
pub(super) fn build(
    clone: &Checkout,
    environment: &BTreeMap<String, String>,
    marker: &str,
) -> anyhow::Result<String> {
    let example = clone.read(".env.example")?;
    let env = example.replace("SECRET_KEY=\n", &format!("SECRET_KEY={marker}{marker}\n"));
    fs::write(clone.folder.join(".env"), env)?;
    let (is_built, said) = clone.make(&["image"], environment)?;
    let last: Vec<_> = said.lines().rev().take(30).collect();
    ensure!(
        is_built,
        "{}",
        last.into_iter().rev().collect::<Vec<_>>().join("\n")
    );
    Ok("built".to_owned())
}

/// Checks size, configuration and contents of the image, and that no layer has the secret.
pub(super) fn inspect(engine: &Engine, image: &str, marker: &str) -> anyhow::Result<String> {
    let text = process::read(&mut engine.docker(&["image", "inspect", image]))?;
    let inspected: Value = serde_json::from_str(&text)?;
    let size = inspected[0]["Size"].as_u64().unwrap_or(u64::MAX);
    ensure!(
        size <= MAX_BYTES,
        "the image has {size} bytes, {MAX_BYTES} are the most"
    );
    check_configuration(&inspected[0]["Config"], image)?;
    let container = process::read(&mut engine.docker(&["create", image]))?;
    let container = container.trim();
    let files = list_files(engine.docker(&["export", container]));
    process::read(&mut engine.docker(&["rm", "--volumes", container]))?;
    let strangers: Vec<_> = files?
        .into_iter()
        .filter(|file| !is_expected(file))
        .collect();
    ensure!(
        strangers.is_empty(),
        "in the image there is also: {}",
        strangers.join(" ")
    );
    // All layers are searched, since one may hold a file that a later one removed.
    let mut save = engine.docker(&["save", image]);
    let mut save = save
        .stdout(Stdio::piped())
        .spawn()
        .context("run docker save")?;
    let layers = save.stdout.take().context("the output is a pipe")?;
    let mut grep = process::command("grep", &["--quiet", "--text", "--fixed-strings", marker]);
    let has_secret = process::succeeds(grep.stdin(layers));
    save.wait()?;
    ensure!(!has_secret, "a secret of .env is in a layer");
    Ok(format!("{:.1} MB", size_in_mb(size)))
}

#[expect(clippy::cast_precision_loss, reason = "a size to be shown")]
fn size_in_mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn check_configuration(config: &Value, image: &str) -> anyhow::Result<()> {
    let commit = image.rsplit(':').next().unwrap_or_default();
    let revision = &config["Labels"]["org.opencontainers.image.revision"];
    let label = &config["Labels"]["org.opencontainers.image.version"];
    let version = version::of_program(&process::repository())?;
    let health = serde_json::json!(["CMD", "/oc-lettings", "health"]);
    for (what, found, expected) in [
        ("user", &config["User"], "65532:65532"),
        ("folder", &config["WorkingDir"], "/data"),
        ("stop signal", &config["StopSignal"], "SIGTERM"),
        ("revision", revision, commit),
        ("version", label, version.as_str()),
    ] {
        ensure!(
            found == expected,
            "the image's {what} is {found}, not {expected}"
        );
    }
    ensure!(
        config["Cmd"] == serde_json::json!(["serve", "--migrate"]),
        "another command"
    );
    ensure!(
        config["Healthcheck"]["Test"] == health,
        "another health check"
    );
    ensure!(config["Volumes"]["/data"].is_object(), "/data is no volume");
    ensure!(
        config["ExposedPorts"]["8000/tcp"].is_object(),
        "port 8000 is not exposed"
    );
    let names = config["Env"].as_array().into_iter().flatten();
    for variable in names.filter_map(Value::as_str) {
        let name = variable.split('=').next().unwrap_or_default();
        ensure!(
            ["PATH", "STATIC_ROOT"].contains(&name),
            "the image sets {name}"
        );
    }
    Ok(())
}

fn list_files(mut export: Command) -> anyhow::Result<Vec<String>> {
    let mut export = export
        .stdout(Stdio::piped())
        .spawn()
        .context("run docker export")?;
    let archive = export.stdout.take().context("the output is a pipe")?;
    let list = process::read(process::command("tar", &["--list"]).stdin(archive))?;
    export.wait()?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn is_expected(file: &str) -> bool {
    CONTENTS.iter().chain(&DOCKERS_OWN).any(|expected| {
        let is_within = expected.ends_with('/') && file.starts_with(expected);
        // A folder above an expected file.
        let is_above = file.ends_with('/') && expected.starts_with(file);
        file == *expected || is_within || is_above
    })
}

/// Runs the image on a read-only root, without capabilities, in 64 MB.
pub(super) fn run_confined(
    engine: &Engine,
    clone: &Checkout,
    image: &str,
) -> anyhow::Result<String> {
    let port = process::free_port()?;
    let name = format!("confined-{}", random::word()?);
    let mut run = engine.docker(&["run", "--detach", "--name", &name]);
    run.args([
        "--read-only",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
    ])
    .args([
        "--memory",
        "64m",
        "--memory-swap",
        "64m",
        "--pids-limit",
        "64",
    ])
    .args(["--publish", &format!("127.0.0.1:{port}:8000"), "--env-file"])
    .arg(clone.folder.join(".env"))
    .arg(image);
    let started = Instant::now();
    process::read(&mut run)?;
    let seen = watch(engine, &name, port, started);
    process::succeeds(&mut engine.docker(&["rm", "--force", "--volumes", &name]));
    seen
}

fn watch(engine: &Engine, name: &str, port: u16, started: Instant) -> anyhow::Result<String> {
    let answers = || http::get(port, "/").is_ok_and(|answered| answered.status == 200);
    if !until(START_TIMEOUT, answers) {
        let logs = process::read(&mut engine.docker(&["logs", name]))?;
        bail!("no answer within {START_TIMEOUT:?}; it said: {logs}");
    }
    let start = started.elapsed();
    let home = http::get(port, "/")?;
    let style = home
        .body
        .split('"')
        .find(|word| word.starts_with("/static/"));
    let style = style.context("the home page names no static file")?;
    let file = http::get(port, style)?;
    ensure!(file.status == 200, "{style} was answered {}", file.status);
    let caching = file.header("Cache-Control");
    ensure!(
        caching.contains("immutable"),
        "{style} came with Cache-Control: {caching}"
    );
    for _ in 0..500 {
        let answered = http::get(port, "/lettings/")?;
        ensure!(
            answered.status == 200,
            "a list was answered {}",
            answered.status
        );
    }
    let health = || inspect_state(engine, name, "{{.State.Health.Status}}");
    if !until(START_TIMEOUT, || {
        health().is_ok_and(|health| health == "healthy")
    }) {
        bail!("the health check says {}", health()?);
    }
    let memory = process::read(&mut engine.docker(&[
        "stats",
        "--no-stream",
        "--format",
        "{{.MemUsage}}",
        name,
    ]))?;
    let stopping = Instant::now();
    process::read(&mut engine.docker(&["stop", "--time", "30", name]))?;
    let stop = stopping.elapsed();
    let state = inspect_state(engine, name, "{{.State.ExitCode}} {{.State.OOMKilled}}")?;
    ensure!(
        state == "0 false",
        "exit code and whether memory ran out: {state}"
    );
    ensure!(
        stop <= MAX_STOP,
        "the stop took {:.2} s",
        stop.as_secs_f64()
    );
    Ok(format!(
        "first page after {:.2} s, {} used, stopped after {:.2} s",
        start.as_secs_f64(),
        memory.trim(),
        stop.as_secs_f64()
    ))
}

/// Runs the image by the shortest command, which loses its data at the end, and checks that the
/// program says so.
pub(super) fn run_literally(
    engine: &Engine,
    clone: &Checkout,
    image: &str,
) -> anyhow::Result<String> {
    let name = format!("literal-{}", random::word()?);
    let mut run = engine.docker(&["run", "--rm", "--name", &name, "--env-file", ".env"]);
    run.args(["-p", "8000:8000", image])
        .current_dir(&clone.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = run.spawn().context("run docker")?;
    let answers = || http::get(8000, "/").is_ok_and(|answered| answered.status == 200);
    let is_well = until(START_TIMEOUT, answers);
    process::succeeds(&mut engine.docker(&["stop", &name]));
    let output = child.wait_with_output().context("wait for docker")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(is_well, "no answer on port 8000; it said: {said}");
    let advice = said.lines().find(|line| line.contains(NAMED_VOLUME));
    let advice = advice.with_context(|| format!("it does not say how to keep the data: {said}"))?;
    Ok(advice.trim().to_owned())
}

fn inspect_state(engine: &Engine, name: &str, format: &str) -> anyhow::Result<String> {
    let state = process::read(&mut engine.docker(&["inspect", "--format", format, name]))?;
    Ok(state.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_in_the_image_are_found() {
        for file in [
            "oc-lettings",
            "staticfiles/",
            "staticfiles/site.css",
            "etc/",
            "etc/ssl/",
        ] {
            assert!(is_expected(file), "{file}");
        }
        for file in [
            "bin/sh",
            "oc-lettings-old",
            "etc/passwd",
            "root/",
            "etc/ssl/private/key",
        ] {
            assert!(!is_expected(file), "{file}");
        }
    }
}
