//! The signals that do not stop the server. Most of them would end the process at once, in the
//! middle of its answers, if it did not handle them; whoever is used to Gunicorn, or has logs
//! rotated, sends them.

use telemetry::log::LevelSwitch;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

use crate::settings::{RequiredSettings, Settings};

/// Gunicorn reopens its logs and changes its workers by these; a terminal sends the last two to a
/// program in the background. Here they do nothing, since the log goes to standard error and the
/// threads are fixed.
const IGNORED_SIGNALS: [(&str, SignalKind); 4] = [
    ("SIGUSR1", SignalKind::user_defined1()),
    ("SIGUSR2", SignalKind::user_defined2()),
    (
        "SIGTTIN",
        SignalKind::from_raw(rustix::process::Signal::TTIN.as_raw()),
    ),
    (
        "SIGTTOU",
        SignalKind::from_raw(rustix::process::Signal::TTOU.as_raw()),
    ),
];

/// Handles them from now on, until the program ends.
pub(super) fn install_handlers(level: Option<LevelSwitch>) -> std::io::Result<()> {
    for (name, kind) in IGNORED_SIGNALS {
        let mut signals = signal(kind)?;
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                tracing::info!("{name} changes nothing here");
            }
        });
    }
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            // This reads a file, if only one of a few lines.
            tokio::task::block_in_place(|| reload_settings(level.as_ref()));
        }
    });
    Ok(())
}

/// Reads the settings anew and applies `LOG_LEVEL`; other settings count from the next start. If
/// the settings have problems, nothing is changed, and the problems are logged now rather than at
/// that start.
fn reload_settings(switch: Option<&LevelSwitch>) {
    let settings = match Settings::load(RequiredSettings::Serve) {
        Ok(settings) => settings,
        Err(problems) => return tracing::error!("SIGHUP: nothing was changed: {problems}"),
    };
    let level = settings.log.level;
    let log_level_change = || {
        tracing::info!("SIGHUP: LOG_LEVEL is {level}; other settings count from the next start");
    };
    // The line has the level `info`: it is logged while that level is on, before or after the
    // change.
    if level < Level::INFO {
        log_level_change();
    }
    if let Some(switch) = switch {
        switch.set(level);
    }
    if level >= Level::INFO {
        log_level_change();
    }
}
