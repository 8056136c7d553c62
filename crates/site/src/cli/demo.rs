//! `demo`: fills an empty database with examples.

use anyhow::{Context as _, anyhow};

use super::{Result, block_on, output};
use crate::settings::Settings;

/// Fills an empty database with example lettings and profiles.
///
/// If the database already holds a letting, a profile or a user, the command fails and changes
/// nothing. Nobody can log in to the example accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings migrate && oc-lettings demo")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, settings: &Settings) -> Result {
    let db = settings.database_of_command();
    let counts = block_on(async {
        let counts = crate::demo::fill(&db).await;
        // An error changes nothing: the process ends here.
        let _ = db.close().await;
        counts
    })?;
    let counts = counts.with_context(|| {
        format!(
            "fill the {} (is it migrated? `oc-lettings migrate`)",
            db.address()
        )
    })?;
    let counts = counts.ok_or_else(|| {
        anyhow!("the database is not empty: the examples are only for a site without any data")
    })?;
    output::line(&format!(
        "Added {} lettings and {} profiles.",
        counts.lettings, counts.profiles
    ));
    Ok(())
}
