//! What a command is run with, and how it ends.

use std::net::TcpListener;

use db::{Database, DbErr};
use telemetry::log::LevelSwitch;
use telemetry::report::Reporter;

use crate::settings::Settings;

/// Why a command ended badly; with exit code 1 where no other is given.
pub(super) enum Failure {
    /// An error: it is printed, and reported to Sentry.
    Error(anyhow::Error),
    /// Everything worth saying was printed already.
    AlreadyPrinted,
    /// An answer that somebody asked for, or wrong usage: it is printed with an exit code of its
    /// own, and not reported.
    Exit(u8, String),
}

pub(super) type Result = std::result::Result<(), Failure>;

/// What `main` hands to a command.
pub(super) struct CommandContext {
    pub(super) settings: Settings,
    pub(super) reporter: Option<Reporter>,
    /// What systemd handed over to `serve`.
    pub(super) inherited: anyhow::Result<Option<TcpListener>>,
    /// Changes the level of the log while `serve` runs; `None` without a log.
    pub(super) level: Option<LevelSwitch>,
}

/// Runs a command's future on this thread.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?.block_on(future))
}

/// Runs a command's work on the database of the settings, and closes it.
pub(super) fn with_database(
    settings: &Settings,
    work: impl AsyncFnOnce(&Database) -> anyhow::Result<()>,
) -> Result {
    let db = settings.database_of_command();
    let result = block_on(async {
        let result = work(&db).await;
        // An error changes nothing: the process ends here.
        let _ = db.close().await;
        result
    })?;
    let result = result.map_err(|error| match error.downcast_ref::<DbErr>() {
        Some(_) => error.context(format!(
            "work on the {} (is it migrated? `oc-lettings migrate`)",
            db.address()
        )),
        None => error,
    });
    Ok(result?)
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Error(error)
    }
}
