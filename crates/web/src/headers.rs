//! The headers that every answer carries.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use crate::forwarded::Scheme;

/// Allows what the pages need from our own host: a stylesheet, a script and its requests, pictures,
/// forms, a manifest. Nothing inline is allowed, nor a frame around us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// A year, without `includeSubDomains`: whether subdomains speak https is not ours to decide.
const HSTS: &str = "max-age=31536000";

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The layer: sets what no handler has set, and HSTS when the request came over https.
pub async fn set_security_headers(request: Request, next: Next) -> Response {
    let scheme = request.extensions().get().copied();
    let mut response = next.run(request).await;
    complete(response.headers_mut(), scheme);
    response
}

/// Adds what is not set, for an answer to a request of that scheme.
pub(crate) fn complete(headers: &mut HeaderMap, scheme: Option<Scheme>) {
    // One allocation for all, with room for HSTS and the request's id.
    headers.reserve(HEADERS.len() + 2);
    for (name, value) in security_headers() {
        headers.entry(name).or_insert(value);
    }
    add_hsts(headers, scheme);
}

/// The headers that do not depend on the request, for answers that are built in advance.
pub fn security_headers() -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let headers = HEADERS.into_iter();
    headers.map(|(name, value)| (name, HeaderValue::from_static(value)))
}

/// The header that depends on the request: HSTS, when it came over https.
pub fn add_transport_security(request: &Request, response: &mut Response) {
    add_hsts(response.headers_mut(), request.extensions().get().copied());
}

fn add_hsts(headers: &mut HeaderMap, scheme: Option<Scheme>) {
    if scheme == Some(Scheme::Https) {
        let value = HeaderValue::from_static(HSTS);
        headers.insert(STRICT_TRANSPORT_SECURITY, value);
    }
}
