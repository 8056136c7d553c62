//! `migrate`: brings the database to the schema of this release.

use anyhow::{Context as _, bail};
use db::Address;
use db::backup::is_sqlite;
use db::migrate::{Done, Plan, StartingPoint};

use super::{Failure, Result, block_on, output};
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Brings the database to the schema of this release.
///
/// Adopts an empty database, that of the Django site, or that of the original site, losing
/// nothing. A database that is anything else is refused and left as it was.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  DATABASE_URL=sqlite:////srv/site.sqlite3 oc-lettings migrate")]
pub(super) struct Args {
    /// Print what would be done, and do nothing.
    #[arg(long, conflicts_with = "check")]
    plan: bool,
    /// Do nothing; exit with 1 when there is something to do.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let config = &settings.database;
    if args.plan || args.check {
        let plan = block_on(db::migrate::plan(config, &SCHEMA))?.map_err(anyhow::Error::new)?;
        print_plan(&plan);
        return if args.check && !plan.is_empty() {
            Err(Failure::Silent)
        } else {
            Ok(())
        };
    }
    look_around(settings)?;
    let done = block_on(db::migrate::run(config, &SCHEMA))?.map_err(anyhow::Error::new)?;
    print_done(&done);
    Ok(())
}

fn print_plan(plan: &Plan) {
    if plan.is_empty() {
        output::line(NOTHING);
        return;
    }
    output::line(&format!("Found {}. Planned:", plan.starting_point));
    for step in &plan.steps {
        output::line(&format!("  {step}"));
    }
}

fn print_done(done: &Done) {
    if done.plan.is_empty() {
        output::line(NOTHING);
        return;
    }
    output::line(&format!("Found {}.", done.plan.starting_point));
    if let Some(copy) = &done.copy {
        output::line(&format!("  Copy of the file as it was: {}", copy.display()));
    }
    for step in &done.plan.steps {
        output::line(&format!("  {step} ... OK"));
    }
}

const NOTHING: &str = "The database is up to date: nothing to do.";

/// Before a database is made where nobody has said which: an owner's may lie beside it under another
/// name, and a new one would look as if everything were lost.
fn look_around(settings: &Settings) -> anyhow::Result<()> {
    let Address::Sqlite(path) = &settings.database.address else {
        return Ok(());
    };
    if settings.is_database_chosen || path.exists() {
        return Ok(());
    }
    let own = path.to_string_lossy();
    let Ok(files) = std::fs::read_dir(".") else {
        return Ok(());
    };
    let names = files.flatten().filter(|file| is_sqlite(&file.path()));
    let names = names.map(|file| file.file_name().to_string_lossy().into_owned());
    // Copies that were kept of a database that was removed begin with its name.
    let mut neighbours: Vec<_> = names.filter(|name| !name.starts_with(&*own)).collect();
    neighbours.sort();
    let Some(first) = neighbours.first() else {
        return Ok(());
    };
    bail!(
        "there is no database {own}, and DATABASE_URL names none, but here lies {}: set \
         DATABASE_URL=sqlite:///{first} to use it, or DATABASE_URL=sqlite:///{own} to have a new one \
         made",
        neighbours.join(", ")
    )
}

/// The same for `serve`: migrates, logs what was done, and says what was found.
pub(super) async fn migrate_and_log(settings: &Settings) -> anyhow::Result<StartingPoint> {
    look_around(settings)?;
    let done = db::migrate::run(&settings.database, &SCHEMA)
        .await
        .context("migrate")?;
    if !done.plan.is_empty() {
        let steps = done.plan.steps.len();
        tracing::info!(steps, "migrated {}", done.plan.starting_point);
    }
    if let Some(copy) = &done.copy {
        tracing::info!("the file as it was is kept at {}", copy.display());
    }
    Ok(done.plan.starting_point)
}
