//! What a deployment tells on its way: lines, and on a terminal how long it takes.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use deploy::context::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;

/// Shows the events of a deployment one after the other.
pub(super) struct EventView {
    bar: Option<ProgressBar>,
}

impl EventView {
    /// A spinner on a terminal; elsewhere lines alone.
    pub(super) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            let style = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar }
    }

    /// Shows an event: news as a line, and a tick at the foot of a terminal, where it replaces the
    /// one before.
    pub(super) fn show(&self, event: &Event<'_>) {
        let text = event.to_string();
        match &self.bar {
            Some(bar) if event.is_tick() => bar.set_message(text),
            Some(bar) => {
                bar.set_message("");
                bar.suspend(|| output::line(&text));
            }
            None if event.is_tick() => {}
            None => output::line(&text),
        }
    }
}

impl Drop for EventView {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
