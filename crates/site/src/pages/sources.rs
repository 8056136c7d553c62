//! The files inside the binary that pages cannot do without: stylesheet and icon.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

const STYLESHEET: &str = include_str!("../../static/site.css");
const ICON: &[u8] = include_bytes!("../../static/favicon.ico");

/// For these plain names a short life: their content changes with a release.
const SHORT: &str = "public, max-age=60";

/// `GET /static/site.css`
pub async fn show_stylesheet() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, SHORT),
    ];
    (headers, STYLESHEET).into_response()
}

/// `GET /favicon.ico`
pub async fn show_icon() -> Response {
    let headers = [
        (CONTENT_TYPE, "image/vnd.microsoft.icon"),
        (CACHE_CONTROL, SHORT),
    ];
    (headers, ICON).into_response()
}
