//! `deploy status`: what is live, what was, and what is under way.

use deploy::context::Context;
use deploy::history::{Deployment, History};
use deploy::image::Digest;
use deploy::render::WebApplication;
use deploy::verify::running_commit;

use super::arguments::StatusArgs;
use super::expectations::expectations;
use super::result::{DeployResult, api, api_failed, site_url, wrong_usage};
use crate::settings;

/// How many deployments are listed.
const MAX_LISTED: usize = 10;

pub(super) fn run(
    ctx: Context<'_>,
    args: &StatusArgs,
    settings: &settings::Deploy,
) -> DeployResult {
    let render = api(settings).ok_or_else(|| {
        wrong_usage("a deploy hook tells no status: set RENDER_API_KEY and RENDER_SERVICE_ID")
    })?;
    let application = render
        .application(ctx)
        .map_err(|error| api_failed(&error))?;
    let history = render.history(ctx).map_err(|error| api_failed(&error))?;
    let url = site_url(args.url.as_deref(), application.url.as_deref())?;
    let commit = match running_commit(ctx, &expectations(&url)) {
        Some(commit) => commit.to_string(),
        None => "not told".to_owned(),
    };
    let mut text = overview(&application, &history, &url, &commit);
    text += "\n\n";
    text += &table(&history);
    Ok(text)
}

fn overview(application: &WebApplication, history: &History, url: &str, commit: &str) -> String {
    let digest = |digest: Option<&Digest>| digest.map_or("none", Digest::as_str).to_owned();
    let live = history.live().and_then(|live| live.digest.as_ref());
    let under_way = history.under_way();
    let image = application.repository.as_ref();
    let is_suspended = if application.is_suspended {
        ", suspended"
    } else {
        ""
    };
    [
        ("Name", format!("{}{is_suspended}", application.name)),
        ("Address", url.to_owned()),
        (
            "Image",
            image.map_or_else(|| "not told".to_owned(), ToString::to_string),
        ),
        ("Live", digest(live)),
        ("Commit", commit.to_owned()),
        ("Before", digest(history.previous())),
        (
            "Under way",
            under_way.map_or_else(|| "nothing".to_owned(), |deployment| deployment.id.clone()),
        ),
    ]
    .map(|(name, value)| format!("{name:<10} {value}"))
    .join("\n")
}

/// The last deployments, the newest first.
fn table(history: &History) -> String {
    let head = ["Deployment", "Status", "Begun", "Ended", "By", "Image"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head)
        .chain(history.iter().take(MAX_LISTED).map(row))
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths);
        let cells = cells.map(|(cell, width)| format!("{cell:<width$}  "));
        cells.collect::<String>().trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn row(deployment: &Deployment) -> [String; 6] {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    [
        deployment.id.clone(),
        deployment.status.to_string(),
        or_dash(deployment.created_at.as_deref()),
        or_dash(deployment.finished_at.as_deref()),
        or_dash(deployment.trigger.as_deref()),
        or_dash(deployment.digest.as_ref().map(Digest::as_str)),
    ]
}
