//! `deploy status`: what is live, what was, and what is under way.

use deploy::context::Context;
use deploy::history::{Deployment, History};
use deploy::image::Digest;
use deploy::render::WebApplication;
use deploy::verify::running_commit;

use super::arguments::StatusArgs;
use super::end::{Said, api, misused, site_url, unasked};
use super::expectations::expectations;
use crate::settings;

/// How many deployments are listed.
const LISTED: usize = 10;

pub(super) fn run(ctx: Context<'_>, args: &StatusArgs, settings: &settings::Deploy) -> Said {
    let render = api(settings).ok_or_else(|| {
        misused("a deploy hook tells no status: set RENDER_API_KEY and RENDER_SERVICE_ID")
    })?;
    let application = render.application(ctx).map_err(|error| unasked(&error))?;
    let history = render.history(ctx).map_err(|error| unasked(&error))?;
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
            under_way.map_or_else(|| "nothing".to_owned(), |one| one.id.clone()),
        ),
    ]
    .map(|(name, value)| format!("{name:<10} {value}"))
    .join("\n")
}

/// The last deployments, the newest first.
fn table(history: &History) -> String {
    let head = ["Deployment", "Status", "Begun", "Ended", "By", "Image"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head)
        .chain(history.iter().take(LISTED).map(row))
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

fn row(one: &Deployment) -> [String; 6] {
    let told = |text: Option<&str>| text.unwrap_or("-").to_owned();
    [
        one.id.clone(),
        one.status.to_string(),
        told(one.created_at.as_deref()),
        told(one.finished_at.as_deref()),
        told(one.trigger.as_deref()),
        told(one.digest.as_ref().map(Digest::as_str)),
    ]
}
