//! One file with prepared answers: its forms, their headers, and the choice between them. Knows
//! nothing of addresses.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, LAST_MODIFIED, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use super::accept::{self, Preferences};
use super::body::{Body, DiskFile};
use super::conditional::{self, LastModified, Validators, Verdict};
use super::header_policy::{self, HeaderPolicy};
use super::range::{self, ByteRange};
use crate::compress::Encoding;

/// Where the bytes of a form are.
#[derive(Debug, Clone)]
pub(super) enum Storage {
    /// In memory, shared by all forms with the same bytes.
    Memory(Bytes),
    /// On the disk, because the memory for contents is full.
    Disk(DiskFile),
}

/// The bytes of a form, with their length and tag.
#[derive(Debug, Clone)]
pub(super) struct FormContent {
    pub(super) storage: Storage,
    pub(super) length_bytes: u64,
    /// The first bytes of the content's hash, in hexadecimal.
    pub(super) tag: String,
}

/// How long caches may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// The name changes with the content.
    Immutable,
    /// For this time; `None` sends no header (row WN-S4).
    Plain(Option<Duration>),
    /// Only with a revalidation before each use.
    Debug,
}

/// The parts that a file is prepared from.
#[derive(Debug)]
pub(super) struct UnpreparedFile<'a> {
    /// The plain name, which decides on types and headers. It is the same for the hashed name.
    pub(super) name: &'a str,
    pub(super) age: Age,
    pub(super) modified: Option<LastModified>,
    pub(super) identity: FormContent,
    pub(super) encoded: Vec<(Encoding, FormContent)>,
}

/// A file with all its headers prepared.
#[derive(Debug)]
pub(super) struct PreparedFile {
    modified: Option<LastModified>,
    identity: Form,
    encoded: Vec<(Encoding, Form)>,
}

/// One form of a file: its content, plain or compressed.
#[derive(Debug)]
struct Form {
    storage: Storage,
    length_bytes: u64,
    etag: HeaderValue,
    /// The headers of a 200.
    full: HeaderMap,
    /// The headers of a 304.
    not_modified: HeaderMap,
}

impl PreparedFile {
    /// Prepares all headers.
    pub(super) fn new(unprepared: UnpreparedFile<'_>, header_policy: &HeaderPolicy) -> Self {
        let content_type = header_policy.content_type(unprepared.name);
        let mut shared = header_policy.common().clone();
        shared.insert(CONTENT_TYPE, content_type);
        shared.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(modified) = &unprepared.modified {
            shared.insert(LAST_MODIFIED, modified.header().clone());
        }
        if let Some(age) = cache_control(unprepared.age) {
            shared.insert(CACHE_CONTROL, age);
        }
        // Row WN-H5: without compressed forms all clients get the same, and a cache needs no
        // `Vary`.
        if !unprepared.encoded.is_empty() {
            shared.insert(VARY, header_policy::ACCEPT_ENCODING_VALUE);
        }
        header_policy.add_cross_origin(&mut shared);
        let form = |encoding: Option<Encoding>, stored: FormContent| {
            let mut full = shared.clone();
            // Each form needs its own tag (RFC 9110, 8.8.3.3).
            let (open, tag) = ('"', &stored.tag);
            let suffix = encoding
                .map(|encoding| format!("-{}", accept::token(encoding)))
                .unwrap_or_default();
            let etag = header_policy::header(format!("{open}{tag}{suffix}{open}"));
            full.insert(ETAG, etag.clone());
            full.insert(CONTENT_LENGTH, HeaderValue::from(stored.length_bytes));
            if let Some(encoding) = encoding {
                let token = HeaderValue::from_static(accept::token(encoding));
                full.insert(CONTENT_ENCODING, token);
            }
            header_policy.add_by_file(unprepared.name, &mut full);
            let repeated = full
                .iter()
                .filter(|(name, _)| header_policy.is_repeated(name));
            let not_modified = repeated.map(|(name, value)| (name.clone(), value.clone()));
            Form {
                storage: stored.storage,
                length_bytes: stored.length_bytes,
                etag,
                not_modified: not_modified.collect(),
                full,
            }
        };
        let identity = form(None, unprepared.identity);
        let encoded = unprepared.encoded.into_iter();
        let encoded = encoded.map(|(encoding, stored)| (encoding, form(Some(encoding), stored)));
        Self {
            encoded: encoded.collect(),
            identity,
            modified: unprepared.modified,
        }
    }

