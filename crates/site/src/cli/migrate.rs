//! `migrate`: brings the database to the schema of this release.

use anyhow::{Context as _, bail};
use db::Address;
use db::backup::is_sqlite;
use db::migrate::{
    Error, MigrationReport, Plan, Refusal, SourceTables, StartingPoint, plan_named, rehearse,
    run_named,
};

use super::{Failure, Result, block_on, output};
use crate::plan_summary::{
    hidden_lines, hides_a_whole_part, shown_in_one_line, shown_lines, way_back,
};
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Brings the database to the schema of this release.
///
/// The command takes an empty database, the database of the Django site, or that of the original
/// site. No data is lost. With `--from` it also takes a database whose tables have other names. Any
/// other database is refused and not changed. The command prints what the site will show, what it
/// will not show, and how to go back to Django.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  DATABASE_URL=sqlite:////srv/site.sqlite3 oc-lettings migrate")]
pub(super) struct Args {
    /// Print what would be done, and change nothing.
    #[arg(long, conflicts_with = "check")]
    plan: bool,
    /// Change nothing, and exit with code 1 if there is something to do.
    #[arg(long)]
    check: bool,
    /// Copy the site's data from these tables. A part is `address`, `letting` or `profile`. A table
    /// name with anything but letters, digits and `_` has to be in double quotes.
    #[arg(long, value_name = "PART=TABLE,…", value_parser = parts_and_tables)]
    from: Vec<TablesByPart>,
}

/// Parts with the tables that they are to be filled from.
#[derive(Debug, Clone)]
struct TablesByPart(Vec<(String, String)>);

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let config = &settings.database;
    let table_by_part = table_by_part(&args.from)?;
    if args.plan || args.check {
        let plan = if args.plan {
            block_on(rehearse(config, &SCHEMA, &table_by_part))?
        } else {
            block_on(plan_named(config, &SCHEMA, &table_by_part))?
        };
        let plan = plan.map_err(refused)?;
        print_plan(&plan, settings);
        return if args.check && !plan.is_empty() {
            Err(Failure::AlreadyPrinted)
        } else {
            Ok(())
        };
    }
    refuse_to_overlook_databases(settings)?;
    let done = block_on(run_named(config, &SCHEMA, &table_by_part))?.map_err(refused)?;
    print_done(&done);
    Ok(())
}

fn parts_and_tables(text: &str) -> std::result::Result<TablesByPart, String> {
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
            return Ok(TablesByPart(tables));
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
fn table_by_part(from: &[TablesByPart]) -> std::result::Result<SourceTables, Failure> {
    let mut table_by_part = SourceTables::new();
    for (part, table) in from.iter().flat_map(|TablesByPart(tables)| tables) {
        if table_by_part.insert(part.clone(), table.clone()).is_some() {
            let why = format!("`--from` names two tables for {part}: which one is to be copied?");
            return Err(Failure::Exit(2, why));
        }
    }
    Ok(table_by_part)
}

/// A table of `--from` that cannot be copied counts as wrong usage.
fn refused(error: Error) -> Failure {
    match error {
        Error::Refused(refusal @ Refusal::Named(_)) => Failure::Exit(2, refusal.to_string()),
        error => Failure::Error(error.into()),
    }
}

fn print_plan(plan: &Plan, settings: &Settings) {
    if plan.is_empty() {
        output::line(UP_TO_DATE);
        return print_site_contents(plan, "The site shows");
    }
    output::line(&format!("Found {}. Planned:", plan.starting_point));
    if plan.needs_copy() && matches!(settings.database.address, Address::Sqlite(_)) {
        output::line("  Keep a copy of the file as it is beside it");
    }
    for step in &plan.steps {
        output::line(&format!("  {step}"));
    }
    print_site_contents(plan, "The site will show");
}

/// Prints what the site shows, what it does not show, and how to go back.
fn print_site_contents(plan: &Plan, shows: &str) {
    output::line(&format!("{shows}:"));
    for line in shown_lines(plan) {
        output::line(&format!("  {line}"));
    }
    let hidden = hidden_lines(plan);
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

fn print_done(done: &MigrationReport) {
    if done.plan.is_empty() {
        output::line(UP_TO_DATE);
        return print_site_contents(&done.plan, "The site shows");
    }
    output::line(&format!("Found {}.", done.plan.starting_point));
    if let Some(copy) = &done.copy {
        output::line(&format!("  Copy of the file as it was: {}", copy.display()));
    }
    for step in &done.plan.steps {
        output::line(&format!("  {step} ... OK"));
    }
    print_site_contents(&done.plan, "The site shows");
}

const UP_TO_DATE: &str = "The database is up to date: nothing to do.";

/// Refuses to make the default database while other SQLite files lie beside it. One of them may
/// hold the owner's data, and a new database would look as if everything were lost.
pub(super) fn refuse_to_overlook_databases(settings: &Settings) -> anyhow::Result<()> {
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
    refuse_to_overlook_databases(settings)?;
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
    log_what_is_shown(&done.plan);
    Ok(done.plan.starting_point)
}

fn log_what_is_shown(plan: &Plan) {
    if plan.starting_point == StartingPoint::Nothing {
        return;
    }
    tracing::info!("the site shows {}", shown_in_one_line(plan));
    for fault in &plan.faults {
        tracing::warn!("wrong in the database, and left as it is: {fault}");
    }
    for line in hidden_lines(plan) {
        if hides_a_whole_part(plan) {
            tracing::warn!("not shown: {line}; `oc-lettings migrate --plan` tells more");
        } else {
            tracing::info!("not shown: {line}");
        }
    }
}
