//! A stored page: its headers, its entity tag, its bytes in each content coding.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::MatchedPath;
use axum::response::{IntoResponse as _, Response};
use db::changes::Generation;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    SET_COOKIE, VARY,
};
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::address::PageKind;
use super::coding::{AcceptedCodings, Coding, Effort};
use crate::compression::MIN_BYTES;
use crate::error::Error;
use crate::forwarded::Scheme;
use crate::headers::complete;
use crate::page::Cacheable;

/// An estimate of the memory of a page beside its bytes: two header maps, the key, the store's entry.
const OVERHEAD_BYTES: usize = 4 * 1024;

/// A page as it is stored.
pub(super) struct CachedPage {
    /// The number of the newest generation of the database that is known to have this page; 0 if it
    /// does not depend on the database.
    generation: AtomicU64,
    /// The route that rendered it; `None` for the 404 of an unknown address.
    pub(super) route: Option<MatchedPath>,
    status: StatusCode,
    /// All headers but those that depend on the coding.
    headers: HeaderMap,
    /// Those of the headers that a 304 has too (RFC 9110, 15.4.5).
    not_modified: HeaderMap,
    etag: Option<HeaderValue>,
    bytes: Bytes,
    forms: Forms,
    hits: AtomicU64,
}

/// The page in each of [`Coding::ALL`]; `None` if a coding does not make it smaller.
enum Forms {
    /// Compressed at the fast levels, at the first request for each.
    Quick([OnceCell<Option<Bytes>>; Coding::ALL.len()]),
    Best([Option<Bytes>; Coding::ALL.len()]),
}

/// Whether an answer is the same for all requests with its key.
pub(super) fn is_cacheable(response: &Response, kind: PageKind, most_bytes: usize) -> bool {
    let status = match kind {
        PageKind::Page(_) => StatusCode::OK,
        PageKind::Unknown => StatusCode::NOT_FOUND,
    };
    let headers = response.headers();
    let size = response.body().size_hint().exact();
    response.status() == status
        && response.extensions().get::<Cacheable>().is_some()
        && !headers.contains_key(SET_COOKIE)
        && !headers.contains_key(CONTENT_ENCODING)
        && size.is_some_and(|size| size <= most_bytes as u64)
}

impl CachedPage {
    /// A page of a cacheable answer; also returns the answer's extensions.
    pub(super) async fn new(
        response: Response,
        generation: Option<Generation>,
        route: Option<MatchedPath>,
        scheme: Option<Scheme>,
        most_bytes: usize,
    ) -> Result<(Self, Extensions), Response> {
        let (mut parts, body) = response.into_parts();
        let bytes = to_bytes(body, most_bytes).await.map_err(|error| {
            let error = anyhow::Error::new(error).context("read the page that was rendered");
            Error::Internal(error).into_response()
        })?;
        let headers = &mut parts.headers;
        headers.remove(CONTENT_LENGTH);
        if is_large(&bytes) {
            headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        }
        complete(headers, scheme);
        // Browsers do not store a 404, so that they never send its tag.
        let etag = (parts.status == StatusCode::OK)
            .then(|| tag(&bytes))
            .flatten();
        if let Some(etag) = &etag {
            headers.insert(ETAG, etag.clone());
        }
        let mut not_modified = headers.clone();
        for name in [CONTENT_TYPE, CONTENT_LANGUAGE] {
            not_modified.remove(name);
        }
        let page = Self {
            generation: generation.map_or(0, Generation::number).into(),
            route,
            status: parts.status,
            headers: parts.headers,
            not_modified,
            etag,
            bytes,
            forms: Forms::Quick(Default::default()),
            hits: AtomicU64::new(0),
        };
        Ok((page, parts.extensions))
    }

    /// Whether a generation of the database is known to have this page.
    pub(super) fn belongs_to(&self, generation: Generation) -> bool {
        self.generation.load(Ordering::Acquire) == generation.number()
    }

    /// Whether a page that was rendered later is the same to the letter.
    pub(super) fn equals(&self, later: &Self) -> bool {
        self.bytes == later.bytes
            && self.status == later.status
            && self.headers == later.headers
            && self.route.as_ref().map(MatchedPath::as_str)
                == later.route.as_ref().map(MatchedPath::as_str)
    }

    /// Makes an outdated page current, since it was rendered again and equals the result.
    pub(super) fn renew(&self, generation: Generation) {
        self.generation
            .fetch_max(generation.number(), Ordering::AcqRel);
    }

