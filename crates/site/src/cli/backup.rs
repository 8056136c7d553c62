//! `backup`: the whole database in one file.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use db::backup::{Error, Existing, Subject, backup};

use super::progress::ProgressView;
use super::{Result, block_on, output};
use crate::release::VERSION;
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Writes a backup of the database to one file, while the site keeps running.
///
/// The backup is checked before the file gets its name. For SQLite the file is a SQLite database;
/// for PostgreSQL it is a script for psql. What `restore` would not bring back, such as views and
/// triggers, is left out and listed. The backup holds everything else, including password hashes:
/// only its owner may read the file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings backup /srv/backups/2026-11-24.backup")]
pub(super) struct Args {
    /// The file to write.
    file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let existing = if args.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let program = program(settings);
    let subject = subject(settings, &program);
    let mut view = ProgressView::new();
    let mut progress = |progress: db::backup::Progress<'_>| view.show(progress);
    let contents = block_on(backup(subject, &args.file, existing, &mut progress))?;
    drop(view);
    let contents = contents.map_err(|error| match error {
        Error::Exists(_) => anyhow!("{error}; --force replaces it"),
        error => anyhow!(error),
    })?;
    let bytes = std::fs::metadata(&args.file)
        .with_context(|| format!("look at {}", args.file.display()))?
        .len();
    for fault in &contents.faults {
        tracing::warn!("in the backup as in the database: {fault}");
    }
    for what in &contents.left_out {
        output::line(&format!("Not in the backup: {what}"));
    }
    output::line(&format!(
        "Backed up the {} to {}: {} tables, {} rows, {bytes} bytes.",
        settings.database.address,
        args.file.display(),
        contents.tables,
        contents.rows,
    ));
    Ok(())
}

/// The database of the site, for [`db::backup`].
pub(super) fn subject<'a>(settings: &'a Settings, program: &'a str) -> Subject<'a> {
    Subject {
        config: &settings.database,
        schema: &SCHEMA,
        program,
    }
}

/// How the head of a backup names the program that made it.
pub(super) fn program(settings: &Settings) -> String {
    format!("oc-lettings {VERSION} ({})", settings.commit)
}
