//! What staff writes to guests: answers, and confirmations of stays. Each is queued in the transaction that it
//! tells of.

use db::Transaction;
use mail::{Address, Letter};

use crate::domain::enquiry::inbox::Entry;
use crate::domain::enquiry::{self, about};
use crate::domain::home::{self, contact};
use crate::enquiries::guests;
use crate::frame::Frame;
use crate::letters::{self, Content, Envelope};
use crate::pages::dates;
use crate::schema::OUTBOX;
use crate::state::AppState;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// What is stored is no address that can be written to.
    #[error("the address of the enquiry cannot be written to")]
    NoAddress,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] web::Error),
}

impl From<db::DbErr> for ReplyError {
    fn from(error: db::DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl From<askama::Error> for ReplyError {
    fn from(error: askama::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Queues an answer in the words of staff.
pub async fn queue_answer(
    app: &AppState,
    frame: &Frame,
    transaction: &Transaction,
    (entry, text): (&Entry, &str),
) -> Result<(), ReplyError> {
    let frame = frame_of_guest(app, frame, &entry.enquiry);
    let values = (entry.enquiry.number.as_str(), entry.title.as_str());
    let content = Content {
        subject: frame.text_pair("letter-answer-subject", ["number", "title"], values),
        message: text.to_owned(),
        link: Some(link(&frame, entry)),
        ..Content::default()
    };
    queue(app, &frame, transaction, (entry, &content)).await
}

/// Queues the confirmation of a stay.
pub async fn queue_confirmation(
    app: &AppState,
    frame: &Frame,
    transaction: &Transaction,
    entry: &Entry,
) -> Result<(), ReplyError> {
    let frame = frame_of_guest(app, frame, &entry.enquiry);
    let dates = dates_of(&frame, &entry.enquiry);
    let values = (entry.title.as_str(), dates.as_str());
    let content = Content {
        subject: frame.text_pair("letter-booked-subject", ["title", "dates"], values),
        paragraphs: vec![frame.text("letter-hello"), frame.text("letter-booked-text")],
        facts: facts(app, &frame, entry),
        link: Some(link(&frame, entry)),
        ..Content::default()
    };
    queue(app, &frame, transaction, (entry, &content)).await
}

/// The enquiry's facts in the language of a frame.
pub fn facts(app: &AppState, frame: &Frame, entry: &Entry) -> Vec<(String, String)> {
    let enquiry = &entry.enquiry;
    let counts = [enquiry.adults.0, enquiry.children.0, enquiry.pets.0];
    let mut facts = vec![
        (frame.text("enquiry-number"), enquiry.number.clone()),
        (frame.text("enquiry-home"), entry.title.clone()),
        (frame.text("enquiry-dates"), dates_of(frame, enquiry)),
        (frame.text("enquiry-guests"), guests(frame, counts)),
    ];
    // A price in a currency that the site has no more cannot be told as one of today's.
    if let Some(total) = enquiry.quoted_total
        && enquiry.quoted_currency == app.currency.code()
    {
        let language = frame.texts().language();
        let price = app.currency.written(total.0, language);
        facts.push((frame.text("enquiry-price"), price));
    }
    facts
}

/// The days of an enquiry; empty if it names none.
pub fn dates_of(frame: &Frame, enquiry: &enquiry::Model) -> String {
    match (enquiry.arrival, enquiry.departure) {
        (Some(arrival), Some(departure)) => dates::span(frame, arrival, departure),
        _ => String::new(),
    }
}

/// The frame in the language that the guest has read.
fn frame_of_guest(app: &AppState, frame: &Frame, enquiry: &enquiry::Model) -> Frame {
    let language = app.languages.parse(&enquiry.language);
    match language {
        Some(language) => frame.clone().in_language(app.languages.texts(language)),
        None => frame.clone(),
    }
}

fn link(frame: &Frame, entry: &Entry) -> (String, String) {
    let path = format!("/lettings/{}/", entry.enquiry.letting_id.0);
    (frame.text("letter-see-home"), frame.page_address(&path))
}

async fn queue(
    app: &AppState,
    frame: &Frame,
    transaction: &Transaction,
    (entry, content): (&Entry, &Content),
) -> Result<(), ReplyError> {
    let enquiry = &entry.enquiry;
    let to = Address::parse(&enquiry.email).map_err(|_| ReplyError::NoAddress)?;
    let own = match home::key_of(transaction, enquiry.letting_id).await? {
        Some(home) => contact::of_home(transaction, home).await?,
        None => None,
    };
    let own = own.and_then(|email| Address::parse(&email).ok());
    let envelope = Envelope {
        to,
        reply_to: own.or_else(|| app.enquiry_email.clone()),
        about: about(enquiry.id),
    };
    let letter: Letter = letters::write(&frame.letterhead(), envelope, content)?;
    OUTBOX.queue(transaction, &letter).await?;
    Ok(())
}
