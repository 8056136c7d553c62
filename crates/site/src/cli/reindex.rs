//! `reindex`: makes the derived tables anew.

use super::{Result, output, with_database};
use crate::settings::Settings;

/// Makes the tables anew by which far pages, places and words are found.
///
/// The site looks after these tables by itself. The command helps if somebody has changed them, or
/// dropped an index of theirs. The site may keep running: meanwhile such pages take longer.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings reindex")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, settings: &Settings) -> Result {
    with_database(settings, async |db| {
        for made in db.make_derived_tables().await? {
            output::line(&format!("Made {} anew.", made.table));
        }
        Ok(())
    })
}