    /// Answers a GET or HEAD request.
    pub(super) fn answer(
        &self,
        method: &Method,
        headers: &HeaderMap,
        header_policy: &HeaderPolicy,
    ) -> Response<Body> {
        let preferences = Preferences::read(headers);
        let byte_range = self.byte_range(headers, preferences);
        // The form is chosen before the conditions are evaluated: each form has its own tag.
        let form = match byte_range {
            ByteRange::Whole => self.best_form(preferences),
            ByteRange::Part { .. } | ByteRange::Unsatisfiable => Some(&self.identity),
        };
        let Some(form) = form else {
            return header_policy.not_acceptable();
        };
        match conditional::evaluate(headers, self.validators(form)) {
            Verdict::Failed => return header_policy.precondition_failed(),
            Verdict::NotModified => {
                let headers = form.not_modified.clone();
                return header_policy::respond(StatusCode::NOT_MODIFIED, headers, Body::Empty);
            }
            Verdict::Proceed => {}
        }
        let answer = match byte_range {
            ByteRange::Whole => form.whole(method),
            ByteRange::Part { first, last } => form.part(method, first, last),
            ByteRange::Unsatisfiable => {
                Some(header_policy.range_not_satisfiable(form.length_bytes))
            }
        };
        // A file that is gone or was changed since the start is a 404, since its prepared headers
        // are wrong.
        answer.unwrap_or_else(|| header_policy.not_found())
    }

    /// The bytes that the request asks for. Ranges are of the plain content, not of a compressed
    /// form (row WN-H12): media players and resumed downloads ask for those.
    fn byte_range(&self, headers: &HeaderMap, preferences: Preferences) -> ByteRange {
        match conditional::only(headers, &RANGE) {
            Some(value)
                if preferences.accepts_identity()
                    && conditional::permits_range(headers, self.validators(&self.identity)) =>
            {
                range::parse(value.as_bytes(), self.identity.length_bytes)
            }
            _ => ByteRange::Whole,
        }
    }

    /// The form with the greatest weight; of equal weights, the smallest one.
    fn best_form(&self, preferences: Preferences) -> Option<&Form> {
        let mut best = preferences
            .weight(None)
            .map(|weight| (weight, &self.identity));
        for (encoding, form) in &self.encoded {
            let Some(weight) = preferences.weight(Some(*encoding)) else {
                continue;
            };
            let is_better = best.is_none_or(|(best_weight, best_form)| {
                weight > best_weight
                    || weight == best_weight && form.length_bytes < best_form.length_bytes
            });
            if is_better {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form)
    }

    fn validators<'a>(&'a self, form: &'a Form) -> Validators<'a> {
        Validators {
            etag: &form.etag,
            modified: self.modified.as_ref(),
        }
    }
}

impl Form {
    fn whole(&self, method: &Method) -> Option<Response<Body>> {
        let body = self.storage.body(method, 0, self.length_bytes)?;
        Some(header_policy::respond(
            StatusCode::OK,
            self.full.clone(),
            body,
        ))
    }

    fn part(&self, method: &Method, first: u64, last: u64) -> Option<Response<Body>> {
        let count_bytes = last - first + 1;
        let body = self.storage.body(method, first, count_bytes)?;
        let mut headers = self.full.clone();
        let length_bytes = self.length_bytes;
        let range = header_policy::header(format!("bytes {first}-{last}/{length_bytes}"));
        headers.insert(CONTENT_RANGE, range);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(count_bytes));
        Some(header_policy::respond(
            StatusCode::PARTIAL_CONTENT,
            headers,
            body,
        ))
    }
}

impl Storage {
    /// The body of an answer; `None` if the file has changed.
    ///
    /// Opening a file blocks this thread for some microseconds. nginx does the same, and frequent
    /// files are in memory.
    fn body(&self, method: &Method, first: u64, count_bytes: u64) -> Option<Body> {
        match self {
            Self::Memory(_) if method == Method::HEAD => Some(Body::Empty),
            Self::Memory(bytes) => {
                let first = usize::try_from(first).ok()?;
                let count = usize::try_from(count_bytes).ok()?;
                Some(Body::Memory(bytes.slice(first..first + count)))
            }
            Self::Disk(file) if method == Method::HEAD => {
                file.is_unchanged().then_some(Body::Empty)
            }
            Self::Disk(file) => file.open(first, count_bytes).map(Body::Disk),
        }
    }
}

fn cache_control(age: Age) -> Option<HeaderValue> {
    match age {
        Age::Immutable => Some(HeaderValue::from_static(
            "public, max-age=31536000, immutable",
        )),
        Age::Plain(age) => {
            let seconds = age?.as_secs();
            Some(header_policy::header(format!("public, max-age={seconds}")))
        }
        Age::Debug => Some(HeaderValue::from_static("no-cache")),
    }
}
