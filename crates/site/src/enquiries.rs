//! Takes enquiries: each is stored first, and the letters about it wait in the outbox from the same transaction
//! on, so that mail that is down loses none.

use std::net::IpAddr;

use accounts::throttle::Quota;
use chrono::TimeDelta;
use db::datetime::now;
use db::{Integer, Transaction};
use http::HeaderMap;
use mail::Address;
use sea_orm::ActiveValue::{NotSet, Set};

use crate::domain::enquiry::{self, NEW, SPAM, about};
use crate::domain::home::{self, contact};
use crate::domain::quote::{Quote, Stay};
use crate::domain::stay;
use crate::enquiry_counts::Outcome;
use crate::frame::Frame;
use crate::letters::{self, Content, Envelope};
use crate::pages::dates;
use crate::pages::pricing::Pricing;
use crate::schema::OUTBOX;
use crate::state::AppState;

/// How often an address may ask.
const QUOTA: Quota = Quota {
    what: "enquiry",
    most: 5,
    window: TimeDelta::hours(1),
};

/// A question that is right in itself.
#[derive(Debug)]
pub struct Question<'a> {
    /// What is asked about: the key and the title of a letting.
    pub letting: (Integer, &'a str),
    /// Its home.
    pub home: &'a home::Model,
    /// Who asks.
    pub name: String,
    /// Where the answer goes.
    pub email: Address,
    /// May be empty.
    pub telephone: String,
    /// When, and how many.
    pub stay: Stay,
    /// How many pets come.
    pub pets: i64,
    /// What it would cost, if the home is for sale.
    pub quote: Option<Quote>,
    /// What else is asked.
    pub message: String,
    /// Whether a person has asked.
    pub asker: Asker,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A person, as far as one can see.
    Person,
    /// A program that fills in what nobody sees. What it asks is kept, and nobody is written to.
    Program,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored, now or before, under this number.
    Stored(String),
    /// One of the nights is taken.
    NotFree,
    /// This address has asked too often.
    TooMany,
}

/// Stores a question, and queues the letters about it.
pub async fn receive(
    app: &AppState,
    frame: &Frame,
    question: &Question<'_>,
    address: IpAddr,
) -> web::Result<Receipt> {
    let (letting, _) = question.letting;
    let stay = question.stay;
    let digest = digest(app, question);
    if let Some(number) = enquiry::number_of(&app.db, &digest).await? {
        app.enquiry_counts.count(Outcome::Repeated);
        return Ok(Receipt::Stored(number));
    }
    let transaction = app.db.begin().await?;
    let throttle = &app.login_gate.throttle;
    if throttle
        .exceeds(&transaction, QUOTA, (address, now()))
        .await?
    {
        transaction.rollback().await?;
        app.enquiry_counts.count(Outcome::Throttled);
        return Ok(Receipt::TooMany);
    }
    if !stay::taken(&transaction, letting, stay.period())
        .await?
        .is_empty()
    {
        transaction.rollback().await?;
        app.enquiry_counts.count(Outcome::Taken);
        return Ok(Receipt::NotFree);
    }
    let row = row(app, frame, question, digest);
    let (number, new) = enquiry::store(&transaction, row).await?;
    let Some(id) = new else {
        transaction.rollback().await?;
        app.enquiry_counts.count(Outcome::Repeated);
        return Ok(Receipt::Stored(number));
    };
    if question.asker == Asker::Person {
        queue_letters(app, frame, question, &transaction, (id, &number)).await?;
    }
    transaction.commit().await?;
    app.enquiry_counts.count(match question.asker {
        Asker::Person => Outcome::Stored,
        Asker::Program => Outcome::Spam,
    });
    app.mailing.wake();
    tracing::info!("the enquiry {number} has come in");
    Ok(Receipt::Stored(number))
}

fn digest(app: &AppState, question: &Question<'_>) -> String {
    let stay = question.stay;
    let numbers = [stay.adults, stay.children, question.pets].map(|number| number.to_string());
    let days = [stay.arrival, stay.departure].map(|day| day.to_string());
    let (Integer(letting), _) = question.letting;
    enquiry::digest(
        &app.visits.keys,
        &[
            &letting.to_string(),
            &question.name,
            question.email.as_str(),
            &question.telephone,
            &days.join(" "),
            &numbers.join(" "),
            &question.message,
        ],
    )
}

fn row(
    app: &AppState,
    frame: &Frame,
    question: &Question<'_>,
    digest: String,
) -> enquiry::ActiveModel {
    let stay = question.stay;
    let state = match question.asker {
        Asker::Person => NEW,
        Asker::Program => SPAM,
    };
    let currency = match question.quote {
        Some(_) => app.currency.code(),
        None => "",
    };
    enquiry::ActiveModel {
        id: NotSet,
        letting_id: Set(question.letting.0),
        number: Set(enquiry::new_number()),
        digest: Set(digest),
        state: Set(state.to_owned()),
        received_at: Set(now()),
        name: Set(question.name.clone()),
        email: Set(question.email.as_str().to_owned()),
        telephone: Set(question.telephone.clone()),
        arrival: Set(Some(stay.arrival)),
        departure: Set(Some(stay.departure)),
        adults: Set(Integer(stay.adults)),
        children: Set(Integer(stay.children)),
        pets: Set(Integer(question.pets)),
        message: Set(question.message.clone()),
        language: Set(frame.language()),
        quoted_total: Set(question.quote.as_ref().map(|quote| Integer(quote.total))),
        quoted_currency: Set(currency.to_owned()),
        stay_id: Set(None),
    }
}

