//! The log of a test, in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use site::observability;
use site::settings::{Log, Settings};
use telemetry::log::{self, Colours, Format};
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// What is logged on this thread while it lives.
pub(crate) struct CapturedLog {
    lines: Buffer,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    pub(crate) fn start() -> Self {
        Self::start_at(Level::INFO)
    }

    pub(crate) fn start_at(level: Level) -> Self {
        Self::new(level, None)
    }

    /// As the program logs with these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self::new(Level::INFO, Some(settings))
    }

    fn new(level: Level, settings: Option<&Settings>) -> Self {
        let lines = Buffer::default();
        let log = Log {
            level,
            format: Format::Json,
            colours: Colours::Never,
        };
        let config = observability::log_config(log, settings);
        let writer = lines.clone();
        let subscriber = log::subscriber(config, move || writer.clone());
        let guard = tracing::subscriber::set_default(subscriber);
        Self {
            lines,
            _guard: guard,
        }
    }

    /// The lines so far, each one JSON object.
    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
