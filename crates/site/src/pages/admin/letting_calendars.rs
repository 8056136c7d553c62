//! The calendars of a letting: the one that we give to other sites, and those that we read from them.

use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use calendars::fetch::{ADDRESS_BYTES_MAX, AddressError};
use chrono::{DateTime, Utc};
use db::rules::TextRule;
use db::{Database, Integer};
use sea_orm::EntityTrait as _;
use web::extract::Path;
use web::form::Form;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use accounts::messages::level;
use admin::{Staff, redirect};

use super::admin_frame::{AdminFrame, FormField};
use super::letting_editor::LettingEditor;
use crate::domain::history::{self, Change, Entry};
use crate::domain::letting::{self, LettingId};
use crate::domain::stay::{self, clash};
use crate::domain::{calendar_link, feed};
use crate::feed_problems;
use crate::frame::Frame;
use crate::head::Head;
use crate::pages::{calendar_file, dates};
use crate::state::AppState;

/// The address of the page.
pub const LETTING_CALENDARS: &str = "/admin/lettings/letting/{id}/calendars/";

/// How many clashes are shown.
const CLASHES: usize = 20;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/letting_calendars.html")]
pub struct LettingCalendars {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    id: i64,
    title: String,
    /// The address of our calendar, once there is one.
    given: Option<String>,
    feeds: Vec<FeedRow>,
    /// How many there may be.
    most: usize,
    clashes: Vec<String>,
    name: FormField,
    url: FormField,
}

/// A calendar that is read.
#[derive(Debug)]
pub struct FeedRow {
    id: i64,
    name: String,
    url: String,
    /// When it was last read, in words.
    read: Option<String>,
    /// What went wrong the last time.
    problem: Option<String>,
}

impl Page for LettingCalendars {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// A letting whose calendars are seen to.
struct Subject {
    id: Integer,
    title: String,
}

impl Subject {
    async fn find(db: &Database, LettingId(id): LettingId) -> web::Result<Self> {
        let letting = letting::Entity::find_by_id(Integer(id)).one(db).await?;
        let letting = letting.ok_or(web::Error::NotFound)?;
        Ok(Self {
            id: letting.id,
            title: letting.title,
        })
    }

    fn path(&self) -> String {
        format!("/admin/lettings/letting/{}/calendars/", self.id.0)
    }

    fn entry(&self, staff: &Staff) -> Entry<'_> {
        Entry {
            user: staff.user.id,
            letting: self.id,
            title: &self.title,
            name: "calendar",
        }
    }
}

/// What was typed to add a calendar.
#[derive(Default)]
struct Typed {
    name: FormField,
    url: FormField,
}

/// `GET /admin/lettings/letting/{id}/calendars/`
pub async fn show_letting_calendars(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(id): Path<LettingId>,
    frame: Frame,
) -> web::Result<View<LettingCalendars>> {
    let subject = Subject::find(&app.db, id).await?;
    page(&app, &staff, frame, (subject, Typed::default())).await
}

async fn page(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (subject, typed): (Subject, Typed),
) -> web::Result<View<LettingCalendars>> {
    let feeds = feed::of_letting(&app.db, subject.id).await?;
    let stays = clash::since(&app.db, subject.id, app.calendar.today()).await?;
    let token = calendar_link::token_of(&app.db, subject.id).await?;
    let given = token.map(|token| frame.address(&calendar_file::path(subject.id.0, &token)));
    let clashes = clash::clashes(&stays).into_iter().take(CLASHES);
    Ok(View(LettingCalendars {
        head: Head::private(frame.text_with("calendars-title", "title", subject.title.as_str())),
        admin_frame: AdminFrame::of(staff, app).await?,
        id: subject.id.0,
        title: subject.title,
        given,
        clashes: clashes
            .map(|clash| sentence(&frame, &feeds, clash))
            .collect(),
        feeds: feeds
            .iter()
            .map(|feed| FeedRow::new(app, &frame, feed))
            .collect(),
        most: feed::MOST,
        name: typed.name,
        url: typed.url,
        frame,
    }))
}

impl FeedRow {
    fn new(app: &AppState, frame: &Frame, feed: &feed::Model) -> Self {
        Self {
            id: feed.id.0,
            name: feed.name.clone(),
            url: feed.url.clone(),
            read: feed.succeeded_at.map(|time| moment(app, frame, time)),
            problem: feed_problems::sentence(frame.texts(), (&feed.error, &feed.error_detail)),
        }
    }
}

/// A moment by the clock of the homes.
fn moment(app: &AppState, frame: &Frame, time: DateTime<Utc>) -> String {
    let time = time.with_timezone(&app.calendar.zone());
    let day = dates::day(frame, time.date_naive());
    let clock = time.format("%H:%M").to_string();
    frame.text_pair("calendars-moment", ["day", "time"], (day, clock))
}

/// Who takes the same nights, and which.
fn sentence(frame: &Frame, feeds: &[feed::Model], clash: clash::Clash<'_>) -> String {
    let source = |stay: &stay::Model| match stay.feed_id {
        None => frame.text("calendars-own"),
        Some(id) => {
            let feed = feeds.iter().find(|feed| feed.id == id);
            feed.map(|feed| feed.name.clone()).unwrap_or_default()
        }
    };
    let values = [
        ("first", source(clash.first).into()),
        ("second", source(clash.second).into()),
        (
            "days",
            dates::span(frame, clash.arrival, clash.departure).into(),
        ),
    ];
    frame.texts().with("calendars-clash", values)
}

