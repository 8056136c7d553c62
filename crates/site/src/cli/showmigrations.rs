//! `showmigrations`: what is recorded in the database, and what is left to do.

use std::collections::BTreeMap;

use db::migrate::{Plan, Step, look};

use super::{Result, block_on, output};
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Lists the migrations of each application: `[X]` done, `[ ]` to be done.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings showmigrations lettings profiles")]
pub(super) struct Args {
    /// The applications to list. By default all are listed.
    #[arg(value_name = "APP")]
    apps: Vec<String>,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let found = block_on(look(&settings.database, &SCHEMA))?.map_err(anyhow::Error::new)?;
    let plan = Plan::new(&SCHEMA, &found).map_err(anyhow::Error::new)?;
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (app, name) in &found.migrations {
        lines.entry(app).or_default().push(format!(" [X] {name}"));
    }
    for version in SCHEMA.own.versions {
        let is_applied = found
            .versions
            .iter()
            .any(|(number, _)| *number == version.number);
        let mark = if is_applied { 'X' } else { ' ' };
        let line = format!(" [{mark}] {:04}_{}", version.number, version.name);
        lines.entry(OWN_TABLES_HEADING).or_default().push(line);
    }
    for step in &plan.steps {
        if let Step::RecordMigration(migration) = step {
            let app = lines.entry(migration.app).or_default();
            app.push(format!(" [ ] {}", migration.name));
        }
    }
    for (app, lines) in lines {
        if args.apps.is_empty() || args.apps.iter().any(|wanted| wanted == app) {
            output::line(app);
            for line in lines {
                output::line(&line);
            }
        }
    }
    Ok(())
}

/// The heading of the versions of the program's own tables, which Django does not know.
const OWN_TABLES_HEADING: &str = "oc-lettings (own tables)";
