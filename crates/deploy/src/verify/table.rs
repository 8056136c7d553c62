//! What a verification found, as a table for people.

use std::fmt;
use std::time::Duration;

use crate::clock::seconds;

/// A row for each check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In the order of the checks.
    pub rows: Vec<Row>,
}

/// What came out of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was looked at.
    pub name: &'static str,
    /// Where.
    pub address: String,
    /// How long the answer took.
    pub took: Duration,
    /// Whether it is as it should be.
    pub verdict: Verdict,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Passed,
    /// It is not there, and need not be.
    Absent(String),
    /// It is not, and why.
    Failed(String),
}

impl Table {
    /// Whether nothing failed.
    pub fn is_passed(&self) -> bool {
        !self.rows.iter().any(Row::is_failed)
    }
}

impl Row {
    /// Whether it is not as it should be.
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
