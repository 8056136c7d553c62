//! Conditional requests: `If-Match`, `If-None-Match`, the two dates and `If-Range`
//! (RFC 9110, 13). Knows nothing of files.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
};
use http::{HeaderMap, HeaderValue};

/// The time of a file's last change, to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastModified {
    time: SystemTime,
    header: HeaderValue,
}

impl LastModified {
    /// `None` for the beginning of 1970, which tools write if they know no time (row WN-H7), and
    /// for times that HTTP cannot express.
    ///
    /// A time in the future is sent as `now` (RFC 9110, 8.8.2.1).
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

/// The validators of the content that would be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validators<'a> {
    /// The strong entity tag, quotes included.
    pub(super) etag: &'a HeaderValue,
    /// The time of the last change.
    pub(super) modified: Option<&'a LastModified>,
}

/// The result of the conditions of a GET or HEAD request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer as if there were no conditions.
    Proceed,
    /// 304: the client has the content already.
    NotModified,
    /// 412: the client wants the content only in another version.
    Failed,
}

/// Evaluates the conditions in the order of RFC 9110, 13.2.2: a tag overrules the date beside it.
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
        // Most clients send our own header back, so that it need not be parsed.
        && (value == modified.header || read_date(value).is_some_and(|date| modified.time <= date))
    {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` may be served: `If-Range` is missing, or is the strong tag or the exact date
/// of the content (RFC 9110, 13.1.5).
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

/// The value of a header; `None` if it is missing or repeated.
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
    /// The strong comparison of RFC 9110, 8.8.3.2. Our tags are strong.
    fn is_strongly(self, etag: &HeaderValue) -> bool {
        !self.is_weak && self.opaque == etag.as_bytes()
    }

    /// The weak comparison: a proxy may have weakened the tag on its way.
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

/// The tags of one line, up to the first malformed one.
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
        // A tag is followed by the end or a comma; anything else is malformed.
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

/// Parses a date in any of the three forms (RFC 9110, 5.6.7). `None` if it is malformed: the
/// condition is then ignored.
fn read_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests;
