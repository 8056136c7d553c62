//! How many tests passed and failed, and the line of `cargo nextest` that says so.

use std::fmt;
use std::ops::AddAssign;

/// How the tests ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Tests that passed, slow and leaky ones among them.
    pub(crate) passed: usize,
    /// Tests that ran and did not pass: failed, timed out, could not be started.
    pub(crate) failed: usize,
    /// Tests that were skipped, since something that they need is missing here.
    pub(crate) skipped: usize,
}

impl Summary {
    /// Reads a line such as `Summary [ 1.5s] 12/14 tests run: 10 passed (1 slow), 2 failed`; `None`
    /// for any other line.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (_, line) = line
            .trim_start()
            .strip_prefix("Summary [")?
            .split_once(']')?;
        let (run, results) = line
            .split_once(" tests run: ")
            .or_else(|| line.split_once(" test run: "))?;
        // `12/14`: the run was broken off after twelve.
        let run = run.split_whitespace().next_back()?.split('/').next()?;
        let (passed, _) = results.split_once(" passed")?;
        let run: usize = run.parse().ok()?;
        let passed = passed.trim().parse().ok()?;
        let mut counts = results.split(", ");
        let skipped = counts.find_map(|count| count.strip_suffix(" skipped"));
        Some(Self {
            passed,
            failed: run.checked_sub(passed)?,
            skipped: skipped.map_or(Some(0), |count| count.parse().ok())?,
        })
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(formatter, ", {skipped} skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, [passed, failed, skipped]: [usize; 3]) {
        let expected = Summary {
            passed,
            failed,
            skipped,
        };
        assert_eq!(Summary::parse(line), Some(expected));
    }

    #[test]
    fn every_form_of_the_line_is_read() {
        check(
            "     Summary [   0.022s] 1 test run: 1 passed, 0 skipped",
            [1, 0, 0],
        );
        check(
            "     Summary [   9.120s] 12 tests run: 12 passed (1 slow, 1 leaky), 3 skipped",
            [12, 0, 3],
        );
        check(
            "     Summary [  70.001s] 12/14 tests run: 8 passed, 2 failed, 1 exec failed, 1 timed out, 0 skipped",
            [8, 4, 0],
        );
        check(
            "     Summary [   0.022s] 3 tests run: 0 passed, 3 failed, 0 skipped",
            [0, 3, 0],
        );
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            "Summary",
            "    PASS [   0.022s] (1/2) site it::home",
            "TOTAL 1 2 3",
        ] {
            assert_eq!(Summary::parse(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_left_out_is_told_where_there_is_any() {
        let mut summary = Summary::default();
        assert_eq!(summary.to_string(), "0 passed, 0 failed");
        summary += Summary {
            passed: 5,
            failed: 1,
            skipped: 2,
        };
        assert_eq!(summary.to_string(), "5 passed, 1 failed, 2 skipped");
    }
}
