//! A letter as its writer hands it over.

use std::fmt;

use crate::address::Address;

/// A letter to one person. Whom it is from is a setting of the sender.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Whom it is to.
    pub to: Address,
    /// Whom an answer goes to, if not to the sender.
    pub reply_to: Option<Address>,
    /// One line. Line ends and other control characters in it become spaces.
    pub subject: String,
    /// The letter as plain text.
    pub text: String,
    /// The letter as an HTML document; empty where there is none.
    pub html: String,
    /// What it is about, which decides on how long it is kept.
    pub about: About,
}

/// What a letter is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nothing that is kept: the letter is deleted some time after it was sent.
    Nothing,
    /// It holds a secret, such as a link that opens an account: its content is erased once it was sent
    /// or given up.
    Secret,
    /// A record of the application. Whoever deletes the record deletes its letters:
    /// [`crate::Outbox::erase`].
    Record {
        /// What kind of record, a word such as `order`.
        kind: &'static str,
        /// Its key.
        id: i64,
    },
}

impl About {
    /// As the column `about` holds it.
    pub(crate) fn stored(&self) -> String {
        match self {
            Self::Nothing | Self::Secret => String::new(),
            Self::Record { kind, id } => format!("{kind}:{id}"),
        }
    }
}

/// Neither to whom it is nor what it says: both are somebody's own.
impl fmt::Debug for Letter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Letter")
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// The subject in one line, without characters that nobody sees.
    pub(crate) fn subject_line(&self) -> String {
        let visible = self.subject.chars().map(|character| match character {
            '\u{2028}' | '\u{2029}' => ' ',
            character if character.is_control() => ' ',
            character => character,
        });
        let line: String = visible.collect();
        line.trim().to_owned()
    }
}

/// A text of several lines without other control characters, which PostgreSQL could not store (NUL) or
/// a server not take.
pub(crate) fn clean_lines(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.replace(
        |character: char| character.is_control() && !matches!(character, '\n' | '\t'),
        " ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_it_holds() {
        let letter = Letter {
            to: Address::parse("ann@example.com").unwrap(),
            reply_to: None,
            subject: " Hello\r\nBcc: bob@example.com\0\u{2028}Ann\n".to_owned(),
            text: String::new(),
            html: String::new(),
            about: About::Record {
                kind: "order",
                id: 7,
            },
        };
        assert_eq!(letter.subject_line(), "Hello  Bcc: bob@example.com  Ann");
        assert_eq!(letter.about.stored(), "order:7");
        let shown = format!("{letter:?}");
        assert!(
            !shown.contains("ann") && !shown.contains("Hello"),
            "{shown}"
        );
        assert_eq!(clean_lines("a\r\nb\rc\0\td"), "a\nb\nc \td");
    }
}
