//! Probes: whether a page is answered, and how soon, while something else goes on.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use xtask::client::Client;

use crate::report::{Report, milliseconds, percentile};

/// The time between two probes. Each has a connection of its own.
pub(super) const INTERVAL: Duration = Duration::from_millis(40);

/// The limit for the p99 of the probes.
pub(super) const MAX_P99: Duration = Duration::from_millis(100);

/// The results of the probes.
#[derive(Debug, Default)]
pub(super) struct Probes {
    /// The sorted times of the probes that were answered 200. Each counts from when the probe was
    /// due.
    times: Vec<Duration>,
    errors: Vec<String>,
}

impl Probes {
    /// Asks for a page every [`INTERVAL`] as long as `goes_on` says so.
    pub(super) fn ask(
        address: SocketAddr,
        path: &str,
        mut goes_on: impl FnMut() -> anyhow::Result<bool>,
    ) -> anyhow::Result<Self> {
        let mut due = Instant::now();
        let mut probes = Self::default();
        while goes_on()? {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let answered = Client::connect(address)
                .context("connect")
                .and_then(|mut client| client.expect(path));
            match answered {
                Ok(()) => probes.times.push(due.elapsed()),
                Err(error) => probes.errors.push(format!("{error:#}")),
            }
            due += INTERVAL;
        }
        probes.times.sort_unstable();
        Ok(probes)
    }

    /// Whether each was answered, and 99 of 100 within [`MAX_P99`].
    pub(super) fn are_well(&self) -> bool {
        self.errors.is_empty() && percentile(&self.times, 99) < MAX_P99
    }

    pub(super) fn report(&self, report: &mut Report) {
        let Self { times, errors } = self;
        report.line(&format!(
            "  {} of {} probes answered, median {}, p99 {}, max {}",
            times.len(),
            times.len() + errors.len(),
            milliseconds(percentile(times, 50)),
            milliseconds(percentile(times, 99)),
            milliseconds(percentile(times, 100)),
        ));
        for error in errors.iter().take(5) {
            report.line(&format!("  {error}"));
        }
    }
}
