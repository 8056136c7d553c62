//! Letters to guests and staff: one content, as plain text and as HTML.

use askama::Template;
use mail::{About, Address, Letter};
use web::i18n::Texts;

/// Who writes, and in which language.
#[derive(Debug)]
pub struct Letterhead<'a> {
    /// The texts in the language of the letter.
    pub texts: &'a Texts,
    /// The whole address of the site's first page. Empty in letters that no request has caused: only requests
    /// tell the site its address.
    pub site: String,
}

/// What a letter says.
#[derive(Debug, Default)]
pub struct Content {
    /// The subject, and the heading of the HTML.
    pub subject: String,
    /// The letter's paragraphs.
    pub paragraphs: Vec<String>,
    /// What it is about, point by point.
    pub facts: Vec<(String, String)>,
    /// What somebody has written, as they wrote it; may be empty.
    pub message: String,
    /// A way on: what it is called, and its whole address.
    pub link: Option<(String, String)>,
    /// What stands at the end.
    pub closing: Vec<String>,
}

/// Whom a letter is to, and what it belongs to.
#[derive(Debug)]
pub struct Envelope {
    /// Whom it is to.
    pub to: Address,
    /// Whom an answer goes to, if not to the sender.
    pub reply_to: Option<Address>,
    /// What it belongs to.
    pub about: About,
}

#[derive(Debug, Template)]
#[template(path = "letters/letter.txt")]
struct PlainLetter<'a> {
    head: &'a Letterhead<'a>,
    content: &'a Content,
}

#[derive(Debug, Template)]
#[template(path = "letters/letter.html")]
struct HtmlLetter<'a> {
    head: &'a Letterhead<'a>,
    content: &'a Content,
}

/// The letter in the language of its head.
pub fn write(
    head: &Letterhead<'_>,
    envelope: Envelope,
    content: &Content,
) -> askama::Result<Letter> {
    Ok(Letter {
        to: envelope.to,
        reply_to: envelope.reply_to,
        subject: content.subject.clone(),
        text: PlainLetter { head, content }.render()?,
        html: HtmlLetter { head, content }.render()?,
        about: envelope.about,
    })
}

impl Content {
    /// The message by its paragraphs, each by its lines.
    fn message_paragraphs(&self) -> Vec<Vec<&str>> {
        let lines: Vec<_> = self.message.lines().map(str::trim).collect();
        let paragraphs = lines.split(|line| line.is_empty());
        let paragraphs = paragraphs.filter(|lines| !lines.is_empty());
        paragraphs.map(<[&str]>::to_vec).collect()
    }
}
