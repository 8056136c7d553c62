//! The inbox: the enquiries, the newest first, all or those of one state.

use askama::Template;
use axum::extract::State;
use web::extract::{PageNumber, QueryValues};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use crate::domain::enquiry::inbox::{self, Entry};
use crate::domain::enquiry::{ANSWERED, BOOKED, DECLINED, SPAM, STATES};
use crate::enquiries::guests;
use crate::frame::Frame;
use crate::head::Head;
use crate::pages::dates;
use crate::replies::dates_of;
use crate::state::AppState;

/// The address of the inbox.
pub const INBOX: &str = "/admin/guests/enquiries/";

/// The enquiries of a page.
const PAGE_SIZE: usize = 50;

/// The inbox.
#[derive(Debug, Template)]
#[template(path = "pages/admin/enquiries.html")]
pub struct Enquiries {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    filters: Vec<Filter>,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
}

/// A way to the enquiries of one state.
#[derive(Debug)]
struct Filter {
    name: String,
    address: String,
    is_chosen: bool,
}

/// An enquiry in a line.
#[derive(Debug)]
struct Row {
    address: String,
    number: String,
    state: String,
    /// The word of the state, for its look.
    word: String,
    title: String,
    dates: String,
    guests: String,
    name: String,
    received: String,
}

impl Page for Enquiries {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// Key of a state's name.
pub fn state_key(state: &str) -> &'static str {
    match state {
        ANSWERED => "inbox-state-answered",
        BOOKED => "inbox-state-booked",
        DECLINED => "inbox-state-declined",
        SPAM => "inbox-state-spam",
        _ => "inbox-state-new",
    }
}

/// `GET /admin/guests/enquiries/?state=…&page=N`
pub async fn list_enquiries(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    values: QueryValues,
    page: PageNumber,
    frame: Frame,
) -> web::Result<View<Enquiries>> {
    let state = values.get("state").unwrap_or_default();
    let state = STATES.iter().copied().find(|known| *known == state);
    let size = PAGE_SIZE as u64;
    let part = [page.offset(size), size + 1];
    let mut entries = inbox::list(&app.db, state, part).await?;
    let has_older = entries.len() > PAGE_SIZE;
    entries.truncate(PAGE_SIZE);
    let address = |state: Option<&str>, page: PageNumber| {
        let state = state.map(|state| format!("state={state}"));
        let number = (page.get() > 1).then(|| format!("page={}", page.get()));
        let parts: Vec<_> = state.into_iter().chain(number).collect();
        match &*parts.join("&") {
            "" => INBOX.to_owned(),
            query => format!("{INBOX}?{query}"),
        }
    };
    let filter = |(name, filtered): (&str, Option<&'static str>)| Filter {
        name: frame.text(name),
        address: address(filtered, PageNumber::parse(None).unwrap_or(page)),
        is_chosen: filtered == state,
    };
    let all = std::iter::once(("inbox-all", None));
    let filters = all.chain(STATES.iter().map(|state| (state_key(state), Some(*state))));
    Ok(View(Enquiries {
        filters: filters.map(filter).collect(),
        rows: entries.iter().map(|entry| row(&frame, entry)).collect(),
        newer: page.previous().map(|page| address(state, page)),
        older: has_older.then(|| address(state, page.next())),
        head: Head::private(frame.text("inbox-title")),
        admin_frame: AdminFrame::of(&staff, &app).await?,
        frame,
    }))
}

fn row(frame: &Frame, entry: &Entry) -> Row {
    let enquiry = &entry.enquiry;
    let counts = [enquiry.adults.0, enquiry.children.0, enquiry.pets.0];
    Row {
        address: format!("{INBOX}{}/", enquiry.id.0),
        number: enquiry.number.clone(),
        state: frame.text(state_key(&enquiry.state)),
        word: enquiry.state.clone(),
        title: entry.title.clone(),
        dates: dates_of(frame, enquiry),
        guests: guests(frame, counts),
        name: enquiry.name.clone(),
        received: dates::day(frame, enquiry.received_at.date_naive()),
    }
}
