//! What reports are made of, whatever they tell of: panics, and texts that are bounded.

use std::borrow::Cow;
use std::panic::PanicHookInfo;

use sentry::integrations::backtrace::current_stacktrace;
use sentry::protocol::{Event, Exception, Level, Mechanism, Stacktrace};

/// The logger of reports of requests; what is logged under that name is no report.
pub(super) const LOGGER: &str = "http";

/// How much of a header a report shows.
pub(super) const MAX_HEADER_CHARACTERS: usize = 512;

/// How much of any other text from outside is kept.
pub(super) const MAX_TEXT_CHARACTERS: usize = 2048;

/// A panic: what it said, where, and how it came there.
#[derive(Debug, Clone)]
pub struct Panic {
    /// What it said.
    pub message: String,
    /// The file and line.
    pub location: String,
    stack: Option<Stacktrace>,
}

impl Panic {
    /// Reads what the panic hook is given; must be called in the hook itself. The stack takes
    /// some milliseconds to read, hence only where it is wanted.
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

/// Whether somebody will read a panic's stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantsStack {
    /// A report is made of it.
    Yes,
    /// Nobody.
    No,
}

pub(super) fn mechanism(kind: &str) -> Mechanism {
    Mechanism {
        ty: kind.to_owned(),
        handled: Some(false),
        ..Mechanism::default()
    }
}

/// The beginning of a text.
pub(super) fn bounded(text: &str, max_characters: usize) -> String {
    // No text has more characters than bytes, and most are short: these are not gone through.
    if text.len() <= max_characters {
        return text.to_owned();
    }
    match text.char_indices().nth(max_characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A message without what changes from one failure to the next: digits and quoted texts.
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
