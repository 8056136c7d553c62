//! What the request log and the metrics cost: the site with them beside the site without.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use xtask::process;
use xtask::server::{DATABASE, Site};

use crate::load::{Load, MeasuredServer, SECONDS, WRK, median};
use crate::report::Report;

const PAGE: &str = "/";
/// Odd, so that one of them is the median; many, since the difference is small.
const ROUNDS: usize = 15;

/// Measures a program that logs each request as JSON to a file beside one that does not log.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let wrk = process::find("wrk").context("wrk was not found: apt-get install wrk")?;
    let without_log =
        process::build(&["--release", "--package", "site", "--example", "without_log"])?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path();
    let site = Site { program, folder };
    site.run("migrate")?;
    site.run("demo")?;
    let log = File::create(folder.join("log")).context("make a file for the log")?;
    let reporting = log.try_clone().context("open the log twice")?;
    let mut watched = command(folder, program);
    watched.args(["serve", "--bind"]);
    let mut with_reports = command(folder, program);
    with_reports.env("SENTRY_DSN", UNUSED_DSN);
    with_reports.args(["serve", "--bind"]);
    let servers = [
        start("unwatched", command(folder, &without_log), Stdio::null())?,
        start("watched", watched, log.into())?,
        start("reporting", with_reports, reporting.into())?,
    ];
    report.line("");
    report.line(&format!(
        "wrk {} -d{SECONDS}s {PAGE}, {ROUNDS} rounds in turn; us: user and system time of the \
         server, the thread that writes the log among it, a request; `reporting` is watched and \
         has a SENTRY_DSN, though nothing to report",
        WRK.join(" ")
    ));
    let mut loads = servers.each_ref().map(|_| Vec::new());
    for round in 0..ROUNDS {
        for turn in 0..servers.len() {
            // Another server is the first in each round, so that disturbances hit all alike.
            let index = (round + turn) % servers.len();
            let load = servers[index].load(&wrk, PAGE, "identity")?;
            report.line(&line(servers[index].name, load));
            loads[index].push(load);
        }
    }
    let medians = loads.each_ref().map(|runs| {
        (
            median(runs.iter().map(|run| run.requests_per_second)),
            median(runs.iter().map(|run| run.processor_us)),
        )
    });
    report.line("");
    report.line("medians, and what they are worse than unwatched:");
    for (server, (per_second, us)) in servers.iter().zip(medians) {
        report.line(&format!(
            "{:<10} {per_second:>8.0}/s {us:>8.2} us  {:>5.1} % of the throughput {:>5.1} % of \
             the processor",
            server.name,
            (1.0 - per_second / medians[0].0) * 100.0,
            (us / medians[0].1 - 1.0) * 100.0,
        ));
    }
    Ok(())
}

/// A DSN at which nobody listens: there is nothing to report.
const UNUSED_DSN: &str = "http://key@127.0.0.1:9/1";

fn command(folder: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("SECRET_KEY", "for-the-measurement")
        .env("ALLOWED_HOSTS", "127.0.0.1")
        .env("DATABASE_URL", format!("sqlite:///{DATABASE}"))
        .env("LOG_FORMAT", "json");
    command
}

fn start(name: &'static str, mut command: Command, log: Stdio) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    command.arg(format!("127.0.0.1:{port}"));
    MeasuredServer::start_logging(name, port, &mut command, log)
}

fn line(name: &str, load: Load) -> String {
    format!(
        "{name:<10} {:>8.0}/s  p99 {:>8.2} ms {:>8.2} us  others {:>3.0} %",
        load.requests_per_second,
        load.p99_us / 1e3,
        load.processor_us,
        load.others_percent,
    )
}
