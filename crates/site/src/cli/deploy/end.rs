//! How a deployment's command ends: in words, and by its exit code.

use ::deploy::execute::Outcome;
use ::deploy::plan::Refusal;
use ::deploy::render::{self, BASE_URL, Failure as ApiFailure, Render};

use crate::cli::Failure;
use crate::settings;

/// What a subcommand prints at its end, or why it failed.
pub(super) type Said = Result<String, Failure>;

/// The exit code of wrong usage or configuration.
const USAGE: u8 = 2;
/// The exit code of a deployment that failed and was not undone.
const OPEN: u8 = 3;

pub(super) fn failed(why: impl Into<String>) -> Failure {
    Failure::Exit(1, why.into())
}

pub(super) fn misused(why: impl Into<String>) -> Failure {
    Failure::Exit(USAGE, why.into())
}

/// How a run ended, in words and by the exit code.
pub(super) fn end(outcome: &Outcome) -> Said {
    let text = outcome.to_string();
    match outcome {
        Outcome::Verified { .. } => Ok(text),
        Outcome::NotLive { .. }
        | Outcome::RolledBack { .. }
        | Outcome::Overtaken { .. }
        | Outcome::NothingDone {
            is_usage: false, ..
        } => Err(failed(text)),
        Outcome::NothingDone { is_usage: true, .. } => Err(misused(text)),
        Outcome::Open { .. } => Err(Failure::Exit(OPEN, text)),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Failure {
    let text = format!("refused: {refusal}");
    if refusal.is_usage() {
        misused(text)
    } else {
        failed(text)
    }
}

/// Render could not be asked, and nothing was done before.
pub(super) fn unasked(failure: &ApiFailure) -> Failure {
    let hint = match failure {
        ApiFailure::Refused {
            status: 401 | 403, ..
        } => "; is RENDER_API_KEY right?",
        ApiFailure::Refused { status: 404, .. } => "; is RENDER_SERVICE_ID right?",
        _ => "",
    };
    let text = format!("nothing was done: {failure}{hint}");
    if failure.is_usage() {
        misused(text)
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
pub(super) fn site_url(given: Option<&str>, told: Option<&str>) -> Said {
    let missing = "Render does not tell where the site is: give its address with --url";
    checked_url(given.or(told).ok_or_else(|| misused(missing))?)
}

pub(super) fn checked_url(url: &str) -> Said {
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(misused("the site's address has to begin with `https://`")),
    }
}
