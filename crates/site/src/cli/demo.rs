//! `demo`: fills an empty database with examples.

use anyhow::{Context as _, anyhow};

use super::{Result, block_on, output};
use crate::settings::Settings;

/// Fills an empty database with example lettings and profiles.
///
/// A database that holds a letting, a profile or a user already is refused and left as it is.
/// The accounts cannot be logged in to.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings migrate && oc-lettings demo")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, settings: &Settings) -> Result {
    let db = settings.database_of_command();
    let filled = block_on(async {
        let filled = crate::demo::fill(&db).await;
        // An error changes nothing: the process ends here.
        let _ = db.close().await;
        filled
    })?;
    let filled = filled.with_context(|| {
        format!(
            "fill the {} (is it migrated? `oc-lettings migrate`)",
            db.address()
        )
    })?;
    let filled = filled.ok_or_else(|| {
        anyhow!("the database is not empty: the examples are only for a site without any data")
    })?;
    output::line(&format!(
        "Added {} lettings and {} profiles.",
        filled.lettings, filled.profiles
    ));
    Ok(())
}
