//! What visitors notice of a PostgreSQL that is stopped for ten seconds.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use xtask::client::Client;
use xtask::postgres::Postgres;
use xtask::process;
use xtask::server::Site;

use crate::report::{Report, milliseconds, percentile};

/// How many visitors ask at once, each on a connection of its own, one page after the other.
const VISITORS: usize = 32;
const BEFORE: Duration = Duration::from_secs(3);
const OUTAGE: Duration = Duration::from_secs(10);
const AFTER: Duration = Duration::from_secs(6);
const PAGES: [&str; 3] = ["/lettings/", "/lettings/1/", "/profiles/"];

/// The site's secret key. The site would log a warning about a well-known one.
const SECRET_KEY: &str = "of-this-measurement-alone-0123456789-abcdefghijklmnop";

/// The promise: during the outage no failed answer takes longer, and none fails this long after it.
const LIMIT: Duration = Duration::from_secs(2);

/// One answer, with the times since the beginning of the load.
#[derive(Debug, Clone, Copy)]
struct TimedResponse {
    asked: Duration,
    took: Duration,
    status: u16,
}

/// The times of an outage, since the beginning of the load.
#[derive(Debug, Clone, Copy)]
struct Outage {
    /// The server was told to stop.
    begin: Duration,
    /// It accepts connections again.
    end: Duration,
}

/// Stops the server once in good order and once as in a crash.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    report.line(&format!(
        "{VISITORS} connections ask for {} in turn; PostgreSQL is stopped for {OUTAGE:?}",
        PAGES.join(" ")
    ));
    for mode in ["fast", "immediate"] {
        report.line("");
        report.line(&format!("pg_ctl stop -m {mode}"));
        let folder = tempfile::tempdir().context("make a folder for the site")?;
        let postgres = Postgres::start()?;
        let log = folder.path().join("log");
        let (answers, outage) = run(program, folder.path(), &postgres, mode)?;
        report_seconds(&answers, report);
        let failed = answers.iter().filter(|answer| answer.status == 503).count();
        report_log(&log, failed, report)?;
        judge(&answers, outage, report)?;
    }
    Ok(())
}

fn run(
    program: &str,
    folder: &Path,
    postgres: &Postgres,
    mode: &str,
) -> anyhow::Result<(Vec<TimedResponse>, Outage)> {
    let site = Site { program, folder };
    let url = postgres.url();
    for command in ["migrate", "demo"] {
        let mut command_line = site.command();
        process::read(command_line.env("DATABASE_URL", &url).arg(command))?;
    }
    let log = File::create(folder.join("log")).context("make the site's log")?;
    let mut server = site.serve_with(|command| {
        command
            .env("DATABASE_URL", &url)
            .env("SECRET_KEY", SECRET_KEY);
        command
            .env("LOG_FORMAT", "json")
            .env("LOG_LEVEL", "warning");
        command.stderr(log);
    })?;
    drop(server.first_answer(PAGES[0])?);
    let (address, start, is_over) = (server.address(), Instant::now(), AtomicBool::new(false));
    let (answers, outage) = thread::scope(|scope| {
        let visit = || visit(address, start, &is_over);
        let visitors: Vec<_> = (0..VISITORS).map(|_| scope.spawn(visit)).collect();
        let outage = stop_and_start(postgres, mode, start);
        is_over.store(true, Ordering::Relaxed);
        let mut answers = Vec::new();
        for visitor in visitors {
            match visitor.join() {
                Ok(seen) => answers.extend(seen?),
                Err(_) => bail!("a visitor panicked"),
            }
        }
        Ok((answers, outage?))
    })?;
    server.stop()?;
    Ok((answers, outage))
}

fn stop_and_start(postgres: &Postgres, mode: &str, start: Instant) -> anyhow::Result<Outage> {
    thread::sleep(BEFORE);
    let begin = start.elapsed();
    postgres.stop(mode)?;
    thread::sleep((begin + OUTAGE).saturating_sub(start.elapsed()));
    postgres.start_again()?;
    let end = start.elapsed();
    thread::sleep(AFTER);
    Ok(Outage { begin, end })
}

/// Asks for one page after the other until it is over.
fn visit(
    address: SocketAddr,
    start: Instant,
    is_over: &AtomicBool,
) -> anyhow::Result<Vec<TimedResponse>> {
    let mut client = Client::connect(address)?;
    let mut answers = Vec::new();
    for page in PAGES.iter().cycle() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let (asked, clock) = (start.elapsed(), Instant::now());
        let status = client.get(page)?;
        let took = clock.elapsed();
        answers.push(TimedResponse {
            asked,
            took,
            status,
        });
    }
    Ok(answers)
}

/// Reports for each second in which requests were sent: the answers by status, with the median and
/// the longest time.
fn report_seconds(answers: &[TimedResponse], report: &mut Report) {
    let mut seconds: BTreeMap<u64, BTreeMap<u16, Vec<Duration>>> = BTreeMap::new();
    for TimedResponse {
        asked,
        took,
        status,
    } in answers
    {
        let second = seconds.entry(asked.as_secs()).or_default();
        second.entry(*status).or_default().push(*took);
    }
    report.line("asked in second: answers by status, median and longest");
    for (second, statuses) in seconds {
        let parts = statuses.into_iter().map(|(status, mut times)| {
            times.sort_unstable();
            let (median, longest) = (percentile(&times, 50), percentile(&times, 100));
            format!(
                "{:>6} x {status} ({}, {})",
                times.len(),
                milliseconds(median),
                milliseconds(longest)
            )
        });
        let parts: Vec<_> = parts.collect();
        report.line(&format!("{second:>4}  {}", parts.join("  ")));
    }
}

/// Checks that the log has one line for each failed request, and no others.
fn report_log(log: &Path, failed: usize, report: &mut Report) -> anyhow::Result<()> {
    let log = std::fs::read_to_string(log).context("read the site's log")?;
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let key = format!(
            "{} {} {}",
            text("level"),
            text("message"),
            text("error.cause")
        );
        *lines.entry(key).or_default() += 1;
    }
    report.line(&format!("{failed} answers were 503; the log:"));
    for (line, count) in &lines {
        report.line(&format!("{count:>6} x {line}"));
    }
    let all: usize = lines.values().sum();
    if all != failed {
        bail!("{all} lines tell of {failed} failures");
    }
    Ok(())
}

fn judge(answers: &[TimedResponse], outage: Outage, report: &mut Report) -> anyhow::Result<()> {
    let is_bad = |answer: &&TimedResponse| answer.status != 200;
    let longest = answers
        .iter()
        .filter(is_bad)
        .map(|answer| answer.took)
        .max();
    let last = answers
        .iter()
        .filter(is_bad)
        .map(|answer| answer.asked + answer.took)
        .max();
    let (longest, last) = (longest.unwrap_or_default(), last.unwrap_or_default());
    let after = last.saturating_sub(outage.end);
    report.line(&format!(
        "stopped at {:.3} s, accepting connections again at {:.3} s",
        outage.begin.as_secs_f64(),
        outage.end.as_secs_f64()
    ));
    report.line(&format!(
        "longest answer that was not 200: {}",
        milliseconds(longest)
    ));
    report.line(&format!(
        "last one, after the server was back: {}",
        milliseconds(after)
    ));
    if let Some(odd) = answers
        .iter()
        .find(|answer| ![200, 503].contains(&answer.status))
    {
        bail!("there was a {}", odd.status);
    }
    if longest == Duration::ZERO {
        bail!("nobody noticed the outage");
    }
    if longest > LIMIT || after > LIMIT {
        bail!("more than {LIMIT:?}");
    }
    Ok(())
}
