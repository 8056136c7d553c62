//! A calendar's bytes as lines, bounded, before a parser sees them: the lines of events that tell which
//! nights are taken. What else stands there, such as names and telephone numbers, goes no further. So nobody
//! knows here why they are taken: large sites say it in a text that may hold the name of a guest as well.

use super::calendar::ReadError;

/// How many bytes a calendar may have.
pub const BYTES_MAX: usize = 1024 * 1024;

/// How many events a calendar may have.
pub const EVENTS_MAX: usize = 5_000;

/// How many bytes a line may have that matters. Lists of excepted days are the longest.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// How many lines, parameters and values are parsed. Each takes about a hundred bytes once it is, so that
/// this is what bounds the memory.
const PARTS_MAX: usize = 100_000;

/// The properties of an event that are read.
const KEPT: [&str; 11] = [
    "DTEND",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "UID",
];

/// The calendar with nothing but its events, and of these nothing but what is read.
pub(super) fn events_alone(bytes: &[u8]) -> Result<String, ReadError> {
    if bytes.len() > BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    let unfolded = unfold(bytes);
    let text = String::from_utf8_lossy(&unfolded);
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text
        .split('\n')
        .map(str::trim_end)
        .filter(|line| !line.trim_start().is_empty());
    if !lines
        .next()
        .is_some_and(|first| first.trim().eq_ignore_ascii_case("BEGIN:VCALENDAR"))
    {
        return Err(ReadError::NotACalendar);
    }
    let mut kept = Kept {
        text: String::from("BEGIN:VCALENDAR\n"),
        parts: 0,
        events: 0,
    };
    // The components that are open below the calendar. How deep they lie costs nothing but a number.
    let mut depth = 0_usize;
    let mut in_event = false;
    let mut ended = false;
    for line in lines {
        let (name, value) = split(line);
        if name.eq_ignore_ascii_case("BEGIN") {
            depth += 1;
            if depth == 1 {
                in_event = value.eq_ignore_ascii_case("VEVENT");
                ended = false;
            }
            if depth == 1 && in_event {
                kept.begin_event()?;
            }
        } else if name.eq_ignore_ascii_case("END") {
            if depth == 0 {
                // Some sites write several calendars, one after the other, into one file.
                ended = true;
                continue;
            }
            if depth == 1 && in_event {
                kept.text.push_str("END:VEVENT\n");
                in_event = false;
            }
            depth -= 1;
        } else if depth == 1 && in_event {
            kept.property(name, line)?;
        }
    }
    if !ended {
        return Err(ReadError::CutOff);
    }
    kept.text.push_str("END:VCALENDAR\n");
    Ok(kept.text)
}

/// What is left of a calendar.
struct Kept {
    text: String,
    parts: usize,
    events: usize,
}

impl Kept {
    fn begin_event(&mut self) -> Result<(), ReadError> {
        self.events += 1;
        if self.events > EVENTS_MAX {
            return Err(ReadError::TooManyEvents);
        }
        self.text.push_str("BEGIN:VEVENT\n");
        Ok(())
    }

    fn property(&mut self, name: &str, line: &str) -> Result<(), ReadError> {
        if !KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept)) {
            return Ok(());
        }
        if line.len() > LINE_BYTES_MAX {
            // Without the line the event would be another one.
            return Err(ReadError::TooManyEvents);
        }
        let separators = line
            .bytes()
            .filter(|byte| matches!(byte, b',' | b';' | b'='));
        self.parts += 1 + separators.count();
        if self.parts > PARTS_MAX {
            return Err(ReadError::TooManyEvents);
        }
        self.text.push_str(line.trim_start());
        self.text.push('\n');
        Ok(())
    }
}

/// The name before the parameters, and what follows the first colon, each without spaces around.
fn split(line: &str) -> (&str, &str) {
    let end = line.find([':', ';']).unwrap_or(line.len());
    let value = line.split_once(':').map_or("", |(_, value)| value);
    (line[..end].trim(), value.trim())
}

/// Takes out the folds of RFC 5545, 3.1, also in the middle of a character, and makes every end of a line
/// a line feed, whichever of the three the writer has.
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut unfolded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'\r' | b'\n' => {
                let after = match after.split_first() {
                    Some((b'\n', after)) if byte == b'\r' => after,
                    _ => after,
                };
                if let Some((b' ' | b'\t', after)) = after.split_first() {
                    after
                } else {
                    unfolded.push(b'\n');
                    after
                }
            }
            // It is a character nowhere.
            0 => after,
            byte => {
                unfolded.push(byte);
                after
            }
        };
    }
    unfolded
}