    /// The memory that it takes, estimated. The quick forms count before they exist, as the size of the
    /// page: together they are hardly larger.
    pub(super) fn size_bytes(&self) -> usize {
        let forms = match &self.forms {
            Forms::Quick(_) => self.bytes.len(),
            Forms::Best(forms) => forms.iter().flatten().map(Bytes::len).sum(),
        };
        self.bytes.len() + forms + OVERHEAD_BYTES
    }

    /// Counts a hit; returns the number of hits so far.
    pub(super) fn count_hit(&self) -> u64 {
        self.hits.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn has_best_forms(&self) -> bool {
        matches!(self.forms, Forms::Best(_))
    }

    /// The page compressed at the slow levels; `None` if it is not wanted any more before that is done.
    pub(super) fn with_best_forms(&self, is_wanted: impl Fn() -> bool) -> Option<Self> {
        let mut forms = [const { None }; Coding::ALL.len()];
        if is_large(&self.bytes) {
            for (form, coding) in forms.iter_mut().zip(Coding::ALL) {
                if !is_wanted() {
                    return None;
                }
                *form = coding.compress(&self.bytes, Effort::Best).map(Bytes::from);
            }
        }
        is_wanted().then(|| Self {
            generation: self.generation.load(Ordering::Acquire).into(),
            route: self.route.clone(),
            status: self.status,
            headers: self.headers.clone(),
            not_modified: self.not_modified.clone(),
            etag: self.etag.clone(),
            bytes: self.bytes.clone(),
            forms: Forms::Best(forms),
            hits: AtomicU64::new(0),
        })
    }

    /// The answer to a GET or HEAD request.
    pub(super) fn answer(
        &self,
        method: &Method,
        asked: &HeaderMap,
        accepted: AcceptedCodings,
    ) -> Response {
        let mut response = Response::new(Body::empty());
        // Not marked as a shared body: a page may have been removed from memory while a slow client
        // still reads it, and then its bytes have to count against the memory of requests.
        if self.is_not_modified(asked) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = self.not_modified.clone();
            return response;
        }
        let (coding, bytes) = self.best_form(accepted);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        let headers = response.headers_mut();
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.token()));
        }
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if method != Method::HEAD {
            *response.body_mut() = Body::from(bytes);
        }
        response
    }

    /// Whether the client's copy is current (`If-None-Match`, RFC 9110, 13.1.2).
    fn is_not_modified(&self, asked: &HeaderMap) -> bool {
        let Some(etag) = &self.etag else { return false };
        let lines = asked.get_all(IF_NONE_MATCH).iter();
        let mut tags = lines
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii);
        let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_owned();
        let own = opaque(etag.as_bytes());
        // Splitting at commas would break a tag that holds one, but such a tag is none of ours.
        tags.any(|tag| tag == b"*" || opaque(tag) == own)
    }

    /// The smallest of the codings that the client prefers; before all of them are made, the fastest.
    fn best_form(&self, accepted: AcceptedCodings) -> (Option<Coding>, Bytes) {
        let preferred = (0..Coding::ALL.len()).filter(|index| accepted.prefers(*index));
        let found = match &self.forms {
            _ if !is_large(&self.bytes) => None,
            Forms::Quick(forms) => preferred.into_iter().find_map(|index| {
                let made = forms[index].get().cloned().unwrap_or_else(|| {
                    let made = Coding::ALL[index].compress(&self.bytes, Effort::Quick);
                    let made = made.map(Bytes::from);
                    // Of two requests at once one has compressed in vain.
                    let _ = forms[index].set(made.clone());
                    made
                });
                made.map(|bytes| (index, bytes))
            }),
            Forms::Best(forms) => preferred
                .filter_map(|index| forms[index].clone().map(|bytes| (index, bytes)))
                .min_by_key(|(_, bytes)| bytes.len()),
        };
        match found {
            Some((index, bytes)) => (Some(Coding::ALL[index]), bytes),
            None => (None, self.bytes.clone()),
        }
    }
}

/// Whether the page is large enough to be compressed, by the rule of pages that are not stored.
fn is_large(bytes: &Bytes) -> bool {
    bytes.len() as u64 >= MIN_BYTES
}

/// A weak tag, since all codings of a page share it (RFC 9110, 8.8.1).
fn tag(bytes: &[u8]) -> Option<HeaderValue> {
    let hash = Sha256::digest(bytes);
    let digits = hash[..12].iter().map(|byte| format!("{byte:02x}"));
    HeaderValue::try_from(format!("W/\"{}\"", digits.collect::<String>())).ok()
}
