//! How far long work on the database is: a bar on a terminal, a line for each step elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use db::backup::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;

/// Shows the progress of long work on the database, one step after the other.
pub(super) struct ProgressView {
    bar: Option<ProgressBar>,
    step: String,
}

impl ProgressView {
    /// A bar on a terminal; elsewhere lines alone.
    pub(super) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self {
            bar,
            step: String::new(),
        }
    }

    /// Moves the bar; without one, prints a line when a step begins.
    pub(super) fn show(&mut self, progress: Progress<'_>) {
        match &self.bar {
            Some(bar) => {
                if progress.doing != self.step {
                    bar.set_style(style(progress));
                }
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                bar.set_message(progress.doing.to_owned());
            }
            None if progress.doing == self.step => {}
            None => output::line(&format!("{} ...", progress.doing)),
        }
        progress.doing.clone_into(&mut self.step);
    }
}

/// A bar where the total is known, and a spinner where it is not.
fn style(progress: Progress<'_>) -> ProgressStyle {
    let template = match progress.total {
        0 => "{spinner} {msg}",
        _ => "{spinner} {msg} {wide_bar} {percent:>3} %",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Drop for ProgressView {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
