//! The login of the admin.

use accounts::authenticate::{Credentials, OpenTo, Outcome, Refusal, authenticate};
use accounts::throttle::{Lock, Scope};
use accounts::user::{TYPED_PASSWORD, TYPED_USERNAME};
use askama::Template;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Response};
use db::rules::TextRule;
use http::StatusCode;
use http::header::RETRY_AFTER;
use telemetry::metrics::LoginOutcome as LoginMetric;
use web::form::{Fields, Form, FormOf};
use web::i18n::Texts;
use web::origin::local_target;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use admin::{INDEX, redirect};

use super::admin_frame::{AdminFrame, FormField, host_of};
use super::client::Client;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The form of the login.
#[derive(Debug, Template)]
#[template(path = "pages/admin/login.html")]
pub struct Login {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    /// Where a login leads.
    next: String,
    username: FormField,
    password: FormField,
    /// What is wrong with the form as a whole.
    error: Option<String>,
    /// Whether somebody who has forgotten their password can be sent a letter.
    sends_letters: bool,
    /// The name of a user who is logged in and is not staff.
    non_staff_user: Option<String>,
}

impl Fields for Login {
    const FIELDS: &'static [(&'static str, TextRule)] = &[
        ("username", TYPED_USERNAME),
        ("password", TYPED_PASSWORD),
        ("next", TextRule::line(4_096)),
    ];
}

impl Page for Login {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/login/?next=…`
pub async fn show_login(
    State(app): State<AppState>,
    visit: Visit,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let user = visit.user().await?;
    if user.as_ref().is_some_and(|user| user.is_staff) {
        return Ok(redirect(INDEX));
    }
    let host = host_of(&request)?;
    let next = next_in(request.uri().query(), &host);
    let page = Login {
        non_staff_user: user.map(|user| user.username),
        ..Login::empty(&app, &visit, frame, next).await?
    };
    Ok(View(page).into_response())
}

/// `POST /admin/login/`: 302 to `next` with a session, or the form again. Whoever has failed too
/// often gets 429 until a while has passed, and 503 while too many logins are under way.
pub async fn log_in(
    State(app): State<AppState>,
    client: Client,
    visit: Visit,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let host = host_of(&request)?;
    let next_in_query = next_in(request.uri().query(), &host);
    let FormOf(form, _) = FormOf::<Login>::from_request(request, &()).await?;
    let next = form.get("next").filter(|_| form.flaw("next").is_none());
    let next = next.and_then(|next| local_target(next, &host));
    let next = next.unwrap_or(next_in_query);
    let (username, password) = (form.get("username"), form.get("password"));
    let (username, password) = (username.unwrap_or_default(), password.unwrap_or_default());
    let fields = [
        FormField::required(&frame, username.trim(), form.flaw("username")),
        FormField::required(&frame, password, form.flaw("password")),
    ];
    let error = if fields.iter().all(|field| field.errors.is_empty()) {
        let credentials = Credentials {
            username: username.trim(),
            password: password.into(),
            address: client.address,
            device: client.device.as_deref(),
            open_to: OpenTo::Staff,
        };
        match authenticate(&app.login_gate, credentials).await? {
            Outcome::Authenticated { user, .. } => {
                app.telemetry.metrics.count_login(LoginMetric::Succeeded);
                let mut response = redirect(&next);
                client.set_device_cookie(&app, &user, response.headers_mut());
                visit.log_in(user).await?;
                return Ok(response);
            }
            Outcome::Refused { refusal, begins } => {
                app.telemetry.metrics.count_login(LoginMetric::Refused);
                log_refused_login(refusal);
                log_lock(begins);
                Some((frame.text("login-refused"), None))
            }
            Outcome::Locked(lock) => {
                app.telemetry.metrics.count_login(LoginMetric::Locked);
                Some((locked_text(&frame, lock), Some(lock)))
            }
            Outcome::Busy => {
                app.telemetry.metrics.count_login(LoginMetric::Busy);
                return Err(busy());
            }
        }
    } else {
        None
    };
    let (error, lock) = error.unzip();
    let [username, password] = fields;
    let view = View(Login {
        username,
        password: FormField {
            value: String::new(),
            ..password
        },
        error,
        ..Login::empty(&app, &visit, frame, next).await?
    });
    Ok(match lock.flatten() {
        Some(lock) => locked(lock, view),
        None => view.into_response(),
    })
}

/// A 429 with the time after which the login may be tried again.
pub(super) fn locked(lock: Lock, page: impl IntoResponse) -> Response {
    let seconds = lock.retry_after.as_secs().max(1);
    let headers = [(RETRY_AFTER, seconds.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, headers, page).into_response()
}

/// A 503 with the time after which the login may be tried again. The attempt was not counted.
pub(super) fn busy() -> web::Error {
    web::Error::Unavailable(anyhow::anyhow!("too many logins at this moment"))
}

impl Login {
    async fn empty(app: &AppState, visit: &Visit, frame: Frame, next: String) -> web::Result<Self> {
        Ok(Self {
            head: Head::private(frame.text("login-title")),
            admin_frame: AdminFrame::without_user(visit, app).await?,
            frame,
            next,
            username: FormField::default(),
            password: FormField::default(),
            error: None,
            sends_letters: app.mailing.has_destination(),
            non_staff_user: None,
        })
    }
}

/// Where a login leads: to `next`, if that is of this site.
fn next_in(query: Option<&str>, host: &str) -> String {
    let query = Form::from_query(query).unwrap_or_default();
    let next = query.get("next").and_then(|next| local_target(next, host));
    next.unwrap_or_else(|| INDEX.to_owned())
}

/// The sentence about a lock, in whole minutes.
pub(super) fn locked_text(frame: &Frame, lock: Lock) -> String {
    let minutes = lock.retry_after.as_secs().div_ceil(60).max(1);
    frame.text_with("login-locked", "minutes", minutes)
}

/// Logs why a login was refused, for the operator. The name is left out: it may be a password that
/// was typed into the wrong field.
fn log_refused_login(refusal: Refusal) {
    let reason = match refusal {
        Refusal::Malformed => "malformed name or password",
        Refusal::UnknownUser => "unknown user",
        Refusal::WrongPassword => "wrong password",
        Refusal::Inactive => "inactive account",
        Refusal::NotStaff => "not staff",
    };
    tracing::info!(reason, "login refused: {reason}");
}

/// Logs a lock once, at the failure that begins it.
pub(super) fn log_lock(begins: Option<Lock>) {
    if let Some(lock) = begins {
        let scope = match lock.scope {
            Scope::Account => "account",
            Scope::Address => "address",
        };
        let seconds = lock.retry_after.as_secs();
        tracing::warn!(scope, seconds, "logins are locked: too many have failed");
    }
}
