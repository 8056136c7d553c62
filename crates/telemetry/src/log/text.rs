//! The text form of a line: the time, the level, the message, and the other fields.

use std::fmt::{self, Debug, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::line;
use crate::scrub::Scrubber;

/// The fields of a request that its message contains already.
const FIELDS_IN_MESSAGE: [&str; 3] = ["http.method", "http.path", "http.status"];

const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

pub(super) struct Text {
    pub(super) scrubber: Scrubber,
    /// Set only if the log goes to a terminal.
    pub(super) is_coloured: bool,
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        if self.is_coloured {
            let colour = colour(level);
            write!(
                writer,
                "{DIM}{}{RESET} {colour}{level:>5}{RESET} ",
                line::now()
            )?;
        } else {
            write!(writer, "{} {level:>5} ", line::now())?;
        }
        // The event is recorded twice, so that the message comes first wherever it stands among the
        // fields.
        let mut message = TextFields {
            writer: &mut writer,
            scrubber: &self.scrubber,
            selection: FieldSelection::Message,
            result: Ok(()),
        };
        event.record(&mut message);
        message.result?;
        let mut others = TextFields {
            selection: FieldSelection::Others,
            ..message
        };
        event.record(&mut others);
        others.result?;
        writer.write_char('\n')
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        _ => "\u{1b}[34m",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldSelection {
    Message,
    Others,
}

struct TextFields<'a, 'writer> {
    writer: &'a mut Writer<'writer>,
    scrubber: &'a Scrubber,
    selection: FieldSelection,
    result: fmt::Result,
}

impl TextFields<'_, '_> {
    fn write(&mut self, field: &Field, value: &dyn fmt::Display, is_text: IsText) {
        let is_message = field.name() == "message";
        if self.result.is_err() || is_message != (self.selection == FieldSelection::Message) {
            return;
        }
        self.result = match (is_message, is_text) {
            (true, _) => write!(TextEscape(self.writer, IsQuoted::No), "{value}"),
            (false, _) if FIELDS_IN_MESSAGE.contains(&field.name()) => Ok(()),
            (false, IsText::Yes) => (|| {
                write!(self.writer, " {}=\"", field.name())?;
                write!(TextEscape(self.writer, IsQuoted::Yes), "{value}")?;
                self.writer.write_char('"')
            })(),
            (false, IsText::No) => write!(self.writer, " {}={value}", field.name()),
        };
    }
}

#[derive(Clone, Copy)]
enum IsText {
    Yes,
    No,
}

impl Visit for TextFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = line::scrubbed(self.scrubber, field, value);
        self.write(field, &value, IsText::Yes);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, &value, IsText::No);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, &value, IsText::No);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, &value, IsText::No);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.write(field, &value, IsText::No);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsQuoted {
    Yes,
    No,
}

/// Escapes control characters as Rust does, and within quotes also quotes and backslashes.
struct TextEscape<'a, 'writer>(&'a mut Writer<'writer>, IsQuoted);

impl fmt::Write for TextEscape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let is_plain = match character {
                '"' | '\\' => self.1 == IsQuoted::No,
                '\u{2028}' | '\u{2029}' => false,
                _ => !character.is_control(),
            };
            if is_plain {
                self.0.write_char(character)?;
            } else {
                write!(self.0, "{}", character.escape_default())?;
            }
        }
        Ok(())
    }
}
