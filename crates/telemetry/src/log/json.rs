//! The JSON form of a line: an object with `timestamp`, `level`, `target`, `message`, and the
//! event's fields.

use std::fmt::{self, Debug, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::line;
use crate::scrub::Scrubber;

pub(super) struct Json {
    pub(super) scrubber: Scrubber,
}

impl<S, N> FormatEvent<S, N> for Json
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
        let metadata = event.metadata();
        write!(
            writer,
            r#"{{"timestamp":"{}","level":"{}","target":"#,
            line::now(),
            metadata.level()
        )?;
        write_string(&mut writer, metadata.target())?;
        let mut fields = JsonFields {
            writer: &mut writer,
            scrubber: &self.scrubber,
            text: String::new(),
            result: Ok(()),
        };
        event.record(&mut fields);
        fields.result?;
        writer.write_str("}\n")
    }
}

struct JsonFields<'a, 'writer> {
    writer: &'a mut Writer<'writer>,
    scrubber: &'a Scrubber,
    /// A buffer for a field's text, reused for all fields.
    text: String,
    result: fmt::Result,
}

impl JsonFields<'_, '_> {
    fn write(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_err() {
            return;
        }
        self.result = (|| {
            self.writer.write_char(',')?;
            write_string(self.writer, field.name())?;
            self.writer.write_char(':')?;
            write(self.writer)
        })();
    }
}

impl Visit for JsonFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = line::scrubbed(self.scrubber, field, value);
        self.write(field, |writer| write_string(writer, &value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows no infinity.
        if value.is_finite() {
            self.write(field, |writer| write!(writer, "{value}"));
        } else {
            self.write(field, |writer| writer.write_str("null"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        self.result = self.result.and_then(|()| write!(text, "{value:?}"));
        self.record_str(field, &text);
        self.text = text;
    }
}

fn write_string(writer: &mut Writer<'_>, text: &str) -> fmt::Result {
    writer.write_char('"')?;
    JsonEscape(writer).write_str(text)?;
    writer.write_char('"')
}

/// Escapes text as the inside of a JSON string (RFC 8259, section 7). Beyond that it escapes what
/// some readers take for the end of a line, or for a command to a terminal.
struct JsonEscape<'a, 'writer>(&'a mut Writer<'writer>);

impl fmt::Write for JsonEscape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if text.bytes().all(is_plain) {
            return self.0.write_str(text);
        }
        let mut written = 0;
        for (at, character) in text.char_indices() {
            let is_plain = match character {
                '"' | '\\' | '\u{2028}' | '\u{2029}' => false,
                _ => !character.is_control(),
            };
            if is_plain {
                continue;
            }
            self.0.write_str(&text[written..at])?;
            match character {
                '"' => self.0.write_str("\\\"")?,
                '\\' => self.0.write_str("\\\\")?,
                '\n' => self.0.write_str("\\n")?,
                '\r' => self.0.write_str("\\r")?,
                '\t' => self.0.write_str("\\t")?,
                // The others are all below U+10000, so that one escape is enough.
                _ => write!(self.0, "\\u{:04x}", u32::from(character))?,
            }
            written = at + character.len_utf8();
        }
        self.0.write_str(&text[written..])
    }
}
