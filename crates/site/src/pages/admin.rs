//! The admin at Django's addresses: the way in and out, and its first page.

pub mod client;
pub mod logged_out;
pub mod login;
pub mod password_change;
pub mod password_change_done;
pub mod work;

use accounts::messages::{Message, level};
use admin::{Admin, LOGIN, Staff};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_extractor, from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use db::rules::Flaw;
use web::Error;
use web::csrf::{TrustedOrigins, check_sender, check_token};
use web::slash::RouterExt as _;
use web::visit::{Visit, keep_visits};

use self::logged_out::log_out;
use self::login::{log_in, show_login};
use self::password_change::{change_password, show_password_change};
use self::password_change_done::show_password_change_done;
use self::work::SiteLayout;
use crate::frame::Frame;
use crate::registrations::FOLLOWERS;
use crate::settings::Settings;
use crate::state::AppState;

/// The addresses of the admin. Whatever else is below them is nothing, and that only for staff:
/// nobody else learns what is there.
pub fn routes(settings: &Settings, app: &AppState) -> Router<AppState> {
    let trusted = TrustedOrigins(settings.csrf_trusted_origins.clone().into());
    let sender = from_fn_with_state(trusted.clone(), check_sender);
    let token = from_fn(check_token);
    let login = post(log_in)
        .route_layer(token.clone())
        .route_layer(sender.clone());
    let logout = post(log_out)
        .route_layer(token.clone())
        .route_layer(sender.clone());
    // The layer that is added last is the first to be asked.
    let password_change = post(change_password)
        .route_layer(token)
        .route_layer(from_extractor::<Staff>())
        .route_layer(sender);
    Router::new()
        .page::<()>(LOGIN, get(show_login).merge(login))
        .page::<()>("/admin/logout/", logout)
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
        .merge(admin::router(engine(app), app.visits.clone(), &trusted))
}

/// The engine behind all pages of models.
fn engine(app: &AppState) -> Admin {
    Admin::new(admin::Config {
        registry: app.registry.clone(),
        db: app.db.clone(),
        hashing: app.entrance.hashing.clone(),
        languages: app.languages.clone(),
        layout: Arc::new(SiteLayout(app.clone())),
        followers: FOLLOWERS,
    })
}

async fn show_nothing(_: Staff) -> Error {
    Error::NotFound
}

/// What every page of the admin has besides its frame.
#[derive(Debug)]
pub struct Desk {
    /// The name of the user; nobody's on the way in and out.
    pub username: Option<String>,
    /// Which of several sites this is.
    pub environment: String,
    /// For the forms of the page.
    pub csrf_token: String,
    /// What the request before has to say, with its kind. What is HTML was signed with our key, by
    /// Django, and is shown as it is.
    pub messages: Vec<(&'static str, Message)>,
}

impl Desk {
    async fn of(staff: &Staff, app: &AppState) -> web::Result<Self> {
        Ok(Self {
            username: Some(staff.user.username.clone()),
            ..Self::of_nobody(&staff.visit, app).await?
        })
    }

    async fn of_nobody(visit: &Visit, app: &AppState) -> web::Result<Self> {
        Ok(Self {
            username: None,
            environment: app.environment.clone(),
            csrf_token: visit.csrf_token().await,
            messages: Self::by_kind(visit.take_messages().await?),
        })
    }

    /// Messages with the name of their kind.
    pub(crate) fn by_kind(messages: Vec<Message>) -> Vec<(&'static str, Message)> {
        let messages = messages.into_iter().map(|message| {
            let kind = match message.level {
                level::SUCCESS => "success",
                level::WARNING => "warning",
                level::ERROR.. => "error",
                _ => "info",
            };
            (kind, message)
        });
        messages.collect()
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
    /// A field of one line that has to be filled in, as it was sent.
    fn required(frame: &Frame, value: &str, flaw: Option<Flaw>) -> Self {
        let error = match flaw {
            Some(Flaw::TooLong(most)) => {
                Some(frame.text_with("admin-error-long", "number", most.to_string()))
            }
            Some(Flaw::Control) => Some(frame.text("admin-error-nul")),
            None if value.is_empty() => Some(frame.text("form-required")),
            None => None,
        };
        Self {
            value: value.to_owned(),
            errors: error.into_iter().collect(),
        }
    }
}
