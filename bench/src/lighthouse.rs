//! Lighthouse's scores of the pages, and the bytes that they transfer.

use anyhow::{Context as _, bail};
use xtask::sites::{self, Sites};
use xtask::{npm, output, process};

use crate::report::Report;

const FOLDER: &str = "e2e/lighthouse";

/// Scores of Lighthouse, and bytes transferred.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask bench lighthouse --minimum 95")]
pub(crate) struct Args {
    /// The least score that passes.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(..=100))]
    minimum: u8,
}

/// Judges the release build, on the sites with few rows and with the demo data.
pub(crate) fn run(program: &str, args: &Args) -> anyhow::Result<()> {
    sites::prepare()?;
    npm::install(FOLDER)?;
    let sites = Sites::start(program)?;
    let mut report = Report::new("lighthouse")?;
    let mut measure = process::command("node", &["measure.js"]);
    sites.set_environment(measure.current_dir(process::repository().join(FOLDER)));
    let measured = measure
        .arg(args.minimum.to_string())
        .output()
        .context("run Lighthouse")?;
    for line in String::from_utf8_lossy(&measured.stdout).lines() {
        report.line(line);
    }
    // The report is written even if a score is too low.
    let path = report.write()?;
    output::line(&format!("written to {path}"));
    if !measured.status.success() {
        bail!("{}", String::from_utf8_lossy(&measured.stderr).trim());
    }
    Ok(())
}
