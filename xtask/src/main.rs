//! The automation of the project, in its own language: `cargo xtask <command>`. Knows the
//! tools around the crates, never the crates themselves, so that it builds in seconds.

mod bench;
mod bless;
mod browser;
mod ci;
mod coverage;
mod django;
mod guard;
mod licenses;
mod needs;
mod npm;
mod output;
mod postgres;
mod process;
mod record;
mod rehearse;
mod setup;
mod skip;
mod suite;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks, prepares and measures the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Setup,
    Ci(ci::Args),
    Test(suite::Args),
    Browser(browser::Args),
    Coverage,
    Bless,
    /// Writes the notices of the crates that the program is built from.
    Licenses,
    Record,
    #[command(subcommand)]
    Bench(bench::Scenario),
    Rehearse,
    Postgres,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    // `setup` holds nothing that would have to be put away, and what `postgres` holds is guarded: a
    // signal just ends them.
    if !matches!(command, Command::Setup | Command::Postgres) {
        process::outlive_interrupts()?;
        guard::pass_on_signals()?;
    }
    match command {
        Command::Setup => setup::run()?,
        Command::Ci(args) => return Ok(ci::run(&args)),
        Command::Test(args) => suite::run(&args)?,
        Command::Browser(args) => browser::run(&args)?,
        Command::Coverage => coverage::run()?,
        Command::Bless => bless::run()?,
        Command::Licenses => licenses::run()?,
        Command::Record => record::run(),
        Command::Bench(scenario) => bench::run(&scenario)?,
        Command::Rehearse => return rehearse::run(),
        Command::Postgres => postgres::run()?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
