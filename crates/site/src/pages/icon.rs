//! The icon at the address that browsers ask without being told.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

const ICON: &[u8] = include_bytes!("../../static/favicon.ico");

/// A short life, since the name has no hash and a release may change the content.
const SHORT: &str = "public, max-age=60";

/// `GET /favicon.ico`
pub async fn show_icon() -> Response {
    let headers = [
        (CONTENT_TYPE, "image/vnd.microsoft.icon"),
        (CACHE_CONTROL, SHORT),
    ];
    (headers, ICON).into_response()
}