async fn queue_letters(
    app: &AppState,
    frame: &Frame,
    question: &Question<'_>,
    transaction: &Transaction,
    (id, number): (Integer, &str),
) -> web::Result<()> {
    let letter = letter_to_guest(app, frame, question, (id, number))?;
    OUTBOX.queue(transaction, &letter).await?;
    let own = contact::of_home(transaction, question.home.id).await?;
    let own = own.and_then(|email| Address::parse(&email).ok());
    // Without a mailbox, the inbox of the admin is all there is.
    let Some(to) = own.or_else(|| app.enquiry_email.clone()) else {
        return Ok(());
    };
    // Staff reads it, in the language of the site: its guests have chosen another for themselves.
    let default = app.languages.choose("/", &HeaderMap::new());
    let frame = frame.clone().in_language(default);
    let letter = letter_to_staff(app, &frame, question, (to, id, number))?;
    OUTBOX.queue(transaction, &letter).await?;
    Ok(())
}

/// What a question is about, point by point.
fn facts(app: &AppState, frame: &Frame, question: &Question<'_>) -> Vec<(String, String)> {
    let stay = question.stay;
    let pricing = Pricing::new(app, frame);
    let dates = dates::span(frame, stay.arrival, stay.departure);
    let mut facts = vec![
        (frame.text("enquiry-home"), question.letting.1.to_owned()),
        (frame.text("enquiry-dates"), dates),
        (
            frame.text("enquiry-guests"),
            guests(frame, [stay.adults, stay.children, question.pets]),
        ),
    ];
    if let Some(quote) = &question.quote {
        let price = pricing.money(quote.total);
        facts.push((frame.text("enquiry-price"), price));
    }
    facts
}

/// Adults, children and pets in words.
pub fn guests(frame: &Frame, [adults, children, pets]: [i64; 3]) -> String {
    let counted = [
        ("enquiry-adults-count", adults),
        ("enquiry-children-count", children),
        ("enquiry-pets-count", pets),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    let words = counted.map(|(key, count)| frame.text_with(key, "count", count));
    words.collect::<Vec<_>>().join(", ")
}

/// It holds nothing that the guest could have typed in words: whoever types another one's address must not be
/// able to have us write anything to them.
fn letter_to_guest(
    app: &AppState,
    frame: &Frame,
    question: &Question<'_>,
    (id, number): (Integer, &str),
) -> askama::Result<mail::Letter> {
    let (Integer(letting), title) = question.letting;
    let mut all = vec![(frame.text("enquiry-number"), number.to_owned())];
    all.extend(facts(app, frame, question));
    let content = Content {
        subject: frame.text_pair("letter-guest-subject", ["number", "title"], (number, title)),
        paragraphs: vec![frame.text("letter-hello"), frame.text("letter-guest-text")],
        facts: all,
        link: Some((
            frame.text("letter-see-home"),
            frame.page_address(&format!("/lettings/{letting}/")),
        )),
        closing: vec![
            frame.text("letter-guest-no-booking"),
            frame.text("letter-guest-mistake"),
        ],
        ..Content::default()
    };
    let envelope = Envelope {
        to: question.email.clone(),
        reply_to: None,
        about: about(id),
    };
    letters::write(&frame.letterhead(), envelope, &content)
}

fn letter_to_staff(
    app: &AppState,
    frame: &Frame,
    question: &Question<'_>,
    (to, id, number): (Address, Integer, &str),
) -> askama::Result<mail::Letter> {
    let (_, title) = question.letting;
    let mut all = vec![
        (frame.text("inbox-guest"), question.name.clone()),
        (
            frame.text("person-email"),
            question.email.as_str().to_owned(),
        ),
    ];
    if !question.telephone.is_empty() {
        let telephone = question.telephone.clone();
        all.push((frame.text("inbox-telephone"), telephone));
    }
    all.extend(facts(app, frame, question));
    let content = Content {
        subject: frame.text_pair("letter-staff-subject", ["number", "title"], (number, title)),
        paragraphs: vec![frame.text("letter-staff-text")],
        facts: all,
        message: question.message.clone(),
        link: Some((
            frame.text("letter-staff-link"),
            frame.address(&format!("/admin/guests/enquiries/{}/", id.0)),
        )),
        closing: vec![frame.text("letter-staff-reply")],
    };
    let envelope = Envelope {
        to,
        reply_to: Some(question.email.clone()),
        about: about(id),
    };
    letters::write(&frame.letterhead(), envelope, &content)
}
