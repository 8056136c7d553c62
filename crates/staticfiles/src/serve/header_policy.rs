//! The headers that the answers of all files share, and the answers that are not a file. Knows
//! nothing of where files are.

use std::collections::BTreeMap;

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_RANGE, HeaderName, VARY,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::body::Body;
use super::config::{Config, CrossOrigin};
use super::problem::LoadError;
use crate::ignore::Patterns;
use crate::media_types;

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
pub(super) const ACCEPT_ENCODING_VALUE: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// The headers that let pages of other origins use a file: the first is for fonts and modules, the
/// second for pages under COEP.
const CROSS_ORIGIN: [(HeaderName, HeaderValue); 2] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    ),
];

/// The configured headers and types, checked.
#[derive(Debug)]
pub(super) struct HeaderPolicy {
    media_types: BTreeMap<String, String>,
    common: HeaderMap,
    by_file: Vec<(Patterns, HeaderName, HeaderValue)>,
    cross_origin: CrossOrigin,
}

impl HeaderPolicy {
    pub(super) fn new(config: &Config) -> Result<Self, LoadError> {
        for (key, media_type) in &config.media_types {
            if HeaderValue::from_str(media_type).is_err() {
                let (key, media_type) = (key.clone(), media_type.clone());
                return Err(LoadError::MediaType { key, media_type });
            }
        }
        let by_file = config.file_headers.iter().map(|header| {
            let patterns = Patterns::new([&header.pattern]);
            (patterns, header.name.clone(), header.value.clone())
        });
        Ok(Self {
            media_types: config.media_types.clone(),
            common: config.headers.iter().cloned().collect(),
            by_file: by_file.collect(),
            cross_origin: config.cross_origin,
        })
    }

    /// The value of `Content-Type`.
    pub(super) fn content_type(&self, name: &str) -> HeaderValue {
        let media_type = media_types::media_type_with(&self.media_types, name);
        HeaderValue::try_from(&*media_types::content_type(media_type))
            .expect("our own types are ASCII, and the caller's have been tried")
    }

    /// The headers every answer has.
    pub(super) fn common(&self) -> &HeaderMap {
        &self.common
    }

    /// Adds the cross-origin headers to an answer that is about a file, in place of the common
    /// ones.
    pub(super) fn add_cross_origin(&self, headers: &mut HeaderMap) {
        if self.cross_origin == CrossOrigin::Allowed {
            for (name, value) in CROSS_ORIGIN {
                headers.insert(name, value);
            }
        }
    }

    /// Whether a 304 repeats a header of the 200: those that a cache must know (RFC 9110, 15.4.5;
    /// row WN-H9), and those without which a page of another origin cannot see the answer
    /// (WhiteNoise #711).
    pub(super) fn is_repeated(&self, name: &HeaderName) -> bool {
        use http::header::{CONTENT_LOCATION, ETAG, EXPIRES};
        [CACHE_CONTROL, CONTENT_LOCATION, ETAG, EXPIRES, VARY].contains(name)
            || CROSS_ORIGIN.iter().any(|(known, _)| known == name)
            || self.common.contains_key(name)
    }

    /// Adds the headers that are configured for a file, in place of our own (row WN-S10).
    pub(super) fn add_by_file(&self, name: &str, headers: &mut HeaderMap) {
        for (patterns, header, value) in &self.by_file {
            if patterns.ignores_file(name) {
                headers.insert(header, value.clone());
            }
        }
    }

    /// The 404. Caches must not keep it, since the name may exist in the release that is being
    /// rolled out (row 1.7, WhiteNoise #245).
    pub(super) fn not_found(&self) -> Response<Body> {
        let mut response = self.answer(StatusCode::NOT_FOUND);
        response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        response
    }

    /// The 405: files only have GET and HEAD (row WN-H14).
    pub(super) fn method_not_allowed(&self) -> Response<Body> {
        let mut response = self.answer(StatusCode::METHOD_NOT_ALLOWED);
        let methods = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, methods);
        response
    }

    /// The 406: the client refuses all forms, the plain one included (`identity;q=0`).
    pub(super) fn not_acceptable(&self) -> Response<Body> {
        let mut response = self.answer(StatusCode::NOT_ACCEPTABLE);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, NO_STORE);
        headers.insert(VARY, ACCEPT_ENCODING_VALUE);
        response
    }

    /// The 412: the file is not the version that the client expects.
    pub(super) fn precondition_failed(&self) -> Response<Body> {
        self.answer(StatusCode::PRECONDITION_FAILED)
    }

    /// The 416: the file does not have these bytes. A script of another origin must be able to see
    /// the status, or takes it for a network failure (WhiteNoise #711).
    pub(super) fn range_not_satisfiable(&self, length_bytes: u64) -> Response<Body> {
        let mut response = self.answer(StatusCode::RANGE_NOT_SATISFIABLE);
        let headers = response.headers_mut();
        headers.insert(CONTENT_RANGE, header(format!("bytes */{length_bytes}")));
        self.add_cross_origin(headers);
        response
    }

    fn answer(&self, status: StatusCode) -> Response<Body> {
        respond(status, self.common.clone(), Body::Empty)
    }
}

/// An answer of these parts.
pub(super) fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The value of a header that we write ourselves, in ASCII.
pub(super) fn header(value: String) -> HeaderValue {
    HeaderValue::try_from(value).expect("digits and punctuation make a value")
}
