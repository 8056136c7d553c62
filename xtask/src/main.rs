//! The automation of the project, in its own language: `cargo xtask <command>`. Knows the
//! tools around the crates, never the crates themselves, so that it builds in seconds.

mod bless;
mod browser;
mod ci;
mod coverage;
mod docs;
mod licenses;
mod needs;
mod promtool;
mod record;
mod release;
mod setup;
mod skip;
mod suite;
mod summary;

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use xtask::postgres::Postgres;
use xtask::{guard, output, process};

/// Checks, prepares and measures the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Installs what the checks need, or says what is missing.
    Setup,
    Ci(ci::Args),
    Test(suite::Args),
    Browser(browser::Args),
    /// Writes how much of the code the tests reach, and records it.
    Coverage,
    /// Writes snapshots and generated documents anew.
    Bless,
    /// Builds the documentation into `target/docs`.
    Docs,
    /// Writes the notices of the crates that the program is built from.
    Licenses,
    /// Writes anew what Django says, for tests that run without it.
    Record,
    Release(release::Args),
    /// Measures the release build.
    #[command(disable_help_flag = true)]
    Bench {
        /// A scenario and its options; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Plays pushes, deployments and failures on this machine, in containers; or with
    /// `instances PROGRAM` several instances of a program, without containers.
    Rehearse {
        /// What is played alone.
        arguments: Vec<String>,
    },
    /// Starts a PostgreSQL server for tests that are run by hand.
    Postgres,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match command {
        // A signal just ends these: `setup` has nothing to clean up, the server of `postgres` has a
        // guard, and the other two guard themselves.
        Command::Setup | Command::Postgres | Command::Bench { .. } | Command::Rehearse { .. } => {
            output::exit_code(run(command))
        }
        _ => guard::run(|| run(command)),
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Setup => setup::run()?,
        Command::Ci(args) => return Ok(ci::run(&args)),
        Command::Test(args) => suite::run(&args)?,
        Command::Browser(args) => browser::run(&args)?,
        Command::Coverage => coverage::run()?,
        Command::Bless => bless::run()?,
        Command::Docs => docs::run()?,
        Command::Licenses => licenses::run()?,
        Command::Record => record::run(),
        Command::Release(args) => release::run(&args)?,
        Command::Bench { arguments } => exec_member("bench", &arguments)?,
        Command::Rehearse { arguments } => exec_member("rehearsal", &arguments)?,
        Command::Postgres => serve_postgres()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Replaces this process by the program of another member of the workspace, which is only built
/// then: the gates need not wait for it. Returns only if that fails.
fn exec_member(package: &str, arguments: &[String]) -> anyhow::Result<()> {
    let mut cargo = process::command("cargo", &["run", "--quiet", "--package", package, "--"]);
    Err(cargo.args(arguments).exec()).context("run cargo")
}

/// Runs a server until the end of the input, or a signal.
fn serve_postgres() -> anyhow::Result<()> {
    let server = Postgres::start()?;
    output::line(&format!("TEST_POSTGRES_URL={}", server.url()));
    let programs = server.programs().display();
    output::line(&format!("TEST_POSTGRES_PROGRAMS={programs}"));
    let mut input = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut input);
    Ok(())
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
