//! `robots.txt`: what crawlers may visit (RFC 9309), and where the sitemap is.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use web::host::SiteAddress;

/// Crawlers ask for it often, and it changes with a release. RFC 9309, 2.4, has a day as the most.
const AN_HOUR: &str = "public, max-age=3600";

/// `GET /robots.txt`
pub async fn show_robots(SiteAddress(site): SiteAddress) -> Response {
    let text = format!("User-agent: *\nDisallow: /admin/\n\nSitemap: {site}/sitemap.xml\n");
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, AN_HOUR),
    ];
    (headers, text).into_response()
}
