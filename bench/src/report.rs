//! The report of a measurement, with the machine and the commit that it was taken on.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;
use xtask::{output, process};

const FOLDER: &str = "bench/runs";

/// The report so far.
#[derive(Debug)]
pub(crate) struct Report {
    name: &'static str,
    date: String,
    text: String,
}

impl Report {
    /// Begins a report with the commit, the machine and the compiler.
    pub(crate) fn new(name: &'static str) -> anyhow::Result<Self> {
        let date = process::read(&mut process::command("date", &["-u", "+%Y-%m-%d"]))?;
        let rustc = process::read(&mut process::command("rustc", &["--version"]))?;
        let mut report = Self {
            name,
            date: date.trim().to_owned(),
            text: String::new(),
        };
        report.line(&format!("cargo xtask bench {name}, {}", report.date));
        report.line(&format!("commit: {}", commit()));
        report.line(&format!("machine: {}", machine()));
        report.line(&format!("compiler: {}", rustc.trim()));
        Ok(report)
    }

    /// Prints a line and keeps it.
    pub(crate) fn line(&mut self, line: &str) {
        output::line(line);
        self.text += line;
        self.text.push('\n');
    }

    /// Writes the report, in place of an earlier one of the same day. Returns its path in the
    /// repository.
    pub(crate) fn write(&self) -> anyhow::Result<String> {
        let path = format!("{FOLDER}/{}-{}.txt", self.date, self.name);
        fs::create_dir_all(process::repository().join(FOLDER))
            .context("make the folder of runs")?;
        fs::write(process::repository().join(&path), &self.text)
            .with_context(|| format!("write {path}"))?;
        Ok(path)
    }
}

fn commit() -> String {
    let Ok(commit) = process::read(&mut process::command("git", &["rev-parse", "HEAD"])) else {
        return "unknown".to_owned();
    };
    // Reports of other runs do not change what is measured.
    let elsewhere = ["status", "--porcelain", "--", ".", ":!bench/runs"];
    let changes = process::read(&mut process::command("git", &elsewhere));
    let is_clean = changes.is_ok_and(|changes| changes.trim().is_empty());
    let also = if is_clean {
        ""
    } else {
        ", with changes not committed"
    };
    format!("{}{also}", commit.trim())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = value_of("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = value_of("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    format!("{model}, {cores} cores, {memory} of memory")
}

/// What a file of `/proc` says after a name and a colon.
pub(crate) fn value_of(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim().to_owned())
    })
}

/// The value below which a share of the sorted times lies, by nearest rank.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// A time in milliseconds, to the microsecond.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times, 100), Duration::from_millis(200));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn times_are_shown_in_milliseconds() {
        assert_eq!(milliseconds(Duration::from_micros(1234)), "1.234 ms");
    }
}
