//! `dumpdata`: records as one of Django's fixtures.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use db::Address;
use db::long_work::LongWork;
use db::new_file::{Existing, NewFile, follow_links};
use fixtures::{DumpOptions, KeyKind, Layout, Scope};

use super::{Failure, Result, block_on};
use crate::schema::{APPS, SCHEMA};
use crate::settings::Settings;

/// Writes records as JSON, in the format of Django's fixtures.
///
/// Without a name all records are written that Django has tables for, otherwise those of the named
/// applications and models. All are read as of one moment. They include password hashes and sessions. `loaddata` reads the
/// result, here and in Django.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings dumpdata --natural-foreign --natural-primary --exclude contenttypes \
                  --exclude auth.permission --exclude sessions --indent 2 --output site.json"
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line"
)]
pub(super) struct Args {
    /// The applications and models to write, such as `lettings` or `auth.user`.
    #[arg(value_name = "APP[.MODEL]")]
    names: Vec<String>,
    /// Leave out this application or model. May be repeated.
    #[arg(long, short, value_name = "APP[.MODEL]")]
    exclude: Vec<String>,
    /// Write each value on a line of its own, indented by this many spaces.
    #[arg(long, value_name = "N")]
    indent: Option<u8>,
    /// Write to this file instead of standard output. An existing file is replaced.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Without a name, write the records of this program's own applications too, such as `homes`, which
    /// Django cannot load.
    #[arg(long)]
    own: bool,
    /// Write references as natural keys, such as usernames, which are the same in every database.
    #[arg(long)]
    natural_foreign: bool,
    /// Leave out the primary key of a record that has a natural key.
    #[arg(long)]
    natural_primary: bool,
    /// Write only the records with these primary keys, separated by commas. Needs the name of one
    /// model.
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pks: Vec<String>,
    #[command(flatten)]
    fixed: FixedOptions,
    /// Accepted because `manage.py` has it. No record is ever left out by a manager here.
    #[arg(long, short, hide = true)]
    all: bool,
}

/// Options of `manage.py` that have one possible value, or no effect, here.
#[derive(Debug, clap::Args)]
pub(super) struct FixedOptions {
    /// The format. Only JSON is supported.
    #[arg(long, value_parser = ["json"], default_value = "json", hide = true)]
    format: String,
    /// The database. Only the one of the settings can be used.
    #[arg(long, value_parser = ["default"], default_value = "default", hide = true)]
    database: String,
    /// How much to print. It has no effect.
    #[arg(long, short, value_parser = clap::value_parser!(u8).range(0..=3), default_value = "1", hide = true)]
    verbosity: u8,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let keys = |is_natural| {
        if is_natural {
            KeyKind::Natural
        } else {
            KeyKind::Primary
        }
    };
    let references = keys(args.natural_foreign);
    let scope = if args.own { Scope::All } else { Scope::Django };
    let models = fixtures::choose(APPS, &args.names, &args.exclude, references, scope)
        .map_err(|unknown| Failure::Exit(2, unknown.to_string()))?;
    let pks = args.pks.iter().map(|key| key.trim().to_owned());
    let pks: Vec<_> = pks.filter(|key| !key.is_empty()).collect();
    let is_of_one_model = matches!(&args.names[..], [name] if name.contains('.'));
    if !pks.is_empty() && !is_of_one_model {
        let what = "--pks goes with the name of one model, such as auth.user";
        return Err(Failure::Exit(2, what.to_owned()));
    }
    let dump = DumpOptions {
        apps: APPS,
        models: &models,
        keys: &pks,
        references,
        record_keys: keys(args.natural_primary),
        layout: args.indent.map_or(Layout::Line, Layout::Indented),
    };
    let written = match &args.output {
        None => block_on(write(settings, &dump, io::stdout().lock()))?,
        Some(path) => block_on(write_file(settings, &dump, path))?,
    };
    match written {
        // A reader that closed the pipe is no error of ours.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        written => Ok(written?),
    }
}

async fn write_file(
    settings: &Settings,
    dump: &DumpOptions<'_>,
    path: &Path,
) -> anyhow::Result<()> {
    if let Some(extension) = compression(path) {
        bail!(
            "a fixture is written without compression: leave `.{extension}` out, or pipe it into \
             a program that compresses"
        );
    }
    let failed = || format!("write {}", path.display());
    // The target of a link is written, and the link stays. This fails if somebody else made the
    // link.
    let target = follow_links(path).with_context(failed)?;
    // What is no regular file, such as /dev/null or a pipe, is written to directly: a new file
    // would take its place.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        let out = fs::OpenOptions::new().write(true).open(path);
        return write(settings, dump, out.with_context(failed)?).await;
    }
    let target = target.canonicalize().unwrap_or(target);
    refuse_database(&settings.database.address, &target)?;
    let new = NewFile::begin(&target, Existing::Replace).with_context(failed)?;
    write(settings, dump, &new.file).await?;
    new.finish().with_context(failed)?;
    Ok(())
}

async fn write(settings: &Settings, dump: &DumpOptions<'_>, out: impl Write) -> anyhow::Result<()> {
    require_migrated(settings).await?;
    let work = LongWork::new(&settings.database);
    let written = async {
        let db = work.read().await?;
        let written = fixtures::dump(&db, dump, BufWriter::new(out)).await;
        // An error changes nothing: the transaction only reads.
        let _ = db.rollback().await;
        anyhow::Ok(written?)
    };
    let written = written.await;
    // An error changes nothing: the process ends here.
    let _ = work.close().await;
    for fault in written?.lines() {
        tracing::warn!("{fault}");
    }
    Ok(())
}

/// Fails if the database is not migrated to this release.
pub(super) async fn require_migrated(settings: &Settings) -> anyhow::Result<()> {
    let config = &settings.database;
    let plan = db::migrate::plan(config, &SCHEMA).await?;
    if plan.is_empty() {
        return Ok(());
    }
    Err(anyhow!(
        "the {} is not migrated; run: oc-lettings migrate",
        config.address
    ))
}

/// The extension by which Django would compress this file, if it has one.
pub(super) fn compression(path: &Path) -> Option<&str> {
    let extension = path.extension()?.to_str()?;
    ["bz2", "gz", "lzma", "xz", "zip"]
        .contains(&extension)
        .then_some(extension)
}

fn refuse_database(address: &Address, target: &Path) -> anyhow::Result<()> {
    let Address::Sqlite(database) = address else {
        return Ok(());
    };
    if database
        .canonicalize()
        .is_ok_and(|database| database == target)
    {
        bail!("{} is the database itself", target.display());
    }
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
