//! Metrics of the process from Linux's `/proc`, under the names that Prometheus clients agree on.
//! On other systems there are none.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::readings::Readings;

/// The unit of processor time in `/proc`, which is the same on every Linux in use.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut readings = Readings(encoder);
        if let Some(bytes) = resident_memory_bytes() {
            let name = "process_resident_memory_bytes";
            readings.gauge(name, "Memory of the process that is in use", bytes)?;
        }
        if let Some(seconds) = processor_seconds() {
            let name = "process_cpu_seconds";
            readings.counter(name, "Processor time of the process", seconds)?;
        }
        if let Ok(entries) = fs::read_dir("/proc/self/fd") {
            // One of them is the open folder `fd` itself.
            let count = u32::try_from(entries.count().saturating_sub(1)).unwrap_or(u32::MAX);
            readings.gauge(
                "process_open_fds",
                "Files and sockets that are open",
                count.into(),
            )?;
        }
        Ok(())
    }
}

fn resident_memory_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// User and system time: the fields 14 and 15. They are counted from the end of the name in
/// brackets, which may hold spaces.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit(')').next()?.split_whitespace();
    let ticks: f64 = fields
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse::<f64>().ok())
        .sum();
    Some(ticks / TICKS_PER_SECOND)
}
