//! `restore`: what a backup holds, back in the database.

use std::path::PathBuf;

use anyhow::anyhow;
use db::backup::{Error, Existing, Progress, restore};

use super::backup::{program, subject};
use super::progress::ProgressView;
use super::{Result, block_on, output};
use crate::settings::Settings;

/// Restores the database from a backup: everything, or nothing if anything fails.
///
/// The whole file is checked first. Nothing in the file is executed: only its tables and rows are
/// read. Triggers, views and functions are left out and listed. If the database is not empty, the
/// command fails and changes nothing. With --replace the backup replaces that database, which is
/// kept: for SQLite as a file next to it, for PostgreSQL as a schema of its own. The site may keep
/// running.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings restore /srv/backups/2026-11-24.backup --replace")]
pub(super) struct Args {
    /// A file that `backup` wrote, or a SQLite database of the site.
    file: PathBuf,
    /// Replace a database that is not empty. The old database is kept.
    #[arg(long)]
    replace: bool,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let existing = if args.replace {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let program = program(settings);
    let subject = subject(settings, &program);
    let mut view = ProgressView::new();
    let mut progress = |progress: Progress<'_>| view.show(progress);
    let restored = block_on(restore(subject, &args.file, existing, &mut progress))?;
    drop(view);
    let restored = restored.map_err(|error| match error {
        Error::NotEmpty(_) => anyhow!(
            "{error}, and was left as it is; --replace puts the backup in its place and keeps it"
        ),
        error => anyhow!(error),
    })?;
    for fault in &restored.contents.faults {
        tracing::warn!("restored as it is in the backup: {fault}");
    }
    for what in &restored.contents.left_out {
        output::line(&format!("Not restored: {what}"));
    }
    output::line(&format!(
        "Restored {}: {} tables, {} rows.",
        args.file.display(),
        restored.contents.tables,
        restored.contents.rows
    ));
    if let Some(kept) = &restored.kept {
        output::line(&format!("The database that was there is kept in {kept}."));
    }
    if restored.needs_migration {
        output::line("It is not of this release yet; run: oc-lettings migrate");
    }
    Ok(())
}
