//! A letter as the bytes that a server takes (RFC 5322, MIME).

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use lettre::address::Envelope;
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use crate::address::{Address, InvalidAddress};
use crate::outbox::StoredLetter;

/// Whom letters are from: an address, and a name where there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: Address,
}

impl Sender {
    /// From an address alone.
    pub const fn new(address: Address) -> Self {
        Self {
            name: None,
            address,
        }
    }

    /// The address.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

impl FromStr for Sender {
    type Err = InvalidAddress;

    /// `name@example.com`, or `Name <name@example.com>`.
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.split_once('<'))
        else {
            let address = Address::parse(text)?;
            return Ok(Self {
                name: None,
                address,
            });
        };
        let name = name.trim().trim_matches('"').trim();
        if name.chars().any(char::is_control) || name.contains(['<', '>', '"', '\\']) {
            return Err(InvalidAddress);
        }
        Ok(Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: Address::parse(address)?,
        })
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sender(…)")
    }
}

/// A message with the addresses that the server is told.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
}

/// A row of the outbox that is no letter any more, since somebody has changed it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoMessage {
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    #[error("the letter could not be written: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Outgoing {
    /// The message of a letter. Its date is the one when it was queued, and its Message-ID the letter's:
    /// a repetition is the same message.
    pub(crate) fn new(letter: &StoredLetter, sender: &Sender) -> Result<Self, NoMessage> {
        let from = Mailbox::new(sender.name.clone(), sender.address.as_lettre().clone());
        let to = Address::parse(&letter.recipient)?;
        let mut message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, to.as_lettre().clone()))
            .subject(letter.subject.as_str())
            .date(SystemTime::from(letter.queued_at))
            .message_id(Some(format!("<{}>", letter.message_id)));
        if !letter.reply_to.is_empty() {
            let reply_to = Address::parse(&letter.reply_to)?;
            message = message.reply_to(Mailbox::new(None, reply_to.as_lettre().clone()));
        }
        let message = if letter.html.is_empty() {
            message.singlepart(SinglePart::plain(letter.text.clone()))?
        } else {
            let (text, html) = (letter.text.clone(), letter.html.clone());
            message.multipart(MultiPart::alternative_plain_html(text, html))?
        };
        Ok(Self {
            envelope: message.envelope().clone(),
            bytes: message.formatted(),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn letter() -> StoredLetter {
        StoredLetter {
            id: 7,
            message_id: "0123abcd@example.com".to_owned(),
            recipient: "ann@example.org".to_owned(),
            reply_to: String::new(),
            subject: "Été à la mer".to_owned(),
            text: "Bonjour\n.\nFrom Zoë\n".to_owned(),
            html: String::new(),
            is_secret: false,
            queued_at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            attempts: 1,
        }
    }

    #[test]
    fn a_message_is_ascii_and_the_same_each_time() {
        let sender = "Gîtes d’Orange <post@example.com>".parse().unwrap();
        let message = Outgoing::new(&letter(), &sender).unwrap();
        let text = String::from_utf8(message.bytes).unwrap();
        assert!(text.is_ascii(), "{text}");
        for part in [
            "Message-ID: <0123abcd@example.com>\r\n",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "To: ann@example.org\r\n",
            "<post@example.com>\r\n",
            "Subject: =?utf-8?",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let again = Outgoing::new(&letter(), &sender).unwrap();
        assert_eq!(String::from_utf8(again.bytes).unwrap(), text);
    }

    #[test]
    fn a_header_is_not_added_by_a_text() {
        let bad = |change: &dyn Fn(&mut StoredLetter)| {
            let mut letter = letter();
            change(&mut letter);
            let sender = "post@example.com".parse().unwrap();
            Outgoing::new(&letter, &sender).map(|message| {
                let text = String::from_utf8(message.bytes).unwrap();
                let (head, _) = text.split_once("\r\n\r\n").unwrap();
                head.to_owned()
            })
        };
        // As somebody could write them into the table: `queue` would not.
        let subject =
            bad(&|letter| letter.subject = "A\r\nBcc: bob@example.com\r\n\r\nB".to_owned());
        let head = subject.unwrap();
        assert!(!head.contains("\nBcc"), "{head}");
        for address in [
            "ann@example.org\r\nBcc: bob@example.com",
            "ann@example.org,bob@example.com",
        ] {
            assert!(bad(&|letter| letter.recipient = address.to_owned()).is_err());
            assert!(bad(&|letter| letter.reply_to = address.to_owned()).is_err());
        }
    }

    #[test]
    fn a_sender_has_a_name_or_none() {
        for text in [
            "post@example.com",
            "<post@example.com>",
            "\"Post, Ann\" <post@example.com>",
        ] {
            let sender: Sender = text.parse().unwrap();
            assert_eq!(sender.address().as_str(), "post@example.com");
        }
        for text in [
            "",
            "Post",
            "Post <post>",
            "a <b> <post@example.com>",
            "A\nB <post@example.com>",
        ] {
            assert_eq!(text.parse::<Sender>(), Err(InvalidAddress), "{text}");
        }
    }
}
