//! One enquiry as staff sees to it: what was asked, the answer, the stay that is made of it, its state.

use accounts::messages::level;
use admin::{Staff, redirect};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::Integer;
use db::rules::TextRule;
use web::extract::{Path, QueryValues, parse_digits};
use web::form::Form;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::enquiries::{INBOX, state_key};
use super::letting_editor::LettingEditor;
use crate::domain::enquiry::answer::{self, TEXT};
use crate::domain::enquiry::inbox::{self, Booking, Entry};
use crate::domain::enquiry::person::{self, Letter};
use crate::domain::enquiry::{BOOKED, EnquiryId, STATES};
use crate::domain::history::{self, Change};
use crate::frame::Frame;
use crate::head::Head;
use crate::pages::dates;
use crate::replies::{ReplyError, facts, queue_answer, queue_confirmation};
use crate::schema::OUTBOX;
use crate::state::AppState;

/// An answer that is too long is shown again as it was typed, up to this many characters.
const SHOWN_AGAIN: usize = 50_000;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/enquiry.html")]
pub struct EnquiryPage {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    entry: Entry,
    /// Its path, to which its forms are sent.
    path: String,
    state: String,
    /// The language that the guest reads.
    language: String,
    facts: Vec<(String, String)>,
    /// The prepared answers: key, name.
    prepared: Vec<(i64, String)>,
    /// The text of the answer, and what is wrong with it.
    answer: String,
    problem: String,
    most: usize,
    /// Whether a stay can be made of it.
    can_book: bool,
    /// The other states: word, name.
    states: Vec<(&'static str, String)>,
    /// What was written about it: subject, and whether it was sent.
    letters: Vec<(String, String)>,
}

impl Page for EnquiryPage {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/guests/enquiries/{id}/?answer=N`, with a prepared answer in the field where one is named.
pub async fn show_enquiry_page(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(EnquiryId(id)): Path<EnquiryId>,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<EnquiryPage>> {
    let entry = inbox::find(&app.db, Integer(id)).await?;
    let entry = entry.ok_or(web::Error::NotFound)?;
    let wanted = values.get("answer").and_then(parse_digits);
    let prepared = answer::all(&app.db).await?;
    let text = prepared.iter().find(|answer| Some(answer.id.0) == wanted);
    let text = text.map(|answer| answer.text(&entry.enquiry.language).to_owned());
    let typed = (text.unwrap_or_default(), String::new());
    page(&app, &staff, frame, (entry, typed)).await
}

async fn page(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (entry, (answer, problem)): (Entry, (String, String)),
) -> web::Result<View<EnquiryPage>> {
    let enquiry = &entry.enquiry;
    let prepared = answer::all(&app.db).await?;
    let letters = person::letters_about(&app.db, OUTBOX, enquiry.id).await?;
    let states = STATES.iter().filter(|state| **state != BOOKED);
    let states = states.filter(|state| **state != enquiry.state);
    let states = states.map(|state| (*state, frame.text(state_key(state))));
    let language = match &*enquiry.language {
        "fr" => "inbox-language-fr",
        _ => "inbox-language-en",
    };
    Ok(View(EnquiryPage {
        head: Head::private(frame.text_with(
            "inbox-entry-title",
            "number",
            enquiry.number.as_str(),
        )),
        admin_frame: AdminFrame::of(staff, app).await?,
        path: format!("{INBOX}{}/", enquiry.id.0),
        state: frame.text(state_key(&enquiry.state)),
        language: frame.text(language),
        facts: facts(app, &frame, &entry),
        prepared: prepared
            .into_iter()
            .map(|one| (one.id.0, one.name))
            .collect(),
        answer,
        problem,
        most: TEXT,
        can_book: enquiry.state != BOOKED && enquiry.arrival.is_some(),
        states: states.collect(),
        letters: letters
            .iter()
            .map(|letter| described(&frame, letter))
            .collect(),
        entry,
        frame,
    }))
}

fn described(frame: &Frame, letter: &Letter) -> (String, String) {
    let fate = match letter.sent_at {
        Some(time) => {
            let day = dates::day(frame, time.date_naive());
            frame.text_with("inbox-letter-sent", "day", day)
        }
        None => frame.text("inbox-letter-waiting"),
    };
    (letter.subject.clone(), fate)
}

/// The rule of each field of the forms; others are left out.
fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "answer" => Some(TextRule::lines(SHOWN_AGAIN)),
        "action" | "state" => Some(TextRule::line(16)),
        _ => None,
    }
}

/// `POST /admin/guests/enquiries/{id}/`: answers, makes a stay of it, or puts it into another state.
pub async fn change_enquiry(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(EnquiryId(id)): Path<EnquiryId>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let form = Form::read(request, rule_of).await?;
    let entry = inbox::find(&app.db, Integer(id)).await?;
    let entry = entry.ok_or(web::Error::NotFound)?;
    let back = format!("{INBOX}{id}/");
    let (level, text) = match form.get("action").unwrap_or_default() {
        "answer" => {
            let text = form.get("answer").unwrap_or_default();
            let text = text.replace("\r\n", "\n").trim().to_owned();
            let problem = match TextRule::lines(TEXT).flaw(&text) {
                _ if form.flaw("answer").is_some() => frame.text("enquiry-control"),
                Some(_) => frame.text_with("enquiry-long", "number", TEXT.to_string()),
                None if text.is_empty() => frame.text("inbox-answer-empty"),
                None => String::new(),
            };
            if !problem.is_empty() {
                let shown = (entry, (text, problem));
                return Ok(page(&app, &staff, frame, shown).await?.into_response());
            }
            answer(&app, &frame, (&entry, &text)).await?
        }
        "book" => book(&app, &staff, &frame, &entry).await?,
        "mark" => mark(&app, &entry, form.get("state").unwrap_or_default()).await?,
        _ => return Ok(redirect(&back)),
    };
    staff.visit.add_message(level, frame.text(text)).await?;
    Ok(redirect(&back))
}

/// The level and the key of what staff is told.
type Told = (i64, &'static str);

async fn answer(app: &AppState, frame: &Frame, (entry, text): (&Entry, &str)) -> web::Result<Told> {
    let transaction = app.db.begin().await?;
    match queue_answer(app, frame, &transaction, (entry, text)).await {
        Ok(()) => {}
        Err(ReplyError::NoAddress) => {
            transaction.rollback().await?;
            return Ok((level::ERROR, "inbox-no-address"));
        }
        Err(ReplyError::Failed(error)) => return Err(error),
    }
    inbox::note_answer(&transaction, entry.enquiry.id).await?;
    transaction.commit().await?;
    app.mailing.wake();
    Ok((level::SUCCESS, "inbox-answered"))
}

async fn book(app: &AppState, staff: &Staff, frame: &Frame, entry: &Entry) -> web::Result<Told> {
    let transaction = app.db.begin().await?;
    let booking = inbox::book(&transaction, &entry.enquiry).await?;
    if booking != Booking::Made {
        transaction.rollback().await?;
        return Ok(match booking {
            Booking::Before => (level::WARNING, "inbox-booked-before"),
            _ => (level::ERROR, "inbox-taken"),
        });
    }
    match queue_confirmation(app, frame, &transaction, entry).await {
        Ok(()) => {}
        Err(ReplyError::NoAddress) => {
            transaction.rollback().await?;
            return Ok((level::ERROR, "inbox-no-address"));
        }
        Err(ReplyError::Failed(error)) => return Err(error),
    }
    let added = history::Entry {
        user: staff.user.id,
        letting: entry.enquiry.letting_id,
        title: &entry.title,
        name: "stay",
    };
    let number = entry.enquiry.number.clone();
    history::write(&transaction, added, &[Change::Added(number)]).await?;
    transaction.commit().await?;
    app.mailing.wake();
    Ok((level::SUCCESS, "inbox-booked"))
}

async fn mark(app: &AppState, entry: &Entry, state: &str) -> web::Result<Told> {
    let mut states = STATES.iter().filter(|known| **known != BOOKED);
    let state = states.find(|known| **known == state);
    let state = state.ok_or(web::Error::BadRequest("error-bad-request-text"))?;
    inbox::set_state(&app.db, entry.enquiry.id, state).await?;
    Ok((level::SUCCESS, "inbox-marked"))
}
