//! Removes private values from everything that is logged or sent: values whose name tells of a
//! secret, and the program's own secrets in any place. Knows texts, query strings and JSON; nothing
//! of where they come from.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The replacement for a private value, as Sentry writes it.
pub const FILTERED: &str = "[Filtered]";

/// A value is private if its name contains one of these.
const PRIVATE_NAMES: [&str; 13] = [
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "auth",
    "credential",
    "session",
    "csrf",
    "cookie",
    "private",
    "dsn",
];

/// A shorter secret is not removed: it may be a common word, which would vanish from every text.
const LEAST_SECRET_BYTES: usize = 8;

/// Removes private values. Cheap to clone.
#[derive(Clone, Default)]
pub struct Scrubber {
    secrets: Arc<[String]>,
}

impl Scrubber {
    /// A scrubber that also removes the program's own secrets in any place.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= LEAST_SECRET_BYTES)
            .collect();
        // Longer secrets come first: if one contains another, nothing of it must be left.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self {
            secrets: secrets.into(),
        }
    }

    /// A text without the values of private names (`name=value`, `name: value`, `"name":"value"`,
    /// percent-encoded too), the credentials of addresses and bearer tokens.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = self.without_secrets(text);
        match scan(&text) {
            Some(scrubbed) => Cow::Owned(scrubbed),
            None => text,
        }
    }

    /// A query string or form, pair by pair.
    pub fn query(&self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_private(name) => format!("{name}={FILTERED}"),
            _ => self.text(pair).into_owned(),
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The value of a header, or of any other field with a name.
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_private(name) {
            Cow::Borrowed(FILTERED)
        } else {
            self.text(value)
        }
    }

    /// Scrubs every text of a JSON value, and every value with a private name.
    pub fn json(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(scrubbed) = self.text(text) {
                    *text = scrubbed;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.json(value)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    if is_private(name) && !value.is_null() {
                        *value = Value::String(FILTERED.to_owned());
                    } else if name != "stacktrace" {
                        // Names of functions may look private, but have no values.
                        self.json(value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn without_secrets<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.secrets.iter() {
            if text.len() >= secret.len() && text.contains(secret) {
                text = Cow::Owned(text.replace(secret, FILTERED));
            }
        }
        text
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

/// Whether the value of a name is private. The name may be percent-encoded; `-` counts as `_`.
pub fn is_private(name: &str) -> bool {
    let has_private = |name: &[u8]| (0..name.len()).any(|at| begins_private(&name[at..]));
    if !name.contains('%') {
        return has_private(name.as_bytes());
    }
    has_private(percent_decode_str(name).decode_utf8_lossy().as_bytes())
}

/// Whether a name begins with one of [`PRIVATE_NAMES`].
fn begins_private(name: &[u8]) -> bool {
    // This runs for every name of every log line, and the first letter rules out nearly all.
    let first = name.first().map(u8::to_ascii_lowercase);
    matches!(first, Some(b'a' | b'c' | b'd' | b'p' | b's' | b't'))
        && PRIVATE_NAMES.iter().any(|private| is_named(name, private))
}

/// Whether a name begins with this private one, without case, and with `-` for `_`.
fn is_named(name: &[u8], private: &str) -> bool {
    let is_same = |(byte, wanted): (&u8, u8)| {
        byte.to_ascii_lowercase() == wanted || (*byte == b'-' && wanted == b'_')
    };
    let mut pairs = name.iter().zip(private.bytes());
    // The first letter is compared before the length: it differs from nearly all private names.
    pairs.next().is_some_and(is_same) && name.len() >= private.len() && pairs.all(is_same)
}

/// The text with its private values replaced; `None` if it has none, which is the common case.
fn scan(text: &str) -> Option<String> {
    let mut scrubbed = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(passed) = text.bytes().skip(at).position(is_announcement) {
        at += passed;
        match private_value(text, at) {
            Some((start, end)) if start >= copied => {
                scrubbed.push_str(&text[copied..start]);
                scrubbed.push_str(FILTERED);
                copied = end;
                at = end.max(at + 1);
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    scrubbed.push_str(&text[copied..]);
    Some(scrubbed)
}

/// Whether a private value may follow this byte: see [`private_value`].
fn is_announcement(byte: u8) -> bool {
    matches!(byte, b':' | b'=' | b'%' | b'b' | b'B')
}

/// The range of the private value that the separator or word at this byte announces.
fn private_value(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    let separator_bytes = match bytes[at] {
        b':' if rest.starts_with(b"://") => return credentials(text, at + 3),
        // `::` is part of a path in Rust, and not between a name and a value.
        b':' if rest.get(1) == Some(&b':') || (at > 0 && bytes[at - 1] == b':') => return None,
        b'=' | b':' => 1,
        b'%' if starts_with(rest, b"%3d") || starts_with(rest, b"%3a") => 3,
        b'b' | b'B' if starts_with(rest, b"bearer ") && !follows_a_name(bytes, at) => {
            return value(text, at + 7, End::Token);
        }
        _ => return None,
    };
    let name = name_before(text, at)?;
    if !is_private(name) {
        return None;
    }
    // `Cookie: a=b; c=d` is one value, as is `Authorization: Digest a="b", c="d"`.
    let is_header = bytes[at] == b':' && rest.get(1) == Some(&b' ');
    let end = if is_header && is_of_many_words(name) {
        End::Line
    } else {
        End::Token
    };
    value(text, at + separator_bytes, end)
}

/// How far a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Token,
    Line,
}

fn value(text: &str, start: usize, end: End) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = start;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let rest = text.get(start..)?;
    let quote_bytes = if rest.starts_with("\\\"") {
        2
    } else {
        usize::from(rest.starts_with(['"', '\'']))
    };
    if quote_bytes > 0 {
        let quote = &rest[..quote_bytes];
        let inner = &rest[quote_bytes..];
        let length = closing(inner, quote).unwrap_or(inner.len());
        let start = start + quote_bytes;
        return (length > 0).then_some((start, start + length));
    }
    let is_end = |character: char| match end {
        End::Line => matches!(character, '\r' | '\n'),
        End::Token => {
            character.is_whitespace()
                || matches!(
                    character,
                    '&' | ';' | ',' | ')' | ']' | '}' | '"' | '\'' | '<' | '>' | '#'
                )
        }
    };
    // A value that was scrubbed before contains brackets, which would end it too early.
    let scrubbed_bytes = if rest.starts_with(FILTERED) {
        FILTERED.len()
    } else {
        0
    };
    let mut length = rest[scrubbed_bytes..]
        .find(is_end)
        .map_or(rest.len(), |end| scrubbed_bytes + end);
    if end == End::Token {
        // `auth=Bearer%20x` is one word; `auth: Bearer x` are two.
        let scheme = rest[..length].to_ascii_lowercase();
        if matches!(
            scheme.as_str(),
            "basic" | "bearer" | "digest" | "negotiate" | "token"
        ) {
            let after = &rest[length..];
            let word = after.trim_start_matches(' ');
            let skipped = after.len() - word.len();
            length += skipped + word.find(is_end).unwrap_or(word.len());
        }
        if let Some(ampersand) = find_encoded(&rest[..length], "%26") {
            length = ampersand;
        }
    }
    (length > 0 && &rest[..length] != FILTERED).then_some((start, start + length))
}

/// The end of a quoted text. Escaped quotes do not end it.
fn closing(inner: &str, quote: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = inner[from..].find(quote) {
        let position = from + found;
        let backslashes = inner[..position]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if quote.len() == 2 || backslashes % 2 == 0 {
            return Some(position);
        }
        from = position + quote.len();
    }
    None
}

/// The range of the user name and password in an address whose authority begins at `start`.
fn credentials(text: &str, start: usize) -> Option<(usize, usize)> {
    let rest = &text[start..];
    let is_end = |character: char| {
        character.is_whitespace() || matches!(character, '/' | '?' | '#' | '"' | '\'' | '<' | '>')
    };
    let authority = &rest[..rest.find(is_end).unwrap_or(rest.len())];
    let length = authority.rfind('@')?;
    (length > 0 && &authority[..length] != FILTERED).then_some((start, start + length))
}

/// The name before a separator. Spaces, and the closing quote of a JSON name, are skipped.
fn name_before(text: &str, separator: usize) -> Option<&str> {
    let before = text[..separator].trim_end_matches(' ');
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let before = before.strip_suffix('\\').unwrap_or(before);
    let is_of_a_name = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '%' | '[' | ']')
    };
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, character)| is_of_a_name(*character))
        .last()?
        .0;
    let name = &before[start..];
    // Of `%3Ftoken%3D1%26page`, the last name.
    let ends = ENCODED_SEPARATORS
        .iter()
        .filter_map(|separator| Some(rfind_encoded(name, separator)? + separator.len()));
    Some(&name[ends.max().unwrap_or(0)..])
}

/// Separators within an address that is a value in another: `&`, `;`, `=`, `?`, `/`, `#`.
const ENCODED_SEPARATORS: [&str; 6] = ["%26", "%3B", "%3D", "%3F", "%2F", "%23"];

fn is_of_many_words(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("cookie") || name.contains("auth")
}

fn follows_a_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1].is_ascii_alphanumeric()
}

fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.len() >= prefix.len() && bytes[..prefix.len()].eq_ignore_ascii_case(prefix)
}

fn find_encoded(text: &str, encoded: &str) -> Option<usize> {
    (0..text.len()).find(|at| starts_with(&text.as_bytes()[*at..], encoded.as_bytes()))
}

fn rfind_encoded(text: &str, encoded: &str) -> Option<usize> {
    (0..text.len()).rfind(|at| starts_with(&text.as_bytes()[*at..], encoded.as_bytes()))
}

#[cfg(test)]
mod tests;
