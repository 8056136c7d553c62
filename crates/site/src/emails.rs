//! Who sees the e-mail addresses on profile pages: everybody or staff, as the settings say or, where
//! they say nothing, as the database came to the program.

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

/// A request whose answer shows addresses to everybody. Where neither this nor a visit of staff
/// comes with a request, its answer shows none.
#[derive(Debug, Clone, Copy)]
pub struct PublicEmails;

/// The layer around profile pages. A page of a site whose addresses are for staff depends on who
/// asks only where somebody may be logged in; every other visitor is given the same copy.
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
        return keep_visits(State(app.visits), request, next).await;
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    response
}

/// Asked for each page, since `restore` may put another database in place while the site runs.
async fn are_public(app: &AppState) -> Result<bool, DbErr> {
    if let Some(is_public) = app.profile_email_public {
        return Ok(is_public);
    }
    match origin::recorded(&app.db, &SCHEMA).await {
        Ok(origin) => Ok(origin == Some(Origin::Adopted)),
        // No table: this release has not migrated it yet. What is not known is not shown.
        Err(error) if !is_unavailable(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
