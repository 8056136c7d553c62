//! Answers from bytes that an application keeps and that never change. Knows nothing of files.

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::conditional::{self, Validators, Verdict};
use super::header_policy::header;
use super::range::{self, ByteRange};

/// What an address gives for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Bytes that are always the same at their address.
#[derive(Debug, Clone)]
pub struct Lasting {
    /// The bytes.
    pub bytes: Bytes,
    /// Their media type.
    pub media_type: HeaderValue,
    /// Their strong entity tag, quotes included.
    pub etag: HeaderValue,
}

impl Lasting {
    /// The answer to a GET with these headers, by its conditions and its range. For a HEAD the body is to
    /// be left out.
    pub fn respond(self, request: &HeaderMap) -> Response<Bytes> {
        let validators = Validators {
            etag: &self.etag,
            modified: None,
        };
        let length_bytes = self.bytes.len() as u64;
        let range = request
            .get(RANGE)
            .filter(|_| conditional::permits_range(request, validators))
            .map_or(ByteRange::Whole, |value| {
                range::parse(value.as_bytes(), length_bytes)
            });
        let verdict = conditional::evaluate(request, validators);
        let mut headers = HeaderMap::new();
        let (status, body) = match (verdict, range) {
            (Verdict::Failed, _) => (StatusCode::PRECONDITION_FAILED, Bytes::new()),
            (Verdict::NotModified, _) => (StatusCode::NOT_MODIFIED, Bytes::new()),
            (Verdict::Proceed, ByteRange::Unsatisfiable) => {
                headers.insert(CONTENT_RANGE, header(format!("bytes */{length_bytes}")));
                (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
            }
            (Verdict::Proceed, ByteRange::Whole) => (StatusCode::OK, self.bytes),
            (Verdict::Proceed, ByteRange::Part { first, last }) => {
                let range = format!("bytes {first}-{last}/{length_bytes}");
                headers.insert(CONTENT_RANGE, header(range));
                // Both are below the length of what is in memory.
                let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
                let part = self.bytes.slice(at(first)..=at(last));
                (StatusCode::PARTIAL_CONTENT, part)
            }
        };
        headers.insert(ETAG, self.etag);
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            headers.insert(CACHE_CONTROL, FOR_EVER);
        }
        if status.is_success() {
            headers.insert(CONTENT_TYPE, self.media_type);
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}
