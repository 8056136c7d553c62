//! Processor time, from `/proc`.

use std::fs;

/// The unit of processor time in `/proc`, which is the same on every Linux in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// In `/proc/PID/stat`, counted from the state: user and system time of the process itself, and of
/// those of its children that have ended and been waited for.
const OWN: usize = 11;
const CHILDREN: usize = 13;

/// User and system time, in seconds, of a process and of its children that still run.
pub(crate) fn seconds_of_tree(id: u32) -> f64 {
    let mut waiting = vec![id.to_string()];
    let mut seconds = 0.0;
    while let Some(id) = waiting.pop() {
        // A process that ended meanwhile counts as zero.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        seconds += seconds_in(&stat, OWN);
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        waiting.extend(children.split_whitespace().map(str::to_owned));
    }
    seconds
}

/// User and system time, in microseconds, of the threads of a process that run at this moment: finer
/// than [`seconds_of_tree`], whose unit is a hundredth of a second.
pub(crate) fn microseconds_of_threads(id: u32) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{id}/task"));
    let threads = tasks.into_iter().flatten().flatten();
    let nanoseconds: f64 = threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|line| line.split_whitespace().next()?.parse::<f64>().ok())
        .sum();
    nanoseconds / 1e3
}

/// User and system time, in seconds, of all children that this process has waited for, and of
/// theirs.
pub(crate) fn seconds_of_ended_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    seconds_in(&stat, CHILDREN)
}

/// Busy time of all processors, in seconds, with the time that the machine's host has taken away.
pub(crate) fn seconds_of_machine() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    busy_seconds(stat.lines().next().unwrap_or_default())
}

fn seconds_in(stat: &str, first: usize) -> f64 {
    // The name, in brackets, may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(first).take(2);
    times
        .filter_map(|time| time.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS_PER_SECOND
}

fn busy_seconds(line: &str) -> f64 {
    // user, nice, system, idle, waiting for the disk, interrupts of two kinds, stolen.
    let times: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .take(8)
        .filter_map(|time| time.parse().ok())
        .collect();
    let idle: f64 = times.iter().skip(3).take(2).sum();
    (times.iter().sum::<f64>() - idle) / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 250 50 1000 500 20 0 1";
        assert!((seconds_in(stat, OWN) - 3.0).abs() < 1e-9);
        assert!((seconds_in(stat, CHILDREN) - 15.0).abs() < 1e-9);
        assert!(seconds_in("", OWN).abs() < 1e-9);
    }

    #[test]
    fn idle_time_is_not_busy() {
        let line = "cpu  100 20 30 9000 800 4 6 40 0 0";
        assert!((busy_seconds(line) - 2.0).abs() < 1e-9);
        assert!(busy_seconds("").abs() < 1e-9);
    }

    #[test]
    fn this_process_has_used_some_time() {
        assert!(seconds_of_machine() >= seconds_of_tree(std::process::id()));
        assert!(seconds_of_machine() > 0.0);
    }
}
