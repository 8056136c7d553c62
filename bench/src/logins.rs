//! Whether public pages are as quick as ever while fifty people log in, each with a hash of 600,000
//! rounds, and while strangers try passwords; and whether staff gets in then.

mod accounts;
mod flood;
mod pages;

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::client::Client;
use xtask::server::{Server, Site};

use self::accounts::{LOGINS, make_accounts};
use self::pages::{INTERVAL, PAGES, Phase, probe};
use crate::accounts::{CSRF_SECRET, PASSWORD};
use crate::report::{Report, milliseconds, percentile};

const DURATION: Duration = Duration::from_secs(20);
/// The pause of a client that got a 503, before it tries again.
const PAUSE: Duration = Duration::from_millis(500);
/// The limit for the p99 of the pages.
const MAX_P99: Duration = Duration::from_millis(20);

/// Measures a program with the demo data on SQLite: first alone, then under logins.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    site.run("demo")?;
    make_accounts(site)?;
    // As on a public site, with as many threads as there are processors.
    let log = folder.path().join("log");
    let file = File::create(&log).context("make a file for the log")?;
    let mut server = site.serve_with(|command| {
        command.stderr(file);
        command.envs([
            ("LOG_FORMAT", "json"),
            ("DEBUG", "False"),
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("SECRET_KEY", "for-the-measurement-alone"),
        ]);
    })?;
    let (_, client) = server.first_answer(PAGES[0])?;
    drop(client);
    report.line("");
    report.line(&format!(
        "{} s each; every page is asked for every {} ms on a new connection, and the time is taken \
         from when that was due",
        DURATION.as_secs(),
        INTERVAL.as_millis()
    ));
    let alone = probe(&server, &log, DURATION)?;
    alone.report("nothing else", report);
    let (in_flight, logins) = beside(&server, &log, one_after_the_other)?;
    in_flight.report(&format!("{LOGINS} logins in flight all the time"), report);
    logins.report(report);
    let (in_bursts, of_bursts) = beside(&server, &log, in_bursts)?;
    in_bursts.report(
        &format!("bursts of {LOGINS} logins at the same moment"),
        report,
    );
    of_bursts.report(report);
    let strangers = flood::measure(&server, &log, report)?;
    server.stop()?;
    for Logins { failures, .. } in [logins, of_bursts] {
        ensure!(failures.is_empty(), "logins failed: {failures:?}");
    }
    for phase in [alone, in_flight, in_bursts, strangers] {
        let is_slow = |times: &Vec<_>| percentile(times, 99) >= MAX_P99;
        ensure!(
            !phase.pages.iter().any(is_slow),
            "a p99 of the pages is not below {}",
            milliseconds(MAX_P99)
        );
    }
    report.line("");
    report.line(&format!(
        "every login and every probe succeeded; all p99 of the pages were below {}",
        milliseconds(MAX_P99)
    ));
    Ok(())
}

/// The results of logins.
#[derive(Default)]
struct Logins {
    times: Vec<Duration>,
    failures: Vec<String>,
    /// From the first to the last.
    elapsed: Duration,
}

impl Logins {
    fn add(&mut self, others: Self) {
        self.times.extend(others.times);
        self.failures.extend(others.failures);
    }

    fn report(&self, report: &mut Report) {
        let Self { times, elapsed, .. } = self;
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
        report.line(&format!(
            "  {count} logins, {:.1} a second, p50 {}, p99 {}, max {}",
            f64::from(count) / elapsed.as_secs_f64(),
            milliseconds(percentile(times, 50)),
            milliseconds(percentile(times, 99)),
            milliseconds(percentile(times, 100)),
        ));
    }
}

/// Probes the pages while people log in.
fn beside(
    server: &Server,
    log: &Path,
    log_in_until: impl FnOnce(SocketAddr, &AtomicBool) -> Logins + Send,
) -> anyhow::Result<(Phase, Logins)> {
    let address = server.address();
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    thread::scope(|scope| {
        let logins = scope.spawn(|| log_in_until(address, &is_over));
        let phase = probe(server, log, DURATION);
        is_over.store(true, Relaxed);
        let mut logins = logins.join().expect("the logins do not panic");
        logins.elapsed = began.elapsed();
        logins.times.sort_unstable();
        Ok((phase?, logins))
    })
}

/// Every account logs in again as soon as it is in.
fn one_after_the_other(address: SocketAddr, is_over: &AtomicBool) -> Logins {
    all_log_in(address, &|| !is_over.load(Relaxed))
}

/// All accounts log in at the same moment, and again when the last of them is in.
fn in_bursts(address: SocketAddr, is_over: &AtomicBool) -> Logins {
    let mut logins = Logins::default();
    while logins.failures.is_empty() && !is_over.load(Relaxed) {
        logins.add(all_log_in(address, &|| false));
    }
    logins
}

fn all_log_in(address: SocketAddr, is_again: &(impl Fn() -> bool + Sync)) -> Logins {
    let mut logins = Logins::default();
    thread::scope(|scope| {
        let log_in = |number| scope.spawn(move || log_in_while(address, number, is_again));
        let clients: Vec<_> = (0..LOGINS).map(log_in).collect();
        for client in clients {
            logins.add(client.join().expect("a client does not panic"));
        }
    });
    logins
}

/// The logins of one account, at least one.
fn log_in_while(address: SocketAddr, number: u32, is_again: &impl Fn() -> bool) -> Logins {
    let mut logins = Logins::default();
    loop {
        let began = Instant::now();
        match log_in(address, number) {
            Ok(()) => logins.times.push(began.elapsed()),
            Err(error) => logins.failures.push(format!("{error:#}")),
        }
        if !logins.failures.is_empty() || !is_again() {
            return logins;
        }
    }
}

fn log_in(address: SocketAddr, number: u32) -> anyhow::Result<()> {
    let head = format!("X-Forwarded-For: 192.0.2.{number}\r\nCookie: csrftoken={CSRF_SECRET}\r\n");
    let form =
        format!("csrfmiddlewaretoken={CSRF_SECRET}&username=user{number}&password={PASSWORD}");
    loop {
        let mut client = Client::connect(address).context("connect")?;
        match client.post("/admin/login/", &head, &form)? {
            302 => return Ok(()),
            // The queue was too long. The client tries again, and its time goes on.
            503 => thread::sleep(PAUSE),
            status => bail!("a login was answered {status}"),
        }
    }
}
