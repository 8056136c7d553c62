//! Measurements. Each leaves its raw output, dated, under `bench/runs/`: a claim about speed
//! needs one.

mod accounts;
mod admin;
mod attack;
mod collect;
mod compare;
mod feeds;
mod filled;
mod freshness;
mod kill;
mod lighthouse;
mod list;
mod load;
mod logins;
mod mail;
mod million;
mod mutations;
mod outage;
mod pages;
mod peers;
mod probes;
mod processor;
mod random;
mod refusals;
mod report;
mod restarts;
mod search;
mod slow;
mod start;
mod static_files;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use xtask::{guard, output, process};

use self::report::Report;

/// Measures the release build.
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask bench",
    after_help = "Example:\n  cargo xtask bench start"
)]
enum Scenario {
    /// Time to the first answer, and memory after ten thousand.
    Start,
    /// The list of lettings, of a hundred and of a million.
    List,
    /// Static files beside nginx and WhiteNoise.
    Static,
    /// Public pages beside nginx and Django.
    Pages,
    /// How soon a commit of another program shows, and what it costs to look for it.
    Freshness,
    /// What the request log and the metrics cost.
    Watch,
    /// The collection of two thousand files beside Django's.
    Collect,
    /// A hundred thousand mutated requests, and five thousand hostile enquiries.
    Mutations,
    /// A hundred restarts under load, over one listening socket.
    Restarts,
    /// Whether visitors are served while hundreds of connections are slow.
    Slow,
    /// PostgreSQL stopped for ten seconds under load.
    Outage,
    /// Public pages while fifty people log in, and while strangers try a hundred passwords a second.
    Logins,
    /// Refused logins, by what is stored.
    Refusals,
    /// All that a stranger may try, on a program with 64 MB of memory and 32 MB for its page cache.
    Attack,
    /// The admin's list of two hundred thousand lettings, on both databases.
    Admin,
    /// The program killed two hundred times while it saves, on each database.
    Kill,
    /// A thousand letters, while the program is killed fifty times and the SMTP server comes and goes.
    Mail,
    /// A hundred thousand stays, and a thousand calendars of other sites that are read meanwhile.
    Feeds,
    Lighthouse(lighthouse::Args),
    Compare(compare::Args),
    Million(million::Args),
    /// Searches and suggestions with up to a million lettings, on both databases.
    Search(search::Args),
}

fn main() -> ExitCode {
    let scenario = Scenario::parse();
    guard::run(|| measure(&scenario).map(|()| ExitCode::SUCCESS))
}

fn measure(scenario: &Scenario) -> anyhow::Result<()> {
    let program = process::build(match scenario {
        // What is killed need not be fast, and the tests have built it.
        Scenario::Mail => &["--package", "site", "--bin", "oc-lettings"],
        // The program itself reads no calendar of this machine.
        Scenario::Feeds => &[
            "--release",
            "--package",
            "site",
            "--features",
            "jemalloc",
            "--example",
            "loopback",
        ],
        _ => &[
            "--release",
            "--package",
            "site",
            "--features",
            "jemalloc",
            "--bin",
            "oc-lettings",
        ],
    })?;
    let (name, measure): (_, fn(&str, &mut Report) -> _) = match scenario {
        Scenario::Start => ("start", start::measure),
        Scenario::List => ("list", list::measure),
        Scenario::Static => ("static", static_files::measure),
        Scenario::Pages => ("pages", pages::measure),
        Scenario::Freshness => ("freshness", freshness::measure),
        Scenario::Watch => ("watch", watch::measure),
        Scenario::Collect => ("collect", collect::measure),
        Scenario::Mutations => ("mutations", mutations::measure),
        Scenario::Restarts => ("restarts", restarts::measure),
        Scenario::Slow => ("slow", slow::measure),
        Scenario::Outage => ("outage", outage::measure),
        Scenario::Logins => ("logins", logins::measure),
        Scenario::Refusals => ("refusals", refusals::measure),
        Scenario::Attack => ("attack", attack::measure),
        Scenario::Admin => ("admin", admin::measure),
        Scenario::Kill => ("kill", kill::measure),
        Scenario::Mail => ("mail", mail::measure),
        Scenario::Feeds => ("feeds", feeds::measure),
        Scenario::Lighthouse(args) => return lighthouse::run(&program, args),
        Scenario::Compare(args) => return compare::run(&program, args),
        Scenario::Million(args) => return million::run(&program, args),
        Scenario::Search(args) => return search::run(&program, args),
    };
    let mut report = Report::new(name)?;
    measure(&program, &mut report)?;
    let path = report.write()?;
    output::line(&format!("written to {path}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Scenario::command().debug_assert();
    }
}
