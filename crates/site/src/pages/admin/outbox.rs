//! The letters of the outbox, for superusers: what was sent, what waits, and why.

use accounts::messages::level;
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use db::rules::TextRule;
use http::request::Parts;
use mail::{LetterState, ListedLetter};
use web::Error;
use web::extract::PageNumber;
use web::form::{Fields, FormOf};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use admin::{Staff, redirect};

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::schema::OUTBOX;
use crate::state::AppState;

/// The address of the page.
pub const OUTBOX_PAGE: &str = "/admin/mail/letter/";

/// Letters on a page.
const PAGE_SIZE: u64 = 50;

/// The list.
#[derive(Debug, Template)]
#[template(path = "pages/admin/outbox.html")]
pub struct OutboxPage {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    letters: Vec<ListedLetter>,
    /// Whether letters are sent at all.
    sends_letters: bool,
    page: PageNumber,
    has_next: bool,
}

impl Fields for OutboxPage {
    const FIELDS: &'static [(&'static str, TextRule)] = &[("again", TextRule::line(20))];
}

impl Page for OutboxPage {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl OutboxPage {
    /// The key of the text that tells what has become of a letter.
    fn state(letter: &ListedLetter) -> &'static str {
        match letter.state {
            LetterState::Waiting => "outbox-waiting",
            LetterState::Sent => "outbox-sent",
            LetterState::GivenUp => "outbox-given-up",
        }
    }

    fn time(time: &DateTime<Utc>) -> String {
        time.format("%Y-%m-%d %H:%M").to_string()
    }
}

/// A superuser; others are sent to the login, or get a 403. Letters tell of guests and of accounts, and
/// there is no permission of Django's for them.
#[derive(Debug)]
pub struct Superuser(pub Staff);

impl FromRequestParts<AppState> for Superuser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, app).await?;
        if staff.user.is_superuser {
            Ok(Self(staff))
        } else {
            Err(Error::Forbidden("letters are for superusers").into_response())
        }
    }
}

/// `GET /admin/mail/letter/`
pub async fn show_outbox(
    State(app): State<AppState>,
    Superuser(staff): Superuser,
    frame: Frame,
    page: PageNumber,
) -> web::Result<View<OutboxPage>> {
    let offset = page.offset(PAGE_SIZE);
    let mut letters = OUTBOX.list(&app.db, offset, PAGE_SIZE + 1).await?;
    let most = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let has_next = letters.len() > most;
    letters.truncate(most);
    Ok(View(OutboxPage {
        head: Head::private(frame.text("outbox-title")),
        admin_frame: AdminFrame::of(&staff, &app).await?,
        frame,
        letters,
        sends_letters: app.mailing.has_destination(),
        page,
        has_next,
    }))
}

/// `POST /admin/mail/letter/`: lets a letter be sent again.
pub async fn send_letter_again(
    State(app): State<AppState>,
    Superuser(staff): Superuser,
    frame: Frame,
    FormOf(form, _): FormOf<OutboxPage>,
) -> web::Result<Response> {
    let id = form.get("again").and_then(|id| id.parse().ok());
    let is_again = match id {
        Some(id) => OUTBOX.send_again(&app.db, id).await?,
        None => false,
    };
    let (level, text) = if is_again {
        app.mailing.wake();
        (level::SUCCESS, frame.text("outbox-again-done"))
    } else {
        (level::WARNING, frame.text("outbox-again-refused"))
    };
    staff.visit.add_message(level, text).await?;
    Ok(redirect(OUTBOX_PAGE))
}
