//! The command line: names and flags are `manage.py`'s. One command, one file.

mod backup;
mod changepassword;
mod check;
mod clearsessions;
mod collectstatic;
mod completions;
mod createsuperuser;
mod demo;
mod deploy;
mod dumpdata;
mod handback;
mod health;
mod hidden_input;
mod licenses;
mod loaddata;
mod man;
mod migrate;
mod output;
mod photo_worker;
mod progress;
mod prompt;
mod reindex;
mod restore;
mod run;
mod sendtestemail;
mod serve;
mod showmigrations;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use telemetry::log::{self, Format, LevelSwitch};
use telemetry::report::{FLUSH_LIMIT, REPORTED};

use self::run::{CommandContext, Failure, Result, block_on, with_database};
use crate::release::Build;
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
    the documentation lists them.\n\n\
    Example:\n  oc-lettings migrate && oc-lettings serve";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Site(SiteCommand),
    Licenses(licenses::Args),
    Completions(completions::Args),
    Man(man::Args),
    #[command(hide = true)]
    PhotoWorker(photo_worker::Args),
}

/// The commands that read the settings. The others tell of the program itself, whatever these are.
#[derive(Debug, Subcommand)]
enum SiteCommand {
    #[command(alias = "runserver")]
    Serve(serve::Args),
    Migrate(migrate::Args),
    Showmigrations(showmigrations::Args),
    Collectstatic(collectstatic::Args),
    Createsuperuser(createsuperuser::Args),
    Changepassword(changepassword::Args),
    Clearsessions(clearsessions::Args),
    Sendtestemail(sendtestemail::Args),
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
}

/// The command line, with the version of a build.
pub fn command(build: Build) -> clap::Command {
    // Leaked once: the version lives as long as the program.
    let version: &str = build.version().leak();
    Cli::command().version(version)
}

/// Runs the program.
pub fn main(build: Build) -> ExitCode {
    let parsed = command(build).try_get_matches();
    let command = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli.command,
        Err(error) => {
            // There is nowhere else to print it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match command {
        None => return run_site(SiteCommand::Serve(serve::Args::default()), build),
        Some(Command::Site(command)) => return run_site(command, build),
        Some(Command::Licenses(args)) => {
            licenses::run(&args);
            Ok(())
        }
        Some(Command::Completions(args)) => {
            completions::run(&args, self::command(build));
            Ok(())
        }
        Some(Command::Man(args)) => man::run(&args, self::command(build)),
        Some(Command::PhotoWorker(args)) => photo_worker::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&web::describe(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command that reads the settings.
fn run_site(command: SiteCommand, build: Build) -> ExitCode {
    let required_settings = match &command {
        SiteCommand::Serve(_) => RequiredSettings::Serve,
        SiteCommand::Check(args) => args.required_settings(),
        SiteCommand::Deploy(args) => args.required_settings(),
        _ => RequiredSettings::Nothing,
    };
    // Before any thread is started, since it changes the environment; the log starts the first.
    let inherited = match command {
        SiteCommand::Serve(_) => systemd::inherited_listener(),
        _ => Ok(None),
    };
    let settings = match Settings::load(required_settings) {
        Ok(settings) => Settings {
            commit: build.commit(),
            feed_reach: build.feed_reach,
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
        SiteCommand::Check(_) | SiteCommand::Deploy(_) | SiteCommand::Health(_) => None,
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

fn run(command: SiteCommand, context: CommandContext) -> Result {
    let settings = &context.settings;
    match command {
        SiteCommand::Serve(args) => serve::run(&args, context),
        SiteCommand::Migrate(args) => migrate::run(&args, settings),
        SiteCommand::Showmigrations(args) => showmigrations::run(&args, settings),
        SiteCommand::Collectstatic(args) => collectstatic::run(&args, settings),
        SiteCommand::Createsuperuser(args) => createsuperuser::run(&args, settings),
        SiteCommand::Changepassword(args) => changepassword::run(&args, settings),
        SiteCommand::Clearsessions(args) => clearsessions::run(&args, settings),
        SiteCommand::Sendtestemail(args) => sendtestemail::run(&args, settings),
        SiteCommand::Dumpdata(args) => dumpdata::run(&args, settings),
        SiteCommand::Loaddata(args) => loaddata::run(&args, settings),
        SiteCommand::Backup(args) => backup::run(&args, settings),
        SiteCommand::Restore(args) => restore::run(&args, settings),
        SiteCommand::Reindex(args) => reindex::run(&args, settings),
        SiteCommand::Handback(args) => handback::run(&args, settings),
        SiteCommand::Check(args) => check::run(&args, settings),
        SiteCommand::Demo(args) => demo::run(&args, settings),
        SiteCommand::Deploy(args) => deploy::run(&args, settings),
        SiteCommand::Health(args) => health::run(&args, settings),
    }
}

#[cfg(test)]
mod tests {
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
