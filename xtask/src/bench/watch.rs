//! What the request log and the metrics cost: the site with them beside the site without.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::load::{Load, SECONDS, Server, WRK, median};
use super::report::Report;
use super::server::{DATABASE, Site};
use crate::process;

const PAGE: &str = "/";
/// Odd, so that there is one in the middle; many, since the difference is small.
const ROUNDS: usize = 21;

/// Measures a program that logs each request as JSON to a file beside one that does not log.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let wrk = process::find("wrk").context("wrk was not found: apt-get install wrk")?;
    let unwatched = super::build(&["--package", "site", "--example", "unwatched"])?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path();
    let site = Site { program, folder };
    site.run("migrate")?;
    site.run("demo")?;
    let log = File::create(folder.join("log")).context("make a file for the log")?;
    let servers = [
        start("watched", folder, program, &["serve", "--bind"], log.into())?,
        start("unwatched", folder, &unwatched, &[], Stdio::null())?,
    ];
    report.line("");
    report.line(&format!(
        "wrk {} -d{SECONDS}s {PAGE}, {ROUNDS} rounds in turn; us: user and system time of the \
         server, the thread that writes the log among it, a request",
        WRK.join(" ")
    ));
    let mut loads = servers.each_ref().map(|_| Vec::new());
    for round in 0..ROUNDS {
        for turn in 0..servers.len() {
            // Who goes first changes, so that neither has the better moments.
            let index = (round + turn) % servers.len();
            let load = servers[index].load(&wrk, PAGE, "identity")?;
            report.line(&line(servers[index].name, load));
            loads[index].push(load);
        }
    }
    let [watched, unwatched] = loads.each_ref().map(|runs| {
        (
            median(runs.iter().map(|run| run.requests_per_second)),
            median(runs.iter().map(|run| run.processor_us)),
        )
    });
    report.line("");
    report.line(&format!(
        "medians: watched {:.0}/s and {:.2} us, unwatched {:.0}/s and {:.2} us: {:.1} % of the \
         throughput, {:.1} % of the processor",
        watched.0,
        watched.1,
        unwatched.0,
        unwatched.1,
        (1.0 - watched.0 / unwatched.0) * 100.0,
        (watched.1 / unwatched.1 - 1.0) * 100.0,
    ));
    Ok(())
}

fn start(
    name: &'static str,
    folder: &Path,
    program: &str,
    arguments: &[&str],
    log: Stdio,
) -> anyhow::Result<Server> {
    let port = process::free_port()?;
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("SECRET_KEY", "for-the-measurement")
        .env("ALLOWED_HOSTS", "127.0.0.1")
        .env("DATABASE_URL", format!("sqlite:///{DATABASE}"))
        .env("LOG_FORMAT", "json")
        .args(arguments)
        .arg(format!("127.0.0.1:{port}"));
    Server::start_logging(name, port, &mut command, log)
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
