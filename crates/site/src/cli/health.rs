//! `health`: asks the running server whether it is alive; a container's health check.

use std::time::Duration;

use anyhow::{Context as _, anyhow};

use super::{Result, output};
use crate::settings::Settings;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Asks the server on this machine whether it is running.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  PORT=8000 oc-lettings health")]
pub(super) struct Args {
    /// The port to ask, if it is not the one of the settings.
    #[arg(long)]
    port: Option<u16>,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let port = args.port.unwrap_or(settings.port);
    let url = format!("http://127.0.0.1:{port}/healthz");
    let answer = ask(&url).with_context(|| format!("no health at {url}"))?;
    output::line(&answer);
    Ok(())
}

fn ask(url: &str) -> anyhow::Result<String> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .proxy(None)
        .build();
    let mut response = ureq::Agent::new_with_config(config).get(url).call()?;
    let status = response.status();
    if !status.is_success() {
        return Err(anyhow!("the answer was {status}"));
    }
    Ok(response.body_mut().read_to_string()?)
}
