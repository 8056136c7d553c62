//! The command line: names and flags are `manage.py`'s. One command, one file.

mod check;
mod demo;
mod health;
mod migrate;
mod output;
mod serve;
mod showmigrations;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::logging;
use crate::settings::{Need, Problems, Settings};

/// The website of Orange County Lettings: serves it, and looks after its database.
#[derive(Debug, Parser)]
#[command(name = "oc-lettings", version, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "Without a command the site is served.\n\
    Settings come from the environment and from `.env` in the working directory; \
    the README lists them.\n\n\
    Example:\n  oc-lettings migrate && oc-lettings serve";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(alias = "runserver")]
    Serve(serve::Args),
    Migrate(migrate::Args),
    Showmigrations(showmigrations::Args),
    Check(check::Args),
    Demo(demo::Args),
    Health(health::Args),
}

/// Why a command ended badly: its exit code, and what is printed.
enum Failure {
    /// Exit code 2.
    Configuration(Problems),
    /// Exit code 1.
    Failed(anyhow::Error),
    /// Exit code 1; everything worth saying was said.
    Silent,
}

type Result = std::result::Result<(), Failure>;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing better can be done when even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(cli
        .command
        .unwrap_or(Command::Serve(serve::Args::default())))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::FAILURE,
        Err(Failure::Failed(error)) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
        Err(Failure::Configuration(problems)) => {
            output::error(&problems.to_string());
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result {
    let need = match command {
        Command::Serve(_) => Need::Serve,
        _ => Need::Nothing,
    };
    let settings = Settings::load(need)?;
    logging::init(settings.log);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    match command {
        Command::Serve(args) => serve::run(&args, settings),
        Command::Migrate(args) => migrate::run(&args, &settings),
        Command::Showmigrations(args) => showmigrations::run(&args, &settings),
        Command::Check(args) => check::run(&args, &settings),
        Command::Demo(args) => demo::run(&args, &settings),
        Command::Health(args) => health::run(&args, &settings),
    }
}

/// Runs a command's future on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?.block_on(future))
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Configuration(problems)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
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
        for command in command.get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            let is_helped = command.get_name() == "help" || help.contains("Example:");
            assert!(is_helped, "{}", command.get_name());
        }
    }
}
