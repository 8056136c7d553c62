//! `dumpdata`: records as one of Django's fixtures.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use db::Address;
use db::long_work::LongWork;
use db::new_file::{Existing, NewFile, follow_links};
use fixtures::{Dump, Keys, Layout};

use super::{Failure, Result, block_on};
use crate::schema::{APPS, SCHEMA};
use crate::settings::Settings;

/// Writes records as JSON, in the form of Django's fixtures.
///
/// All of them, or those of the applications and models that are named. They are as they were at
/// one moment, and include the hashes of passwords and the sessions. `loaddata`, here and in Django,
/// reads what comes out.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings dumpdata --natural-foreign --natural-primary --exclude contenttypes \
                  --exclude auth.permission --exclude sessions --indent 2 --output site.json"
)]
pub(super) struct Args {
    /// Applications and models whose records are wanted, such as `lettings` and `auth.user`.
    #[arg(value_name = "APP[.MODEL]")]
    names: Vec<String>,
    /// Leave out an application or a model; may be repeated.
    #[arg(long, short, value_name = "APP[.MODEL]")]
    exclude: Vec<String>,
    /// Put each value in a line of its own, indented by so many spaces.
    #[arg(long, value_name = "N")]
    indent: Option<u8>,
    /// The file to write, instead of standard output; what is there gives way.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write references by natural keys, such as usernames, which are the same in every database.
    #[arg(long)]
    natural_foreign: bool,
    /// Leave primary keys out where there are natural ones.
    #[arg(long)]
    natural_primary: bool,
    /// Only the records with these primary keys of one model, separated by commas.
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pks: Vec<String>,
    #[command(flatten)]
    fixed: Fixed,
    /// Whatever a manager would leave out; here none does.
    #[arg(long, short, hide = true)]
    all: bool,
}

/// What `manage.py` lets one choose, and has one value here.
#[derive(Debug, clap::Args)]
pub(super) struct Fixed {
    /// The form, which is JSON.
    #[arg(long, value_parser = ["json"], default_value = "json", hide = true)]
    format: String,
    /// The database, which is that of the settings.
    #[arg(long, value_parser = ["default"], default_value = "default", hide = true)]
    database: String,
    /// How much is said, which is what there is to say.
    #[arg(long, short, value_parser = clap::value_parser!(u8).range(0..=3), default_value = "1", hide = true)]
    verbosity: u8,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let keys = |is_natural| {
        if is_natural {
            Keys::Natural
        } else {
            Keys::Primary
        }
    };
    let references = keys(args.natural_foreign);
    let models = fixtures::choose(APPS, &args.names, &args.exclude, references)
        .map_err(|unknown| Failure::Exit(2, unknown.to_string()))?;
    let pks = args.pks.iter().map(|key| key.trim().to_owned());
    let pks: Vec<_> = pks.filter(|key| !key.is_empty()).collect();
    let is_of_one_model = matches!(&args.names[..], [name] if name.contains('.'));
    if !pks.is_empty() && !is_of_one_model {
        let what = "--pks goes with the name of one model, such as auth.user";
        return Err(Failure::Exit(2, what.to_owned()));
    }
    let dump = Dump {
        apps: APPS,
        models: &models,
        keys: &pks,
        references,
        own: keys(args.natural_primary),
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

async fn write_file(settings: &Settings, dump: &Dump<'_>, path: &Path) -> anyhow::Result<()> {
    if let Some(extension) = compression(path) {
        bail!(
            "a fixture is written without compression: leave `.{extension}` out, or pipe it into \
             a program that compresses"
        );
    }
    let failed = || format!("write {}", path.display());
    // The target of a link is written, and the link stays. This fails if somebody else made the
    // link.
    let place = follow_links(path).with_context(failed)?;
    // What is no regular file, such as /dev/null or a pipe, is written to directly: a new file
    // would take its place.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        let out = fs::OpenOptions::new().write(true).open(path);
        return write(settings, dump, out.with_context(failed)?).await;
    }
    let place = place.canonicalize().unwrap_or(place);
    refuse_database(&settings.database.address, &place)?;
    let new = NewFile::begin(&place, Existing::Replace).with_context(failed)?;
    write(settings, dump, &new.file).await?;
    new.finish().with_context(failed)?;
    Ok(())
}

async fn write(settings: &Settings, dump: &Dump<'_>, out: impl Write) -> anyhow::Result<()> {
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

fn refuse_database(address: &Address, place: &Path) -> anyhow::Result<()> {
    let Address::Sqlite(database) = address else {
        return Ok(());
    };
    if database
        .canonicalize()
        .is_ok_and(|database| database == place)
    {
        bail!("{} is the database itself", place.display());
    }
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
