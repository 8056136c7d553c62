//! The log: one line per event, for people or as one JSON object. Whatever a line tells of, it is
//! one line: control characters are escaped, so that nobody can forge another or colour it. What
//! must stay private is taken out of every text on its way into a line.

mod json;
mod line;
mod text;
mod writer;

use std::io::IsTerminal as _;

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry};

use self::json::Json;
use self::text::Text;
pub use self::writer::Guard;
use crate::report::Background;
use crate::scrub::Scrubber;

/// What is logged, and in what form.
#[derive(Debug, Clone)]
pub struct Config {
    /// The least severity.
    pub level: Level,
    /// The form.
    pub format: Format,
    /// Whether lines for people may have colours.
    pub colours: Colours,
    /// The program's crates, of which everything at the level is logged. Libraries tell their
    /// inner workings below `warn`.
    pub own_targets: &'static [&'static str],
    /// What libraries warn of and the program tells itself, with more about it.
    pub quiet_targets: &'static [&'static str],
    /// Takes out what must stay private.
    pub scrubber: Scrubber,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Where a line for people has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// On a terminal.
    OnTerminal,
    /// Nowhere.
    Never,
}

/// Changes the least severity that is logged, while the program runs; cheap to clone.
#[derive(Debug, Clone)]
pub struct LevelSwitch {
    handle: Handle<Targets, Registry>,
    own_targets: &'static [&'static str],
    quiet_targets: &'static [&'static str],
}

impl LevelSwitch {
    /// Logs from this severity on.
    pub fn set(&self, level: Level) {
        let filter = filter(level, self.own_targets, self.quiet_targets);
        // It fails only when the log is gone, and then nobody reads at any level.
        let _ = self.handle.reload(filter);
    }
}

/// Starts logging to standard error. Called once, by the program.
pub fn init(config: Config) -> std::io::Result<(Guard, LevelSwitch)> {
    let (writer, guard) = writer::start(std::io::stderr())?;
    let (subscriber, switch) = switchable(config, writer);
    subscriber.init();
    Ok((guard, switch))
}

/// What writes the lines.
pub fn subscriber<W>(config: Config, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    switchable(config, writer).0
}

/// What is logged from a severity on.
fn filter(level: Level, own_targets: &[&'static str], quiet_targets: &[&'static str]) -> Targets {
    let level = LevelFilter::from_level(level);
    let quiet = level.min(LevelFilter::ERROR);
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(own_targets.iter().map(|target| (*target, level)))
        .with_targets(quiet_targets.iter().map(|target| (*target, quiet)))
}

fn switchable<W>(config: Config, writer: W) -> (impl Subscriber + Send + Sync, LevelSwitch)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let (own_targets, quiet_targets) = (config.own_targets, config.quiet_targets);
    let filter = filter(config.level, own_targets, quiet_targets);
    let (filter, handle) = reload::Layer::new(filter);
    let switch = LevelSwitch {
        handle,
        own_targets,
        quiet_targets,
    };
    let layer = match config.format {
        Format::Text => fmt::layer()
            .event_format(Text {
                is_coloured: config.colours == Colours::OnTerminal
                    && std::io::stderr().is_terminal(),
                scrubber: config.scrubber,
            })
            .with_writer(writer)
            .boxed(),
        Format::Json => fmt::layer()
            .event_format(Json {
                scrubber: config.scrubber,
            })
            .with_writer(writer)
            .boxed(),
    };
    let subscriber = tracing_subscriber::registry()
        .with(layer.with_filter(filter))
        .with(Background::layer());
    (subscriber, switch)
}

#[cfg(test)]
mod tests;
