//! The table of the plays and their outcomes.

use std::fmt;
use std::time::{Duration, Instant};

use xtask::output;

#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    took: Duration,
    outcome: Result<String, String>,
}

impl Table {
    /// Runs a play and adds its outcome: what was seen, or what went wrong. Returns whether it
    /// succeeded.
    pub(crate) fn play(
        &mut self,
        name: &'static str,
        play: impl FnOnce() -> anyhow::Result<String>,
    ) -> bool {
        output::line(&format!("== {name}"));
        let started = Instant::now();
        let row = Row {
            name,
            outcome: play().map_err(|error| format!("{error:#}")),
            took: started.elapsed(),
        };
        if let Err(text) = &row.outcome {
            // The whole error; the table has one line of it.
            output::line(text);
        }
        output::line(&row.to_string());
        let is_green = row.outcome.is_ok();
        self.rows.push(row);
        is_green
    }

    /// Whether all plays succeeded.
    pub(crate) fn is_green(&self) -> bool {
        self.rows.iter().all(|row| row.outcome.is_ok())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            writeln!(formatter, "{row}")?;
        }
        let passed = self.rows.iter().filter(|row| row.outcome.is_ok()).count();
        let failed = self.rows.len() - passed;
        write!(formatter, "{passed} passed, {failed} failed")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, text) = match &self.outcome {
            Ok(text) => ("ok", shortened(text)),
            Err(text) => ("NOT", shortened(text)),
        };
        let seconds = self.took.as_secs_f64();
        write!(
            formatter,
            "{mark:<3} {:<44} {seconds:>6.1} s  {text}",
            self.name
        )
    }
}

/// The beginning of a text's first line.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 150;
    let first = text.lines().next().unwrap_or_default();
    let mut short: String = first.chars().take(LENGTH).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn one_bad_row_makes_the_table_red() {
        let mut table = Table::default();
        assert!(table.play("good", || Ok("as it should".to_owned())));
        assert!(table.is_green());
        assert!(!table.play("bad", || bail!("it did not")));
        assert!(!table.is_green());
        let text = table.to_string();
        assert!(text.contains("NOT bad"), "{text}");
        assert!(text.ends_with("1 passed, 1 failed"), "{text}");
    }
}
