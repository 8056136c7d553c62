//! `robots.txt`: what crawlers may visit (RFC 9309), and where the sitemap is.

use axum::extract::{Extension, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use web::forwarded::Scheme;

/// `GET /robots.txt`
pub async fn show_robots(
    Extension(scheme): Extension<Scheme>,
    request: Request,
) -> web::Result<Response> {
    let host = web::host::find_host(&request)?;
    let text = format!(
        "User-agent: *\nDisallow: /admin/\n\nSitemap: {}://{host}/sitemap.xml\n",
        scheme.as_str()
    );
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
