//! `restore`: what a backup holds, back in the database.

use std::path::PathBuf;

use anyhow::anyhow;
use db::backup::{Error, Existing, Progress, restore};

use super::backup::{program, subject};
use super::progress::Shown;
use super::{Result, block_on, output};
use crate::settings::Settings;

/// Puts what a backup holds into the database: all of it, or nothing.
///
/// The file is checked to its end first, and nothing in it is carried out: what it defines is read
/// by a grammar, and triggers, views and functions are named and left out. A database that is not empty is refused; with
/// --replace it gives way and is kept, a SQLite database as a file beside it, that of PostgreSQL
/// as a schema of its own. The site may be running.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings restore /srv/backups/2026-11-24.backup --replace")]
pub(super) struct Args {
    /// A file that `backup` wrote, or a SQLite database of the site.
    file: PathBuf,
    /// Put the backup in the place of a database that is not empty, and keep that.
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
    let mut shown = Shown::new();
    let mut progress = |progress: Progress<'_>| shown.show(progress);
    let restored = block_on(restore(subject, &args.file, existing, &mut progress))?;
    drop(shown);
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
