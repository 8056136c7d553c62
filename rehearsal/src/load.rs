//! A steady load of visitors, and the number of their requests that failed.

use std::process::{Child, Stdio};

use anyhow::Context as _;
use xtask::process;

/// Longer than any play: it is ended before.
const LONGEST: &str = "-d1200s";

/// The running load; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Load {
    child: Option<Child>,
}

/// The number of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestCount {
    pub(crate) requests: u64,
    /// Requests without a connection, with a broken-off or late answer, or with a 4xx or 5xx.
    pub(crate) failed: u64,
}

impl Load {
    pub(crate) fn start(port: u16) -> anyhow::Result<Self> {
        let wrk = process::find("wrk").context("wrk was not found")?;
        let url = format!("http://127.0.0.1:{port}/");
        let mut command = process::command(wrk, &["-t1", "-c8", LONGEST, "--timeout", "5s"]);
        command.args(["-s", "rehearsal/load.lua", &url]);
        let child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("start wrk")?;
        Ok(Self { child: Some(child) })
    }

    /// Ends the load and returns its counts.
    pub(crate) fn stop(mut self) -> anyhow::Result<RequestCount> {
        let child = self.child.take().context("it runs until it is stopped")?;
        interrupt(&child);
        let output = child.wait_with_output().context("wait for wrk")?;
        let said = String::from_utf8_lossy(&output.stdout);
        RequestCount::parse(&said).with_context(|| format!("wrk counted nothing:\n{said}"))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            interrupt(&child);
            let _ = child.wait();
        }
    }
}

impl RequestCount {
    /// Parses the line that `load.lua` prints.
    fn parse(said: &str) -> Option<Self> {
        let line = said.lines().find(|line| line.starts_with("requests="))?;
        let (requests, failed) = line.strip_prefix("requests=")?.split_once(" failed=")?;
        Some(Self {
            requests: requests.parse().ok()?,
            failed: failed.trim().parse().ok()?,
        })
    }
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    process::succeeds(&mut process::command("kill", &["-INT", &id]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_read() {
        let said = "Running 1s test\n  4 requests in 1s\nrequests=4 failed=1\n";
        let expected = RequestCount {
            requests: 4,
            failed: 1,
        };
        assert_eq!(RequestCount::parse(said), Some(expected));
        assert_eq!(RequestCount::parse("Running 1s test\n"), None);
    }
}
