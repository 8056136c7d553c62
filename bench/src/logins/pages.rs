//! Probes of the public pages while others log in.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use xtask::client::Client;
use xtask::server::Server;

use crate::processor;
use crate::report::{Report, milliseconds, percentile};

pub(super) const PAGES: [&str; 2] = ["/", "/lettings/"];
/// The time between two probes of a page. Each has a connection of its own.
pub(super) const INTERVAL: Duration = Duration::from_millis(10);

/// The results of the probes in one phase of the measurement.
pub(super) struct Phase {
    /// The sorted times of each of [`PAGES`].
    pub(super) pages: [Vec<Duration>; 2],
    /// In percent of one processor, the time of the server, and that of everything but the server
    /// and this program.
    server_percent: f64,
    others_percent: f64,
    /// The answers to probes that came from memory, and all that the log knows of.
    from_memory: (usize, usize),
    /// The system's load averages at the end.
    load_average: String,
}

impl Phase {
    pub(super) fn report(&self, name: &str, report: &mut Report) {
        report.line("");
        report.line(&format!("{name}:"));
        for (page, times) in PAGES.iter().zip(&self.pages) {
            report.line(&format!(
                "  {page:<10} {} probes, p50 {}, p99 {}, max {}",
                times.len(),
                milliseconds(percentile(times, 50)),
                milliseconds(percentile(times, 99)),
                milliseconds(percentile(times, 100)),
            ));
        }
        let (hits, answers) = self.from_memory;
        report.line(&format!("  {hits} of {answers} pages came from memory"));
        report.line(&format!(
            "  processor: the server {:.0} %, what else runs on the machine {:.0} % of one core; \
             load average {}",
            self.server_percent, self.others_percent, self.load_average
        ));
    }
}

/// Probes the pages of a server that writes its log, as JSON, to a file.
pub(super) fn probe(server: &Server, log: &Path, duration: Duration) -> anyhow::Result<Phase> {
    let logged_before = fs::metadata(log).context("read the size of the log")?.len();
    let address = server.address();
    let used = || {
        let server = processor::seconds_of_tree(server.id());
        // The server is a child of this process.
        let known = processor::seconds_of_tree(process::id());
        (server, processor::seconds_of_machine() - known)
    };
    let before = used();
    let began = Instant::now();
    let pages = thread::scope(|scope| {
        let probes = PAGES.map(|page| scope.spawn(move || probe_page(address, page, duration)));
        probes.map(|probe| probe.join().expect("a probe does not panic"))
    });
    let [home, lettings] = pages;
    let after = used();
    let percent = 100.0 / began.elapsed().as_secs_f64();
    let logged = fs::read(log).context("read the log")?;
    let logged = logged
        .get(usize::try_from(logged_before)?..)
        .unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").context("read the load average")?;
    Ok(Phase {
        pages: [home?, lettings?],
        server_percent: (after.0 - before.0) * percent,
        others_percent: (after.1 - before.1).max(0.0) * percent,
        from_memory: count_hits(&String::from_utf8_lossy(logged)),
        load_average: load.split(' ').take(3).collect::<Vec<_>>().join(" "),
    })
}

/// The answers of the page cache in a log, and all of those that it might have given.
fn count_hits(log: &str) -> (usize, usize) {
    let count = |word: &str| log.matches(&format!("\"http.cache\":\"{word}\"")).count();
    (count("hit"), count("hit") + count("made"))
}

fn probe_page(
    address: SocketAddr,
    page: &str,
    duration: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let began = Instant::now();
    let mut due = began;
    let mut times = Vec::new();
    while began.elapsed() < duration {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut client = Client::connect(address).context("connect")?;
        client.expect(page)?;
        times.push(due.elapsed());
        due += INTERVAL;
    }
    times.sort_unstable();
    Ok(times)
}
