//! The letter about a calendar of another site that could not be read for a day: to the home's address for
//! enquiries, else to `ENQUIRY_EMAIL`, in the language of the site.

use chrono_tz::Tz;
use db::Transaction;
use mail::{About, Address};
use sea_orm::{DbErr, EntityTrait as _};
use web::i18n::Texts;

use crate::domain::feed::Attempt;
use crate::domain::home::{self, contact};
use crate::domain::letting;
use crate::feed_problems;
use crate::letters::{self, Content, Envelope, Letterhead};
use crate::schema::OUTBOX;

/// Writes the letters.
#[derive(Debug)]
pub struct AlarmLetters {
    /// The language of the site.
    pub texts: Texts,
    /// Where they go if the home has no address of its own.
    pub enquiry_email: Option<Address>,
}

impl AlarmLetters {
    /// Queues the letter about a calendar that could not be read. Without a mailbox there is none.
    pub async fn queue(&self, db: &Transaction, attempt: &Attempt, zone: Tz) -> Result<(), DbErr> {
        let letting = attempt.feed.letting_id;
        let own = match home::key_of(db, letting).await? {
            Some(home) => contact::of_home(db, home).await?,
            None => None,
        };
        let own = own.and_then(|email| Address::parse(&email).ok());
        let Some(to) = own.or_else(|| self.enquiry_email.clone()) else {
            return Ok(());
        };
        let Some(letting) = letting::Entity::find_by_id(letting).one(db).await? else {
            return Ok(());
        };
        let envelope = Envelope {
            to,
            reply_to: None,
            about: About::Nothing,
        };
        let head = Letterhead {
            texts: &self.texts,
            site: String::new(),
        };
        let content = self.content(&letting.title, attempt, zone);
        let letter = letters::write(&head, envelope, &content);
        let letter = letter.map_err(|error| DbErr::Custom(error.to_string()))?;
        OUTBOX.queue(db, &letter).await?;
        Ok(())
    }

    /// What the letter says. The address of the calendar is a secret, and not in it.
    fn content(&self, title: &str, attempt: &Attempt, zone: Tz) -> Content {
        let texts = &self.texts;
        let (feed, (problem, detail)) = (&attempt.feed, &attempt.problem);
        let last_read = feed.succeeded_at.map(|time| {
            let time = time.with_timezone(&zone);
            time.format("%Y-%m-%d %H:%M").to_string()
        });
        let values = [("name", feed.name.as_str().into()), ("title", title.into())];
        Content {
            subject: texts.with("letter-feed-subject", values),
            paragraphs: vec![texts.get("letter-feed-text")],
            facts: vec![
                (texts.get("enquiry-home"), title.to_owned()),
                (texts.get("letter-feed-calendar"), feed.name.clone()),
                (
                    texts.get("letter-feed-last-read"),
                    last_read.unwrap_or_else(|| texts.get("letter-feed-never")),
                ),
                (
                    texts.get("letter-feed-problem"),
                    feed_problems::sentence(texts, (problem, detail)).unwrap_or_default(),
                ),
            ],
            closing: vec![texts.get("letter-feed-help"), texts.get("letter-feed-once")],
            ..Content::default()
        }
    }
}
