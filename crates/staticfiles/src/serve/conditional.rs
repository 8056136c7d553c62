//! Conditional requests: `If-Match`, `If-None-Match`, the two dates and `If-Range`
//! (RFC 9110, 13). Knows nothing of files.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
};
use http::{HeaderMap, HeaderValue};

/// When a file was last changed, to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modified {
    time: SystemTime,
    header: HeaderValue,
}

impl Modified {
    /// Absent for the beginning of 1970, which is what tools write that know no time
    /// (row WN-H7), and for what is out of HTTP's reach.
    ///
    /// A time that is still to come is sent as `now` (RFC 9110, 8.8.2.1).
    pub(super) fn new(time: SystemTime, now: SystemTime) -> Option<Self> {
        let seconds = time.min(now).duration_since(UNIX_EPOCH).ok()?.as_secs();
        if seconds == 0 {
            return None;
        }
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        let header = HeaderValue::try_from(httpdate::fmt_http_date(time)).ok()?;
        Some(Self { time, header })
    }

    /// The value of `Last-Modified`.
    pub(super) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

/// What the content that would be sent is known by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validators<'a> {
    /// Its tag, a strong one, quotes included.
    pub(super) etag: &'a HeaderValue,
    /// When it was last changed.
    pub(super) modified: Option<&'a Modified>,
}

/// What the conditions of a GET or HEAD request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer as if there were none.
    Proceed,
    /// 304: the client has it.
    NotModified,
    /// 412: the client does not want this one.
    Failed,
}

/// Weighs the conditions in the order of RFC 9110, 13.2.2: a tag overrules the date beside it.
pub(super) fn evaluate(headers: &HeaderMap, validators: Validators<'_>) -> Verdict {
    if headers.contains_key(IF_MATCH) {
        if !lists(headers, &IF_MATCH, |tag| tag.is_strongly(validators.etag)) {
            return Verdict::Failed;
        }
    } else if let (Some(date), Some(modified)) =
        (date(headers, &IF_UNMODIFIED_SINCE), validators.modified)
        && modified.time > date
    {
        return Verdict::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if lists(headers, &IF_NONE_MATCH, |tag| {
            tag.is_weakly(validators.etag)
        }) {
            return Verdict::NotModified;
        }
    } else if let (Some(modified), Some(value)) = (validators.modified, only(headers, &IF_MODIFIED_SINCE))
        // A client mostly sends back what it got; then nothing needs to be read.
        && (value == modified.header || read_date(value).is_some_and(|date| modified.time <= date))
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` may be served as such: `If-Range` is absent, or is the strong tag or the
/// very date of the content (RFC 9110, 13.1.5).
pub(super) fn permits_range(headers: &HeaderMap, validators: Validators<'_>) -> bool {
    if !headers.contains_key(IF_RANGE) {
        return true;
    }
    let Some(value) = only(headers, &IF_RANGE) else {
        return false;
    };
    value == validators.etag
        || validators
            .modified
            .is_some_and(|modified| read_date(value) == Some(modified.time))
}

/// The value of a header that is there once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// An entity tag (RFC 9110, 8.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'a> {
    is_weak: bool,
    /// The tag with its quotes.
    opaque: &'a [u8],
}

impl Tag<'_> {
    /// RFC 9110, 8.8.3.2: both are strong, and the same.
    fn is_strongly(self, etag: &HeaderValue) -> bool {
        !self.is_weak && self.opaque == etag.as_bytes()
    }

    /// Likewise, but a proxy may have weakened the tag on its way.
    fn is_weakly(self, etag: &HeaderValue) -> bool {
        self.opaque == etag.as_bytes()
    }
}

/// Whether a list of tags, on any number of lines, has one that matches; `*` alone always does.
fn lists(headers: &HeaderMap, name: &HeaderName, matches: impl Fn(Tag<'_>) -> bool) -> bool {
    if only(headers, name).is_some_and(|value| value.as_bytes().trim_ascii() == b"*") {
        return true;
    }
    headers
        .get_all(name)
        .iter()
        .any(|line| Tags(line.as_bytes()).any(&matches))
}

/// The tags of one line, up to the first thing that is none.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let start = self
            .0
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let rest = std::mem::take(&mut self.0);
        let rest = &rest[start..];
        let (is_weak, quoted) = match rest.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let inner = quoted.strip_prefix(b"\"")?;
        let length = inner.iter().position(|byte| *byte == b'"')? + 2;
        let (opaque, rest) = quoted.split_at(length);
        // What follows a tag is the end or a comma, else this was no tag.
        if !matches!(rest.trim_ascii_start().first(), None | Some(b',')) {
            return None;
        }
        self.0 = rest;
        Some(Tag { is_weak, opaque })
    }
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    read_date(only(headers, name)?)
}

/// A date in any of the three forms (RFC 9110, 5.6.7); absent when it is none: the condition
/// then does not count.
fn read_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests;
