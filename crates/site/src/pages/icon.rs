//! The icon at the address that browsers ask without being told.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

const ICON: &[u8] = include_bytes!("../../static/favicon.ico");

/// For a plain name a short life: its content changes with a release.
const SHORT: &str = "public, max-age=60";

/// `GET /favicon.ico`
pub async fn show_icon() -> Response {
    let headers = [
        (CONTENT_TYPE, "image/vnd.microsoft.icon"),
        (CACHE_CONTROL, SHORT),
    ];
    (headers, ICON).into_response()
}
