//! The log: one line per event, as text for people or as a JSON object. Control characters are
//! escaped, so that no text can forge another line or colour one. Private values are removed from
//! every text before it is written.

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

/// The settings of the log.
#[derive(Debug, Clone)]
pub struct Config {
    /// The least severity that is logged.
    pub level: Level,
    /// The form of a line.
    pub format: Format,
    /// Whether lines for people may have colours.
    pub colours: Colours,
    /// The program's crates, which are logged from `level` on. Other crates are logged from `warn`
    /// on, since below it they describe their inner workings.
    pub own_targets: &'static [&'static str],
    /// Libraries whose warnings the program logs itself, with more details.
    pub quiet_targets: &'static [&'static str],
    /// Removes private values.
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

/// Where a line of text has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Only on a terminal.
    OnTerminal,
    /// Nowhere.
    Never,
}

/// Changes the level of the log while the program runs; cheap to clone.
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
        // It fails only if the subscriber was dropped, and then nothing is logged at any level.
        let _ = self.handle.reload(filter);
    }
}

/// Starts logging to standard error. Call it once, when the program starts, and drop the guard at
/// its end. Fails if the log's thread cannot be started.
pub fn init(config: Config) -> std::io::Result<(Guard, LevelSwitch)> {
    let (writer, guard) = writer::start(std::io::stderr())?;
    let (subscriber, switch) = switchable(config, writer);
    subscriber.init();
    Ok((guard, switch))
}

/// A subscriber that writes lines to `writer`, each by one call.
pub fn subscriber<W>(config: Config, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    switchable(config, writer).0
}

/// The filter for a level.
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
