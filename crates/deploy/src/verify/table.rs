//! The results of a verification, as a table for people.

use std::fmt;
use std::time::Duration;

use crate::clock::seconds;

/// A row for each check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In the order of the checks.
    pub rows: Vec<Row>,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name of the check.
    pub name: &'static str,
    /// The path that was looked at, or `-`.
    pub address: String,
    /// How long the answer took.
    pub took: Duration,
    /// Whether the check passed.
    pub verdict: Verdict,
}

/// Whether a check passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as expected.
    Passed,
    /// Nothing is there, and nothing has to be; what is missing.
    Absent(String),
    /// Something is not as expected; what that is.
    Failed(String),
}

impl Table {
    /// Whether nothing failed.
    pub fn is_passed(&self) -> bool {
        !self.rows.iter().any(Row::is_failed)
    }
}

impl Row {
    /// Whether the check failed.
    pub fn is_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => Ok(()),
            Self::Absent(why) | Self::Failed(why) => formatter.write_str(why),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Row) -> &str| {
            let widths = self.rows.iter().map(|row| text(row).chars().count());
            widths.max().unwrap_or_default()
        };
        let names = width(|row| row.name);
        let addresses = width(|row| &row.address);
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            let word = match row.verdict {
                Verdict::Passed => "ok",
                Verdict::Absent(_) => "absent",
                Verdict::Failed(_) => "FAILED",
            };
            let Row {
                name,
                address,
                took,
                verdict,
            } = row;
            let line = format!(
                "{word:<6}  {name:<names$}  {address:<addresses$}  {:>7}  {verdict}",
                seconds(*took)
            );
            formatter.write_str(line.trim_end())?;
        }
        Ok(())
    }
}
