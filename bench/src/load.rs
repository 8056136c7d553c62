//! A server under the load of wrk: its throughput, and the processor time of a request.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use xtask::process;

use crate::processor;

/// The median; NaN without values.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How long one run takes.
pub(super) const SECONDS: u32 = 2;

/// The options of wrk, except for the duration.
pub(super) const WRK: [&str; 3] = ["-t1", "-c32", "--latency"];

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A server that was started; dropping it ends it.
pub(super) struct MeasuredServer {
    pub(super) name: &'static str,
    pub(super) port: u16,
    child: Child,
}

/// The result of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) requests_per_second: f64,
    pub(super) p99_us: f64,
    /// User and system time of all processes of the server, for each request.
    pub(super) processor_us: f64,
    /// The processor time of other programs, in percent of one processor. If it is high, the run
    /// was disturbed.
    pub(super) others_percent: f64,
}

impl MeasuredServer {
    pub(super) fn start(
        name: &'static str,
        port: u16,
        command: &mut Command,
    ) -> anyhow::Result<Self> {
        Self::start_logging(name, port, command, Stdio::null())
    }

    /// Starts a server whose log goes to `log`.
    pub(super) fn start_logging(
        name: &'static str,
        port: u16,
        command: &mut Command,
        log: Stdio,
    ) -> anyhow::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {name}"))?;
        let server = Self { name, port, child };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > START_TIMEOUT {
                bail!("{name} did not listen within {START_TIMEOUT:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// One run of wrk, of [`SECONDS`].
    pub(super) fn load(&self, wrk: &Path, path: &str, coding: &str) -> anyhow::Result<Load> {
        self.load_for(SECONDS, wrk, path, coding)
    }

    /// One run of wrk that takes so many seconds.
    pub(super) fn load_for(
        &self,
        seconds: u32,
        wrk: &Path,
        path: &str,
        coding: &str,
    ) -> anyhow::Result<Load> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let header = format!("Accept-Encoding: {coding}");
        let duration = format!("-d{seconds}s");
        let mut command = process::command(wrk, &WRK);
        command.args([&duration, "-H", &header, &url]);
        let started = Instant::now();
        let machine_before = processor::seconds_of_machine();
        let wrk_before = processor::seconds_of_ended_children();
        let before = processor::seconds_of_tree(self.child.id());
        let output = process::read(&mut command)?;
        let used = processor::seconds_of_tree(self.child.id()) - before;
        let wrk_used = processor::seconds_of_ended_children() - wrk_before;
        let machine_used = processor::seconds_of_machine() - machine_before;
        let elapsed = started.elapsed().as_secs_f64();
        if output.contains("Non-2xx") {
            bail!("{} answered {url} with errors:\n{output}", self.name);
        }
        let parsed = WrkOutput::read(&output)
            .with_context(|| format!("wrk said something unknown:\n{output}"))?;
        let others = (machine_used - used - wrk_used).max(0.0);
        Ok(Load {
            requests_per_second: parsed.requests_per_second,
            p99_us: parsed.p99_us,
            processor_us: used * 1e6 / parsed.requests,
            others_percent: others * 100.0 / elapsed,
        })
    }
}

impl Drop for MeasuredServer {
    fn drop(&mut self) {
        // SIGTERM rather than a kill, so that the processes that it started end as well.
        let id = self.child.id().to_string();
        process::succeeds(&mut process::command("kill", &["-TERM", &id]));
        let _ = self.child.wait();
    }
}

/// What wrk printed.
#[derive(Debug, PartialEq)]
struct WrkOutput {
    requests: f64,
    requests_per_second: f64,
    p99_us: f64,
}

impl WrkOutput {
    fn read(output: &str) -> Option<Self> {
        let word = |words: &str, index: usize| {
            let line = output.lines().find(|line| line.contains(words))?;
            line.split_whitespace().nth(index)
        };
        Some(Self {
            requests: word("requests in", 0)?.parse().ok()?,
            requests_per_second: word("Requests/sec:", 1)?.parse().ok()?,
            p99_us: microseconds(word("99%", 1)?)?,
        })
    }
}

/// Parses a time such as `149.59ms` into microseconds.
fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    units.into_iter().find_map(|(unit, factor)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_says_is_read() {
        let output = "Running 2s test @ http://127.0.0.1:1/\n  Latency Distribution\n     \
                      50%  376.00us\n     99%    1.62ms\n  260000 requests in 2.00s, 1.30GB read\n\
                      Requests/sec: 129870.13\nTransfer/sec:    665.50MB\n";
        let expected = WrkOutput {
            requests: 260_000.0,
            requests_per_second: 129_870.13,
            p99_us: 1620.0,
        };
        assert_eq!(WrkOutput::read(output), Some(expected));
        assert_eq!(WrkOutput::read("unable to connect"), None);
    }

    #[test]
    fn times_have_units() {
        for (text, expected) in [("836.00us", 836.0), ("1.5ms", 1500.0), ("2.00s", 2e6)] {
            assert_eq!(microseconds(text), Some(expected), "{text}");
        }
        assert_eq!(microseconds("1.00m"), None);
        assert_eq!(microseconds("0.00"), None);
    }
}
