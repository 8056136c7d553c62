//! `/lettings/feed.atom`: the newest lettings as a feed (RFC 4287), in each language.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, SecondsFormat, Utc};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::pricing::Pricing;
use crate::domain::last_changes::{self, LastChanges};
use crate::domain::letting::{self, Card};
use crate::frame::Frame;
use crate::state::AppState;

/// Its path, without a language.
pub const PATH: &str = "/lettings/feed.atom";

/// The lettings that it has.
const ENTRIES: u64 = 30;

/// The feed.
#[derive(Debug, Template)]
#[template(path = "feed.xml")]
pub struct Feed {
    frame: Frame,
    entries: Vec<Entry>,
    updated: String,
}

/// A letting in the feed.
#[derive(Debug)]
struct Entry {
    /// The address that goes by the reader: the same in each language, so that a reader of both feeds
    /// knows it again.
    id: String,
    address: String,
    title: String,
    summary: String,
    updated: String,
}

impl Page for Feed {
    const CACHE: CachePolicy = CachePolicy::Public;
    const CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/feed.atom`
pub async fn show_feed(State(app): State<AppState>, frame: Frame) -> web::Result<View<Feed>> {
    let lettings = letting::newest(&app.db, ENTRIES).await?;
    let log = LastChanges::read(&app.db).await?;
    let oldest = last_changes::of_tables(&app.db).await?;
    let pricing = Pricing::new(&app, &frame);
    let mut updated = oldest;
    let entries = lettings.iter().map(|card| {
        let changed = log.of_letting(card.id, card.address_id);
        let changed = changed.unwrap_or(oldest);
        updated = updated.max(changed);
        entry(&pricing, card, changed)
    });
    Ok(View(Feed {
        entries: entries.collect(),
        updated: written(updated),
        frame,
    }))
}

fn entry(pricing: &Pricing<'_>, card: &Card, changed: DateTime<Utc>) -> Entry {
    let frame = pricing.frame;
    let path = format!("/lettings/{}/", card.id);
    let mut facts = vec![format!("{}, {}", card.city, card.state)];
    if let Some(size) = card.size {
        facts.push(frame.text_with("offer-sleeps", "count", size.sleeps));
        facts.push(frame.text_with("offer-bedrooms", "count", size.bedrooms));
    }
    if let Some(prices) = &card.prices {
        facts.push(pricing.from(prices));
    }
    Entry {
        id: frame.address(&path),
        address: frame.page_address(&path),
        title: in_xml(&card.title),
        summary: in_xml(&facts.join(" · ")),
        updated: written(changed),
    }
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A text without the characters that no XML may hold, not even escaped (XML 1.0, 2.2).
fn in_xml(text: &str) -> String {
    let is_allowed = |character: &char| match character {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    };
    text.chars().filter(is_allowed).collect()
}
