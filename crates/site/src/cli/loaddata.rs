//! `loaddata`: the records of Django's fixtures, in the database.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use db::long_work::LongWork;
use fixtures::{Installed, Keys, Load, LoadError, Source, Unknown};

use super::dumpdata::{Fixed, compression, require_migrated};
use super::{Failure, Result, block_on, output};
use crate::schema::APPS;
use crate::settings::Settings;

/// Reads Django's fixtures into the database: all of them, or nothing.
///
/// A record with a primary key takes the place of the one that has it. One without is found by
/// its natural key, such as a username, or is a new one. Records keep their rules and refer to
/// something that is there; what breaks a rule is taken with a warning where it is stored so already,
/// and into a database that is empty, as far as its columns hold it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings loaddata site.json")]
pub(super) struct Args {
    /// Files that `dumpdata` wrote, here or in Django; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Pass over models and fields that there are not, and what is about such models: permissions,
    /// and entries of the history.
    #[arg(long, short)]
    ignorenonexistent: bool,
    /// Leave out an application or a model; may be repeated.
    #[arg(long, short, value_name = "APP[.MODEL]")]
    exclude: Vec<String>,
    #[command(flatten)]
    fixed: Fixed,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let excluded = match &args.exclude[..] {
        [] => Vec::new(),
        names => fixtures::choose(APPS, names, &[], Keys::Primary)
            .map_err(|error| Failure::Exit(2, error.to_string()))?,
    };
    let sources: anyhow::Result<Vec<_>> = args.files.iter().map(|file| source(file)).collect();
    let sources = sources?;
    let load = Load {
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
    let Installed {
        objects,
        of,
        passed_over,
        empty,
        faults,
    } = installed;
    if passed_over > 0 {
        tracing::warn!("passed over {passed_over} object(s) about models that there are not");
    }
    for fault in faults.lines() {
        tracing::warn!("{fault}");
    }
    for source in empty {
        tracing::warn!("there is no record in {source}");
    }
    let of = if of == objects {
        String::new()
    } else {
        format!(" (of {of})")
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
        _ => Failure::Failed(error),
    }
}

async fn install(settings: &Settings, load: &Load<'_>) -> anyhow::Result<Installed> {
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
