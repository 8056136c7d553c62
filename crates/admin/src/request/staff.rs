//! The extractor of staff, without which nobody sees a page of the admin.

use accounts::user;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use web::Error;
use web::visit::Visit;

/// The first page, where a login leads to unless it was on the way to another.
pub const INDEX: &str = "/admin/";

/// The login, where everybody but staff is sent.
pub const LOGIN: &str = "/admin/login/";

/// The user who is logged in and may work in the admin; everybody else is sent to the login and
/// then back (`Django 5.2 contrib/admin/sites.py`, `admin_view`).
#[derive(Debug)]
pub struct Staff {
    /// The user, who is staff.
    pub user: user::Model,
    /// The visit, with its session and messages.
    pub visit: Visit,
}

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await;
        let visit = visit.map_err(axum::response::IntoResponse::into_response)?;
        match visit.user().await {
            Ok(Some(user)) if user.is_staff => Ok(Self { user, visit }),
            Ok(_) => Err(to_login(parts)),
            Err(error) => Err(Error::from(error).into_response()),
        }
    }
}

/// What is encoded in `next`: all but letters and digits of ASCII and these
/// (`Django 5.2 contrib/auth/views.py`, `redirect_to_login`).
const NEXT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn to_login(parts: &Parts) -> Response {
    let here = parts.uri.path_and_query();
    let here = here.map_or(INDEX, |here| here.as_str());
    redirect(&format!("{LOGIN}?next={}", utf8_percent_encode(here, NEXT)))
}

/// 302 to an address of this site; 500 if no header can hold it.
pub fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(error) => Error::Internal(error.into()).into_response(),
    }
}