/// The rule of each field of the form; others are left out.
fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "action" => Some(TextRule::line(32)),
        "name" => Some(TextRule::line(*feed::NAME.end())),
        "url" => Some(TextRule::line(ADDRESS_BYTES_MAX)),
        _ => None,
    }
}

/// `POST /admin/lettings/letting/{id}/calendars/`: `renew` gives our calendar another address, `add` adds one to
/// read, `read-5` reads that of this key at once, `remove-5` removes it with its nights.
pub async fn change_letting_calendars(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(id): Path<LettingId>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let form = Form::read(request, rule_of).await?;
    let subject = Subject::find(&app.db, id).await?;
    let action = form.get("action").unwrap_or_default();
    if action == "add" {
        return add(&app, &staff, frame, (subject, &form)).await;
    }
    if action == "renew" {
        return renew(&app, &staff, &frame, &subject).await;
    }
    let feeds = feed::of_letting(&app.db, subject.id).await?;
    let named = |prefix: &str| {
        let key = action.strip_prefix(prefix)?;
        feeds.iter().find(|feed| feed.id.0.to_string() == key)
    };
    if let Some(feed) = named("remove-") {
        let transaction = app.db.begin().await?;
        feed::remove(&transaction, feed.id).await?;
        let changes = [Change::Deleted(feed.name.clone())];
        history::write(&transaction, subject.entry(&staff), &changes).await?;
        transaction.commit().await?;
        let text = frame.text_with("calendars-removed", "name", feed.name.as_str());
        staff.visit.add_message(level::SUCCESS, text).await?;
    } else if let Some(feed) = named("read-") {
        read(&app, &staff, &frame, feed).await?;
    }
    Ok(redirect(&subject.path()))
}

async fn add(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (subject, form): (Subject, &Form),
) -> web::Result<Response> {
    let field = |name| {
        let value = form.get(name).unwrap_or_default().trim();
        FormField::required(&frame, value, form.flaw(name))
    };
    let mut typed = Typed {
        name: field("name"),
        url: field("url"),
    };
    let address = app.feeds.check(&typed.url.value);
    if let (true, Err(error)) = (typed.url.errors.is_empty(), &address) {
        typed.url.errors.push(frame.text(refusal(*error)));
    }
    let known = feed::of_letting(&app.db, subject.id).await?;
    let is_full = known.len() >= feed::MOST;
    let address = address.map(|address| address.as_str()).unwrap_or_default();
    if known.iter().any(|feed| feed.url == address) {
        typed.url.errors.push(frame.text("feed-error-twice"));
    }
    if is_full || !typed.name.errors.is_empty() || !typed.url.errors.is_empty() {
        if is_full {
            let text = frame.text_with("feed-error-too-many", "most", feed::MOST);
            staff.visit.add_message(level::ERROR, text).await?;
        }
        let shown = (subject, typed);
        return Ok(page(app, staff, frame, shown).await?.into_response());
    }
    let transaction = app.db.begin().await?;
    let added = feed::add(&transaction, subject.id, &typed.name.value, &address).await?;
    let changes = [Change::Added(added.name.clone())];
    history::write(&transaction, subject.entry(staff), &changes).await?;
    transaction.commit().await?;
    read(app, staff, &frame, &added).await?;
    Ok(redirect(&subject.path()))
}

/// The key of the sentence why an address cannot be that of a calendar.
fn refusal(error: AddressError) -> &'static str {
    match error {
        AddressError::Malformed => "feed-error-malformed",
        AddressError::NotHttps => "feed-error-not-https",
        AddressError::Credentials => "feed-error-credentials",
        AddressError::NotPublic => "feed-error-not-public",
    }
}

async fn renew(
    app: &AppState,
    staff: &Staff,
    frame: &Frame,
    subject: &Subject,
) -> web::Result<Response> {
    let transaction = app.db.begin().await?;
    calendar_link::renew(&transaction, subject.id).await?;
    let changes = [Change::Changed(subject.title.clone(), vec!["Address"])];
    history::write(&transaction, subject.entry(staff), &changes).await?;
    transaction.commit().await?;
    let text = frame.text("calendars-renewed");
    staff.visit.add_message(level::SUCCESS, text).await?;
    Ok(redirect(&subject.path()))
}

/// Reads a calendar now, and tells what came of it.
async fn read(app: &AppState, staff: &Staff, frame: &Frame, feed: &feed::Model) -> web::Result<()> {
    app.feeds.read(vec![feed.clone()]).await?;
    let Some(after) = feed::Entity::find_by_id(feed.id).one(&app.db).await? else {
        return Ok(());
    };
    let problem = feed_problems::sentence(frame.texts(), (&after.error, &after.error_detail));
    let (kind, text) = match problem {
        None => (
            level::SUCCESS,
            frame.text_with("calendars-read", "name", feed.name.as_str()),
        ),
        Some(problem) => {
            let values = (feed.name.as_str(), problem.as_str());
            let text = frame.text_pair("calendars-not-read", ["name", "problem"], values);
            (level::WARNING, text)
        }
    };
    staff.visit.add_message(kind, text).await?;
    Ok(())
}
