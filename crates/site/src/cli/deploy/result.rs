//! The result of a subcommand of `deploy`: its text and its exit code.

use ::deploy::execute::Outcome;
use ::deploy::plan::Refusal;
use ::deploy::render::{self, BASE_URL, Failure as ApiFailure, Render};

use crate::cli::Failure;
use crate::settings;

/// What a subcommand prints at its end, or why it failed.
pub(super) type DeployResult = Result<String, Failure>;

/// The exit code of wrong usage or configuration.
const WRONG_USAGE: u8 = 2;
/// The exit code of a deployment that failed and was not undone.
const NOT_UNDONE: u8 = 3;

pub(super) fn failed(why: impl Into<String>) -> Failure {
    Failure::Exit(1, why.into())
}

pub(super) fn wrong_usage(why: impl Into<String>) -> Failure {
    Failure::Exit(WRONG_USAGE, why.into())
}

/// How a run ended, in words and by the exit code.
pub(super) fn result_of(outcome: &Outcome) -> DeployResult {
    let text = outcome.to_string();
    match outcome {
        Outcome::Verified { .. } => Ok(text),
        Outcome::NotLive { .. }
        | Outcome::RolledBack { .. }
        | Outcome::Overtaken { .. }
        | Outcome::NothingDone {
            is_usage: false, ..
        } => Err(failed(text)),
        Outcome::NothingDone { is_usage: true, .. } => Err(wrong_usage(text)),
        Outcome::NeedsAttention { .. } => Err(Failure::Exit(NOT_UNDONE, text)),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Failure {
    let text = format!("refused: {refusal}");
    if refusal.is_usage() {
        wrong_usage(text)
    } else {
        failed(text)
    }
}

/// The failure of a first request to the API of Render, before anything was done.
pub(super) fn api_failed(failure: &ApiFailure) -> Failure {
    let hint = match failure {
        ApiFailure::Refused {
            status: 401 | 403, ..
        } => "; is RENDER_API_KEY right?",
        ApiFailure::Refused { status: 404, .. } => "; is RENDER_SERVICE_ID right?",
        _ => "",
    };
    let text = format!("nothing was done: {failure}{hint}");
    if failure.is_usage() {
        wrong_usage(text)
    } else {
        failed(text)
    }
}

/// Render's API, where there is a key.
pub(super) fn api(settings: &settings::Deploy) -> Option<Render> {
    let key = settings.api_key.clone()?;
    Some(Render::new(render::Config {
        base_url: settings
            .api_url
            .clone()
            .unwrap_or_else(|| BASE_URL.to_owned()),
        key,
        id: settings.service_id.clone()?,
    }))
}

/// The site's address: the one given by `--url`, else the one that Render tells.
pub(super) fn site_url(given: Option<&str>, told: Option<&str>) -> DeployResult {
    let missing = "Render does not tell where the site is: give its address with --url";
    checked_url(given.or(told).ok_or_else(|| wrong_usage(missing))?)
}

pub(super) fn checked_url(url: &str) -> DeployResult {
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(wrong_usage(
            "the site's address has to begin with `https://`",
        )),
    }
}
