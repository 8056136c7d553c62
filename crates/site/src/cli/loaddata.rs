//! `loaddata`: the records of Django's fixtures, in the database.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use db::long_work::LongWork;
use fixtures::{KeyKind, LoadError, LoadOptions, LoadSummary, Scope, Source, Unknown};

use super::dumpdata::{FixedOptions, compression, require_migrated};
use super::{Failure, Result, block_on, output};
use crate::schema::APPS;
use crate::settings::Settings;

/// Loads Django's fixtures into the database: all records, or none if one fails.
///
/// A record with a primary key replaces the record that has this key. A record without one replaces
/// the record with the same natural key, such as a username. If there is no such record, it is
/// added. Each record has to follow the rules of its model and may refer only to records that
/// exist. A record that breaks a rule is loaded with a warning in two cases, as far as the columns
/// can hold it: if the database already stores it like that, or if the database is empty.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings loaddata site.json")]
pub(super) struct Args {
    /// Files that `dumpdata` wrote, here or in Django. `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Ignore models and fields that do not exist here. Permissions and history entries about such
    /// models are ignored too.
    #[arg(long, short)]
    ignorenonexistent: bool,
    /// Leave out this application or model. May be repeated.
    #[arg(long, short, value_name = "APP[.MODEL]")]
    exclude: Vec<String>,
    #[command(flatten)]
    fixed: FixedOptions,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let excluded = match &args.exclude[..] {
        [] => Vec::new(),
        names => fixtures::choose(APPS, names, &[], KeyKind::Primary, Scope::All)
            .map_err(|error| Failure::Exit(2, error.to_string()))?,
    };
    let sources: anyhow::Result<Vec<_>> = args.files.iter().map(|file| source(file)).collect();
    let sources = sources?;
    let load = LoadOptions {
        apps: APPS,
        sources: &sources,
        unknown: if args.ignorenonexistent {
            Unknown::Ignore
        } else {
            Unknown::Refuse
        },
        ignore_option: "--ignorenonexistent",
        excluded: &excluded,
    };
    let installed = block_on(install(settings, &load))?.map_err(failure)?;
    let LoadSummary {
        objects,
        total,
        skipped,
        empty,
        faults,
    } = installed;
    if skipped > 0 {
        tracing::warn!("passed over {skipped} object(s) about models that there are not");
    }
    for fault in faults.lines() {
        tracing::warn!("{fault}");
    }
    for source in empty {
        tracing::warn!("there is no record in {source}");
    }
    let of = if total == objects {
        String::new()
    } else {
        format!(" (of {total})")
    };
    output::line(&format!(
        "Installed {objects} object(s){of} from {} fixture(s)",
        sources.len()
    ));
    Ok(())
}

/// As in Django, a name may leave `.json` out.
fn source(file: &Path) -> anyhow::Result<Source> {
    if file == Path::new("-") {
        return Ok(Source::Input);
    }
    if let Some(extension) = compression(file) {
        bail!(
            "{} is compressed: pipe what is in the `.{extension}` file into `oc-lettings loaddata -`",
            file.display()
        );
    }
    if file.exists() {
        return Ok(Source::File(file.to_owned()));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".json");
    let with_ending = PathBuf::from(name);
    if with_ending.exists() {
        Ok(Source::File(with_ending))
    } else {
        Err(anyhow!("there is no fixture {}", file.display()))
    }
}

/// A bad fixture is what the command's user has to mend, and no incident: [`Failure::Exit`] is not
/// reported.
fn failure(error: anyhow::Error) -> Failure {
    match error.downcast_ref::<LoadError>() {
        Some(of_fixture) if of_fixture.is_of_fixture() => {
            Failure::Exit(1, web::describe(of_fixture))
        }
        _ => Failure::Error(error),
    }
}

async fn install(settings: &Settings, load: &LoadOptions<'_>) -> anyhow::Result<LoadSummary> {
    require_migrated(settings).await?;
    let work = LongWork::new(&settings.database);
    let installed = async {
        let db = work.write().await?;
        match fixtures::load(&db, load).await {
            Ok(installed) => {
                db.commit().await?;
                anyhow::Ok(installed)
            }
            Err(error) => {
                // An error changes nothing: what is not committed does not last.
                let _ = db.rollback().await;
                Err(error.into())
            }
        }
    };
    let installed = installed.await;
    // An error changes nothing: the process ends here.
    let _ = work.close().await;
    installed
}
