//! The signals that do not stop the server. The system would have most of them end it at once, in the
//! middle of its answers: whoever is used to Gunicorn, or has logs rotated, sends them.

use telemetry::log::LevelSwitch;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

use crate::settings::{Need, Settings};

/// What Gunicorn reopens its logs and changes its workers with, and what a terminal sends to a
/// program in the background. Here there is nothing to do, since the log goes to standard error and
/// the threads are fixed.
const WITHOUT_MEANING: [(&str, SignalKind); 4] = [
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

/// Watches for them from now on, until the program ends.
pub(super) fn watch(level: Option<LevelSwitch>) -> std::io::Result<()> {
    for (name, kind) in WITHOUT_MEANING {
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
            // Reads a file of a few lines.
            tokio::task::block_in_place(|| read_anew(level.as_ref()));
        }
    });
    Ok(())
}

/// Reads the settings anew. What cannot be changed while the program runs counts from the next
/// start; what cannot be read changes nothing, and is told now rather than then.
fn read_anew(switch: Option<&LevelSwitch>) {
    let settings = match Settings::load(Need::Serve) {
        Ok(settings) => settings,
        Err(problems) => return tracing::error!("SIGHUP: nothing was changed: {problems}"),
    };
    let level = settings.log.level;
    let tell = || {
        tracing::info!("SIGHUP: LOG_LEVEL is {level}; other settings count from the next start");
    };
    // Told while it can still be read.
    if level < Level::INFO {
        tell();
    }
    if let Some(switch) = switch {
        switch.set(level);
    }
    if level >= Level::INFO {
        tell();
    }
}
