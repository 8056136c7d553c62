//! `migrate`: brings the database to the schema of this release.

use anyhow::{Context as _, bail};
use db::Address;
use db::backup::is_sqlite;
use db::migrate::{
    Done, Error, Named, Plan, Refusal, StartingPoint, plan_named, rehearse, run_named,
};

use super::{Failure, Result, block_on, output};
use crate::schema::SCHEMA;
use crate::settings::Settings;
use crate::shown::{hidden, hides_all_of_a_part, shown, shown_in_short, way_back};

/// Brings the database to the schema of this release.
///
/// Adopts an empty database, that of the Django site, or that of the original site, losing
/// nothing; with `--from` one whose tables have other names. A database that is anything else is
/// refused and left as it was. Says what the site will show, what it will not, and which ways lead back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  DATABASE_URL=sqlite:////srv/site.sqlite3 oc-lettings migrate")]
pub(super) struct Args {
    /// Print what would be done, and do nothing.
    #[arg(long, conflicts_with = "check")]
    plan: bool,
    /// Do nothing; exit with 1 when there is something to do.
    #[arg(long)]
    check: bool,
    /// Copy what the site shows from these tables: of `address`, `letting`, `profile`. A name that is
    /// not of letters, digits and `_` stands in `"`.
    #[arg(long, value_name = "PART=TABLE,…", value_parser = parts_and_tables)]
    from: Vec<Tables>,
}

/// Parts with the tables that they are to be filled from.
#[derive(Debug, Clone)]
struct Tables(Vec<(String, String)>);

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let config = &settings.database;
    let named = named(&args.from)?;
    if args.plan || args.check {
        let plan = if args.plan {
            block_on(rehearse(config, &SCHEMA, &named))?
        } else {
            block_on(plan_named(config, &SCHEMA, &named))?
        };
        let plan = plan.map_err(refused)?;
        print_plan(&plan, settings);
        return if args.check && !plan.is_empty() {
            Err(Failure::Silent)
        } else {
            Ok(())
        };
    }
    look_around(settings)?;
    let done = block_on(run_named(config, &SCHEMA, &named))?.map_err(refused)?;
    print_done(&done);
    Ok(())
}

fn parts_and_tables(text: &str) -> std::result::Result<Tables, String> {
    let mut tables = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('=').ok_or(WRONG_FROM)?;
        let (table, after) = first_name(after.trim_start()).ok_or(WRONG_FROM)?;
        let part = part.trim().to_lowercase();
        if part.is_empty() || table.is_empty() {
            return Err(WRONG_FROM.to_owned());
        }
        tables.push((part, table));
        if after.is_empty() {
            return Ok(Tables(tables));
        }
        rest = after.strip_prefix(',').ok_or(WRONG_FROM)?;
    }
}

const WRONG_FROM: &str =
    "must be parts and tables, such as `letting=old_letting,address=\"old address\"`";

/// The name that a text begins with, and the text from the comma behind it on. A name may stand in
/// `"`; a `"` within it is doubled, as in SQL.
fn first_name(text: &str) -> Option<(String, &str)> {
    let Some(mut quoted) = text.strip_prefix('"') else {
        let (name, _) = text.split_once(',').unwrap_or((text, ""));
        return Some((name.trim().to_owned(), &text[name.len()..]));
    };
    let mut name = String::new();
    loop {
        let (before, after) = quoted.split_once('"')?;
        name += before;
        quoted = after;
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                quoted = after;
            }
            None => return Some((name, quoted.trim_start())),
        }
    }
}

/// The tables by part. Fails if a part is named twice.
fn named(from: &[Tables]) -> std::result::Result<Named, Failure> {
    let mut named = Named::new();
    for (part, table) in from.iter().flat_map(|Tables(tables)| tables) {
        if named.insert(part.clone(), table.clone()).is_some() {
            let why = format!("`--from` names two tables for {part}: which one is to be copied?");
            return Err(Failure::Exit(2, why));
        }
    }
    Ok(named)
}

/// A table of `--from` that cannot be copied counts as wrong usage.
fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(refusal @ Refusal::Named(_)) => Failure::Exit(2, refusal.to_string()),
        error => Failure::Failed(error.into()),
    }
}

fn print_plan(plan: &Plan, settings: &Settings) {
    if plan.is_empty() {
        output::line(NOTHING);
        return say(plan, "The site shows");
    }
    output::line(&format!("Found {}. Planned:", plan.starting_point));
    if plan.needs_copy() && matches!(settings.database.address, Address::Sqlite(_)) {
        output::line("  Keep a copy of the file as it is beside it");
    }
    for step in &plan.steps {
        output::line(&format!("  {step}"));
    }
    say(plan, "The site will show");
}

/// Prints what the site shows, what it does not show, and how to go back.
fn say(plan: &Plan, shows: &str) {
    output::line(&format!("{shows}:"));
    for line in shown(plan) {
        output::line(&format!("  {line}"));
    }
    let hidden = hidden(plan);
    if !hidden.is_empty() {
        output::line("Not shown, of the same columns or nearly:");
        for line in hidden {
            output::line(&format!("  {line}"));
        }
    }
    if !plan.faults.is_empty() {
        output::line("Wrong, and left as it is:");
        for fault in &plan.faults {
            output::line(&format!("  {fault}"));
        }
    }
    output::line(&format!("Way back: {}.", way_back(plan)));
}

fn print_done(done: &Done) {
    if done.plan.is_empty() {
        output::line(NOTHING);
        return say(&done.plan, "The site shows");
    }
    output::line(&format!("Found {}.", done.plan.starting_point));
    if let Some(copy) = &done.copy {
        output::line(&format!("  Copy of the file as it was: {}", copy.display()));
    }
    for step in &done.plan.steps {
        output::line(&format!("  {step} ... OK"));
    }
    say(&done.plan, "The site shows");
}

const NOTHING: &str = "The database is up to date: nothing to do.";

/// Refuses to make the default database while other SQLite files lie beside it. One of them may
/// hold the owner's data, and a new database would look as if everything were lost.
pub(super) fn look_around(settings: &Settings) -> anyhow::Result<()> {
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
    // Files whose names begin with its name are copies kept of a database that was removed.
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

/// Migrates for `serve` and logs what was done. Returns what the database was before.
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
    tell_what_is_shown(&done.plan);
    Ok(done.plan.starting_point)
}

fn tell_what_is_shown(plan: &Plan) {
    if plan.starting_point == StartingPoint::Nothing {
        return;
    }
    tracing::info!("the site shows {}", shown_in_short(plan));
    for fault in &plan.faults {
        tracing::warn!("wrong in the database, and left as it is: {fault}");
    }
    for line in hidden(plan) {
        if hides_all_of_a_part(plan) {
            tracing::warn!("not shown: {line}; `oc-lettings migrate --plan` tells more");
        } else {
            tracing::info!("not shown: {line}");
        }
    }
}
