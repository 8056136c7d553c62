//! Who sees the e-mail addresses on profile pages: everybody, or staff alone.
//! `PROFILE_EMAIL_PUBLIC` decides; where it is not set, the origin of the database does: they are
//! public if it was adopted.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use db::origin::{self, Origin};
use db::{DbErr, is_unavailable};
use http::HeaderValue;
use http::header::VARY;
use web::cookie;
use web::visit::{SESSION_COOKIE, keep_visits};

use crate::schema::SCHEMA;
use crate::state::AppState;

/// A request extension: the answer shows e-mail addresses to everybody. Without it, only a visit of
/// staff is shown them.
#[derive(Debug, Clone, Copy)]
pub struct PublicEmails;

/// The layer around profile pages: adds [`PublicEmails`] where addresses are public. Where they are
/// not, a request with a session's cookie has its visit read, since it may be from staff. Every
/// other visitor is given the same copy, and `Vary` keeps caches from mixing up the two.
pub async fn decide_on_emails(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    match are_public(&app).await {
        Ok(true) => {
            request.extensions_mut().insert(PublicEmails);
            return next.run(request).await;
        }
        Ok(false) => {}
        Err(error) => return web::Error::from(error).into_response(),
    }
    if cookie::find(request.headers(), SESSION_COOKIE).is_some() {
        return keep_visits(State(app.visits.clone()), request, next).await;
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    response
}

/// Whether addresses are public. Where they are not, search engines are told of no profile either. This is
/// read for each page, since `restore` may put another database in place while the site runs.
pub async fn are_public(app: &AppState) -> Result<bool, DbErr> {
    if let Some(is_public) = app.profile_email_public {
        return Ok(is_public);
    }
    match origin::recorded(&app.db, &SCHEMA).await {
        Ok(origin) => Ok(origin == Some(Origin::Adopted)),
        // The table of origins is missing: this release has not migrated the database yet.
        // Addresses are hidden until the origin is known.
        Err(error) if !is_unavailable(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
