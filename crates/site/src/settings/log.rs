//! The settings of the log. A failure to read the settings holds them, too, since it is logged.

use telemetry::log::{Colours, Format};
use tracing::Level;

/// How much is logged, and in what form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// `LOG_LEVEL`
    pub level: Level,
    /// `LOG_FORMAT`
    pub format: Format,
    /// `NO_COLOR`
    pub colours: Colours,
}
