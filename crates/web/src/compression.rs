//! The layer that compresses pages, in the coding that the client prefers.
//!
//! It must not be used for a page that holds a secret beside text from the request: the length of a
//! compressed answer tells how much the two have in common (BREACH).

use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use http_body::Body;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate as _, SizeAbove};

/// Answers of this size and below are sent as they are: they fit in one packet anyway.
pub(crate) const MIN_BYTES: u64 = 1024;

/// What decides whether an answer is compressed.
pub type IsLargePage = And<SizeAbove, IsPage>;

/// The layer: br, zstd or gzip at a fast level, with `Vary`, for text that a handler made.
pub fn compress_pages() -> CompressionLayer<IsLargePage> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(MIN_BYTES).and(IsPage))
}

/// Whether an answer is HTML, XML or SVG, and not a part of one (206).
#[derive(Debug, Clone, Copy)]
pub struct IsPage;

impl tower_http::compression::Predicate for IsPage {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map_or(&b""[..], http::HeaderValue::as_bytes);
        let texts: [&[u8]; 3] = [b"text/html", b"application/xml", b"image/svg+xml"];
        let is_text = texts.iter().any(|text| content_type.starts_with(text));
        is_text && response.status() != StatusCode::PARTIAL_CONTENT
    }
}
