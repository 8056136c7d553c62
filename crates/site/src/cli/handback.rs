//! `handback`: the database becomes Django's alone again.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use db::backup::{Existing, backup};
use db::handback::{
    self, Error, Form, HandbackOptions, Need, OwnTables, Plan, Refusal, backup_path,
};

use super::backup::{program, subject};
use super::progress::ProgressView;
use super::{Failure, Result, block_on, output};
use crate::schema::SCHEMA;
use crate::settings::Settings;

/// Hands the database back to Django, and verifies the result.
///
/// The command first prints what is needed: nothing, `manage.py migrate --fake`, or that everything
/// written here is copied to the tables that your Django code reads. It then writes a backup and
/// makes all changes in one transaction. If anything fails, nothing is changed. Stop the site
/// first: otherwise it adopts the database again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings handback --plan\n  oc-lettings handback --to original"
)]
pub(super) struct Args {
    /// Print what would be done, and change nothing. The changes are tried in a transaction that is
    /// rolled back.
    #[arg(long)]
    plan: bool,
    /// Which tables your Django code reads. Required if the database does not show it.
    #[arg(long, value_name = "CODE")]
    to: Option<DjangoCode>,
    /// Keep the program's own tables, such as the counts of failed logins.
    #[arg(long)]
    keep: bool,
    /// The file to write the backup to. By default it is next to the SQLite database, or for
    /// PostgreSQL in the working directory.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DjangoCode {
    /// The old tables, whose rows were copied when the database was adopted, such as
    /// `oc_lettings_site_letting`.
    Original,
    /// The new tables: `lettings_address`, `lettings_letting` and `profiles_profile`.
    Modular,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let config = &settings.database;
    let wanted = HandbackOptions {
        form: args.to.map(|to| match to {
            DjangoCode::Original => Form::Legacy,
            DjangoCode::Modular => Form::Present,
        }),
        own_tables: if args.keep {
            OwnTables::Keep
        } else {
            OwnTables::Drop
        },
    };
    let failure = |error| failure(error, wanted.form);
    let plan = block_on(handback::plan(config, &SCHEMA, wanted))?.map_err(failure)?;
    print_what_is_needed(&plan);
    if plan.steps.is_empty() {
        output::line("Nothing to do.");
        print_next_steps(&plan);
        return Ok(());
    }
    if args.plan {
        output::line("Planned, after a backup:");
        for step in &plan.steps {
            output::line(&format!("  {step}"));
        }
        print_next_steps(&plan);
        output::line("Stop the site before you hand back: it works on tables that go.");
        return Ok(());
    }
    // `run` makes the plan again within its transaction, since the site may have written after this
    // one was made. What is printed is the plan that was carried out.
    back_up(args, settings)?;
    let done = block_on(handback::run(config, &SCHEMA, wanted))?.map_err(failure)?;
    for step in &done.plan.steps {
        output::line(&format!("  {step} ... OK"));
    }
    output::line("Handed back. Compared before it was made lasting; your Django code reads:");
    for (table, rows) in &done.plan.tables {
        output::line(&format!("  {table}: {rows} rows"));
    }
    print_next_steps(&done.plan);
    if done.is_file_in_use {
        output::line(
            "Another program has the database open: stop the site, which works on tables that are \
             gone.",
        );
    }
    output::line("`oc-lettings serve` and `oc-lettings migrate` would adopt the database again.");
    Ok(())
}

/// A refusal counts as wrong usage, and says which options would help.
fn failure(error: Error, wanted: Option<Form>) -> Failure {
    let Error::Refused(refusal) = error else {
        return Failure::Error(anyhow!(error));
    };
    let how = match &refusal {
        Refusal::Ambiguous { legacy, present } => format!(
            ".\n  --to original  for the code that reads {}; for newer code too, whose `manage.py \
             migrate` then moves the rows by itself\n  \
             --to modular   for newer code that reads {}\nWith --plan each shows what it would do",
            legacy.join(", "),
            present.join(", ")
        ),
        Refusal::NothingCopied => "; leave out --to".to_owned(),
        Refusal::InTheWay(_) if wanted != Some(Form::Present) => {
            "\nNewer code, which reads the tables in use, needs less: --to modular".to_owned()
        }
        Refusal::InTheWay(_) | Refusal::NoDatabase(_) | Refusal::TooNew { .. } => String::new(),
    };
    Failure::Exit(2, format!("{refusal}{how}"))
}

fn print_what_is_needed(plan: &Plan) {
    output::line(match plan.need {
        Need::Nothing => "Nothing is needed: Django can work on the database as it is.",
        Need::FakeMigrations => {
            "`manage.py migrate --fake` is needed: the tables are there and full, and your code's \
             migrations would make and fill them once more."
        }
        Need::Carry => {
            "More is needed than `manage.py migrate --fake`: what was written here has to be \
             carried to the tables that your code reads."
        }
    });
    if let Some(because) = &plan.because {
        let to = match plan.form {
            Form::Legacy => "original",
            Form::Present => "modular",
        };
        output::line(&format!("Taken for --to {to}, since {because}."));
    }
}

fn print_next_steps(plan: &Plan) {
    for sentence in &plan.stays {
        output::line(sentence);
    }
    match plan.need {
        Need::Nothing => {}
        Need::FakeMigrations => {
            output::line("Then, with your Django code, before it serves:");
            for app in &plan.behind {
                output::line(&format!("  python manage.py migrate {app}"));
            }
            output::line("  python manage.py migrate --fake");
            output::line(
                "Code with columns that these tables lack needs its own migrations: take --to \
                 original for it.",
            );
        }
        Need::Carry => output::line(
            "Then start your Django code. Newer code moves the rows by its own migrations: `python \
             manage.py migrate`.",
        ),
    }
}

fn back_up(args: &Args, settings: &Settings) -> Result {
    let file = args
        .output
        .clone()
        .unwrap_or_else(|| backup_path(&settings.database));
    let program = program(settings);
    let subject = subject(settings, &program);
    let mut view = ProgressView::new();
    let mut progress = |progress: db::backup::Progress<'_>| view.show(progress);
    let written = block_on(backup(subject, &file, Existing::Keep, &mut progress))?;
    drop(view);
    let contents = written.map_err(|error| {
        anyhow!(error).context("no backup, and so the database was left as it was")
    })?;
    for what in &contents.left_out {
        output::line(&format!("Not in the backup: {what}"));
    }
    output::line(&format!(
        "Backed up to {}: {} tables, {} rows.",
        file.display(),
        contents.tables,
        contents.rows
    ));
    Ok(())
}
