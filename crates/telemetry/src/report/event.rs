//! Parts of all reports: panics, and texts of limited length.

use std::borrow::Cow;
use std::panic::PanicHookInfo;

use sentry::integrations::backtrace::current_stacktrace;
use sentry::protocol::{Event, Exception, Level, Mechanism, Stacktrace};

/// The logger of reports about requests. Log lines with this target make no reports.
pub(super) const LOGGER: &str = "http";

/// The longest text of a header in a report, in characters.
pub(super) const MAX_HEADER_CHARACTERS: usize = 512;

/// The longest other text from outside, in characters.
pub(super) const MAX_TEXT_CHARACTERS: usize = 2048;

/// A panic: its message, its place and its stack.
#[derive(Debug, Clone)]
pub struct Panic {
    /// The message.
    pub message: String,
    /// The file and line.
    pub location: String,
    stack: Option<Stacktrace>,
}

impl Panic {
    /// Reads the argument of the panic hook. It must be called in the hook itself, where the stack
    /// can be read. That takes some milliseconds, so it is only done if it is wanted.
    pub fn new(info: &PanicHookInfo<'_>, wants_stack: WantsStack) -> Self {
        let location = info.location().map_or_else(
            || "an unknown place".to_owned(),
            |location| format!("{}:{}", location.file(), location.line()),
        );
        Self {
            message: info.payload_as_str().unwrap_or("(no message)").to_owned(),
            location,
            stack: match wants_stack {
                WantsStack::Yes => current_stacktrace(),
                WantsStack::No => None,
            },
        }
    }

    pub(super) fn event(&self) -> Event<'static> {
        Event {
            level: Level::Error,
            fingerprint: Cow::Owned(vec!["panic".into(), self.location.clone().into()]),
            exception: vec![Exception {
                ty: "panic".to_owned(),
                value: Some(bounded(&self.message, MAX_TEXT_CHARACTERS)),
                module: Some(self.location.clone()),
                stacktrace: self.stack.clone(),
                mechanism: Some(mechanism("panic")),
                ..Exception::default()
            }]
            .into(),
            ..Event::default()
        }
    }
}

/// Whether the stack of a panic is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantsStack {
    /// It is, since a report will show it.
    Yes,
    /// It is not, since nothing is reported.
    No,
}

pub(super) fn mechanism(kind: &str) -> Mechanism {
    Mechanism {
        ty: kind.to_owned(),
        handled: Some(false),
        ..Mechanism::default()
    }
}

/// The first characters of a text, with `…` if it was cut.
pub(super) fn bounded(text: &str, max_characters: usize) -> String {
    // A text has at most as many characters as bytes. Most texts are short, and are not counted.
    if text.len() <= max_characters {
        return text.to_owned();
    }
    match text.char_indices().nth(max_characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A message without digits and quoted texts, which differ between failures of the same kind.
pub(super) fn without_numbers(message: &str) -> String {
    let mut kept = String::new();
    let mut quote = None;
    for character in message.chars().take(MAX_HEADER_CHARACTERS) {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '`') => quote = Some(character),
            None if character.is_ascii_digit() => {
                if !kept.ends_with('0') {
                    kept.push('0');
                }
            }
            None => kept.push(character),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_no_part_of_a_fingerprint() {
        assert_eq!(
            without_numbers("row 17 of \"books\": timeout after 1500 ms"),
            "row 0 of : timeout after 0 ms"
        );
        assert_eq!(without_numbers("an \"open quote"), "an ");
    }

    #[test]
    fn texts_are_bounded_by_characters() {
        assert_eq!(bounded("été", 3), "été");
        assert_eq!(bounded("été!", 3), "été…");
    }
}
