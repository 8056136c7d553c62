//! The admin at Django's addresses: the way in and out, and its first page.

pub mod index;
pub mod logged_out;
pub mod login;
pub mod password_change;
pub mod password_change_done;

use accounts::messages::{Message, level};
use accounts::user;
use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use web::Error;
use web::csrf::{TrustedOrigins, check_csrf};
use web::slash::RouterExt as _;
use web::visit::{Visit, keep_visits};

use self::index::show_index;
use self::logged_out::log_out;
use self::login::{log_in, show_login};
use self::password_change::{change_password, show_password_change};
use self::password_change_done::show_password_change_done;
use crate::frame::Frame;
use crate::settings::Settings;
use crate::state::AppState;

/// The first page, where a login leads to unless it was on the way to another.
pub const INDEX: &str = "/admin/";

const LOGIN: &str = "/admin/login/";

/// The addresses of the admin. Whatever else is below them is nothing, and that only for staff:
/// nobody else learns what is there.
pub fn routes(settings: &Settings, app: &AppState) -> Router<AppState> {
    let trusted = TrustedOrigins(settings.csrf_trusted_origins.clone().into());
    let checked = from_fn_with_state(trusted, check_csrf);
    let login = post(log_in).route_layer(checked.clone());
    let password_change = post(change_password).route_layer(checked.clone());
    Router::new()
        .page::<()>(INDEX, get(show_index))
        .page::<()>(LOGIN, get(show_login).merge(login))
        .page::<()>("/admin/logout/", post(log_out).route_layer(checked))
        .page::<()>(
            "/admin/password_change/",
            get(show_password_change).merge(password_change),
        )
        .page::<()>(
            "/admin/password_change/done/",
            get(show_password_change_done),
        )
        .route("/admin/{*rest}", any(show_nothing))
        .layer(from_fn_with_state(app.visits.clone(), keep_visits))
}

async fn show_nothing(_: Staff) -> Error {
    Error::NotFound
}

/// The user who is logged in and may work in the admin; everybody else is sent to the login and
/// then back (`Django 5.2 contrib/admin/sites.py`, `admin_view`).
#[derive(Debug)]
pub struct Staff {
    /// The user.
    pub user: user::Model,
    /// The visit.
    pub visit: Visit,
}

impl FromRequestParts<AppState> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app).await;
        let visit = visit.map_err(IntoResponse::into_response)?;
        match visit.user().await {
            Ok(Some(user)) if user.is_staff => Ok(Self { user, visit }),
            Ok(_) => Err(to_login(parts)),
            Err(error) => Err(Error::from(error).into_response()),
        }
    }
}

/// What stands in `next` as it is (`Django 5.2 contrib/auth/views.py`, `redirect_to_login`).
const NEXT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn to_login(parts: &Parts) -> Response {
    let here = parts
        .uri
        .path_and_query()
        .map_or(INDEX, |here| here.as_str());
    redirect(&format!("{LOGIN}?next={}", utf8_percent_encode(here, NEXT)))
}

/// 302 to an address of this site.
fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(error) => Error::Internal(error.into()).into_response(),
    }
}

/// What every page of the admin has besides its frame.
#[derive(Debug)]
pub struct Desk {
    /// The name of the user; nobody's on the way in and out.
    pub username: Option<String>,
    /// For the forms of the page.
    pub csrf_token: String,
    /// What the request before has to say, with its kind. What is HTML was signed with our key, by
    /// Django, and is shown as it is.
    pub messages: Vec<(&'static str, Message)>,
}

impl Desk {
    async fn of(staff: &Staff) -> web::Result<Self> {
        Ok(Self {
            username: Some(staff.user.username.clone()),
            ..Self::of_nobody(&staff.visit).await?
        })
    }

    async fn of_nobody(visit: &Visit) -> web::Result<Self> {
        let messages = visit.take_messages().await?.into_iter();
        let messages = messages.map(|message| {
            let kind = match message.level {
                level::SUCCESS => "success",
                level::WARNING => "warning",
                level::ERROR.. => "error",
                _ => "info",
            };
            (kind, message)
        });
        Ok(Self {
            username: None,
            csrf_token: visit.csrf_token().await,
            messages: messages.collect(),
        })
    }
}

/// The host that a request names: it has passed the check of hosts.
fn host_of(request: &Request) -> web::Result<String> {
    web::host::find_host(request).map(str::to_owned)
}

/// A form's field with what was wrong in it.
#[derive(Debug, Default)]
pub struct Field {
    /// What was typed, to be shown again; never a password.
    pub value: String,
    /// In the visitor's language.
    pub errors: Vec<String>,
}

impl Field {
    /// Empty, and wrongly so when it was sent so.
    fn required(frame: &Frame, value: &str) -> Self {
        let errors = if value.is_empty() {
            vec![frame.text("form-required")]
        } else {
            Vec::new()
        };
        Self {
            value: value.to_owned(),
            errors,
        }
    }
}
