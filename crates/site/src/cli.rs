//! The command line: names and flags are `manage.py`'s. One command, one file.

mod backup;
mod changepassword;
mod check;
mod clearsessions;
mod collectstatic;
mod createsuperuser;
mod demo;
mod deploy;
mod dumpdata;
mod handback;
mod health;
mod hidden_input;
mod licenses;
mod loaddata;
mod migrate;
mod output;
mod progress;
mod prompt;
mod reindex;
mod restore;
mod run;
mod serve;
mod showmigrations;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use telemetry::log::{self, Format, LevelSwitch};
use telemetry::report::{FLUSH_LIMIT, REPORTED};

use self::run::{CommandContext, Failure, Result, block_on, with_database};
use crate::release::UNKNOWN_COMMIT;
use crate::settings::{Log, RequiredSettings, Settings};
use crate::{observability, systemd};

/// Serves the website of Orange County Lettings, and manages its database.
#[derive(Debug, Parser)]
#[command(name = "oc-lettings", version, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "Without a command, the site is served.\n\
    Settings come from the environment and from `.env` in the working directory; \
    docs/en/reference/settings.md lists them.\n\n\
    Example:\n  oc-lettings migrate && oc-lettings serve";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(alias = "runserver")]
    Serve(serve::Args),
    Migrate(migrate::Args),
    Showmigrations(showmigrations::Args),
    Collectstatic(collectstatic::Args),
    Createsuperuser(createsuperuser::Args),
    Changepassword(changepassword::Args),
    Clearsessions(clearsessions::Args),
    Dumpdata(dumpdata::Args),
    Loaddata(loaddata::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Reindex(reindex::Args),
    Handback(handback::Args),
    Check(check::Args),
    Demo(demo::Args),
    Deploy(deploy::Args),
    Health(health::Args),
    Licenses(licenses::Args),
}

/// Runs the program. `commit` is what it was built from, if the build was told.
pub fn main(commit: Option<&'static str>) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // There is nowhere else to print it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let command = cli
        .command
        .unwrap_or(Command::Serve(serve::Args::default()));
    let required_settings = match &command {
        Command::Serve(_) => RequiredSettings::Serve,
        Command::Check(args) => args.required_settings(),
        Command::Deploy(args) => args.required_settings(),
        _ => RequiredSettings::Nothing,
    };
    // Before any thread is started, since it changes the environment; the log starts the first.
    let inherited = match command {
        Command::Serve(_) => systemd::inherited_listener(),
        _ => Ok(None),
    };
    let settings = match Settings::load(required_settings) {
        Ok(settings) => Settings {
            commit: commit.unwrap_or(UNKNOWN_COMMIT),
            ..settings
        },
        Err(problems) => {
            let _log = start_log(problems.log, None);
            print_failure(problems.log.format, &problems.to_string());
            return ExitCode::from(2);
        }
    };
    let log = start_log(settings.log, Some(&settings));
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let reporter = match command {
        // The failure of one of these is the answer that somebody asked for, and no incident.
        Command::Check(_) | Command::Deploy(_) | Command::Health(_) => None,
        _ => observability::reporter(&settings),
    };
    if let Some(reporter) = &reporter {
        reporter.watch_background();
    }
    let format = settings.log.format;
    let context = CommandContext {
        settings,
        reporter: reporter.clone(),
        inherited,
        level: log.as_ref().map(|(_, level)| level.clone()),
    };
    let code = match run(command, context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::AlreadyPrinted) => ExitCode::FAILURE,
        Err(Failure::Exit(code, why)) => {
            print_failure(format, &why);
            ExitCode::from(code)
        }
        Err(Failure::Error(error)) => {
            print_failure(format, &web::describe(error.as_ref()));
            if let Some(reporter) = &reporter {
                reporter.report(error.as_ref());
            }
            ExitCode::FAILURE
        }
    };
    if let Some(reporter) = reporter {
        reporter.close(FLUSH_LIMIT);
    }
    code
}

/// Starts the log. Where its thread cannot be started, the program goes on without a log.
fn start_log(log: Log, settings: Option<&Settings>) -> Option<(log::Guard, LevelSwitch)> {
    log::init(observability::log_config(log, settings)).ok()
}

/// Says why the program ends: as text, or as a line of the log where every line is JSON.
fn print_failure(format: Format, text: &str) {
    match format {
        Format::Text => output::error(text),
        Format::Json => tracing::error!(target: REPORTED, "{text}"),
    }
}

fn run(command: Command, context: CommandContext) -> Result {
    let settings = &context.settings;
    match command {
        Command::Serve(args) => serve::run(&args, context),
        Command::Migrate(args) => migrate::run(&args, settings),
        Command::Showmigrations(args) => showmigrations::run(&args, settings),
        Command::Collectstatic(args) => collectstatic::run(&args, settings),
        Command::Createsuperuser(args) => createsuperuser::run(&args, settings),
        Command::Changepassword(args) => changepassword::run(&args, settings),
        Command::Clearsessions(args) => clearsessions::run(&args, settings),
        Command::Dumpdata(args) => dumpdata::run(&args, settings),
        Command::Loaddata(args) => loaddata::run(&args, settings),
        Command::Backup(args) => backup::run(&args, settings),
        Command::Restore(args) => restore::run(&args, settings),
        Command::Reindex(args) => reindex::run(&args, settings),
        Command::Handback(args) => handback::run(&args, settings),
        Command::Check(args) => check::run(&args, settings),
        Command::Demo(args) => demo::run(&args, settings),
        Command::Deploy(args) => deploy::run(&args, settings),
        Command::Health(args) => health::run(&args, settings),
        Command::Licenses(args) => {
            licenses::run(&args);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_has_an_example() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        command.build();
        assert_helped(&mut command);
    }

    fn assert_helped(command: &mut clap::Command) {
        for command in command.get_subcommands_mut() {
            if command.get_name() == "help" {
                continue;
            }
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example:"), "{}", command.get_name());
            assert_helped(command);
        }
    }
}
