//! `backup`: the whole database in one file.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use db::backup::{Error, Existing, Subject, backup};

use super::progress::Shown;
use super::{Result, block_on, output};
use crate::release::VERSION;
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Writes the database to one file, while the site goes on.
///
/// The file is checked before it gets its name. Of SQLite it is a SQLite database, of PostgreSQL
/// a script for psql. What `restore` would not bring back, such as views and triggers, is named and
/// left out. It holds everything, password hashes among it: only its owner may read it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings backup /srv/backups/2026-11-24.backup")]
pub(super) struct Args {
    /// The file to write.
    file: PathBuf,
    /// Replace a file that is there already.
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
    let mut shown = Shown::new();
    let mut progress = |progress: db::backup::Progress<'_>| shown.show(progress);
    let contents = block_on(backup(subject, &args.file, existing, &mut progress))?;
    drop(shown);
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
