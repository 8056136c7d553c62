//! A new password for whoever is logged in.

use accounts::authenticate::{Credentials, OpenTo, Outcome, authenticate};
use accounts::user;
use accounts::validators::{Attribute, Known, Violation, violations};
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use web::form::Form;
use web::forwarded::ClientAddress;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::login::{locked_text, tell_locked};
use super::{Desk, Field, Staff, redirect};
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The form.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_change.html")]
pub struct PasswordChange {
    frame: Frame,
    head: Head,
    desk: Desk,
    username: String,
    old: Field,
    new: Field,
    again: Field,
}

impl Page for PasswordChange {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl PasswordChange {
    async fn empty(staff: &Staff, frame: Frame) -> web::Result<Self> {
        Ok(Self {
            head: Head::private(frame.text("password-change-title")),
            desk: Desk::of(staff).await?,
            username: staff.user.username.clone(),
            frame,
            old: Field::default(),
            new: Field::default(),
            again: Field::default(),
        })
    }

    fn has_errors(&self) -> bool {
        let fields = [&self.old, &self.new, &self.again];
        fields.iter().any(|field| !field.errors.is_empty())
    }

    /// With what can be said without the database; what was typed is not shown again.
    fn check(mut self, user: &user::Model, old: &str, new: &str, again: &str) -> Self {
        let required = |value| Field {
            value: String::new(),
            ..Field::required(&self.frame, value)
        };
        let fields = [old, new, again].map(required);
        [self.old, self.new, self.again] = fields;
        if self.has_errors() {
            return self;
        }
        if new != again {
            self.again.errors.push(self.frame.text("password-mismatch"));
            return self;
        }
        let known = Known {
            username: &user.username,
            first_name: &user.first_name,
            last_name: &user.last_name,
            email: &user.email,
        };
        let found = violations(new, known).into_iter();
        let found = found.map(|violation| violation_text(&self.frame, violation));
        self.new.errors = found.collect();
        self
    }
}

/// `GET /admin/password_change/`
pub async fn show_password_change(staff: Staff, frame: Frame) -> web::Result<View<PasswordChange>> {
    PasswordChange::empty(&staff, frame).await.map(View)
}

/// `POST /admin/password_change/`: the user's other sessions end, this one goes on. A wrong old
/// password counts as a login that failed: an open session is no way to find it out.
pub async fn change_password(
    State(app): State<AppState>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    staff: Staff,
    frame: Frame,
    form: Form,
) -> web::Result<Response> {
    let field = |name| form.get(name).unwrap_or_default();
    let (old, new) = (field("old_password"), field("new_password1"));
    let page = PasswordChange::empty(&staff, frame).await?;
    let mut page = page.check(&staff.user, old, new, field("new_password2"));
    if page.has_errors() {
        return Ok(View(page).into_response());
    }
    let credentials = Credentials {
        username: &staff.user.username,
        password: old.into(),
        address,
        open_to: OpenTo::Staff,
    };
    let mut user = match authenticate(&app.entrance, credentials).await? {
        Outcome::In { user, .. } => user,
        Outcome::Refused(_) => {
            page.old.errors.push(page.frame.text("password-old-wrong"));
            return Ok(View(page).into_response());
        }
        Outcome::Locked(lock) => {
            tell_locked(lock);
            page.old.errors.push(locked_text(&page.frame, lock));
            let seconds = lock.retry_after.as_secs().max(1);
            let headers = [(RETRY_AFTER, seconds.to_string())];
            let view = View(page);
            return Ok((StatusCode::TOO_MANY_REQUESTS, headers, view).into_response());
        }
    };
    user.password = app.entrance.hashing.encode(new.into()).await;
    user::set_password(&app.db, user.id, user.password.clone()).await?;
    staff.visit.keep_logged_in(user).await?;
    Ok(redirect("/admin/password_change/done/"))
}

fn violation_text(frame: &Frame, violation: Violation) -> String {
    match violation {
        Violation::TooSimilar { attribute } => {
            let attribute = match attribute {
                Attribute::Username => "password-like-username",
                Attribute::FirstName => "password-like-first-name",
                Attribute::LastName => "password-like-last-name",
                Attribute::Email => "password-like-email",
            };
            frame.text(attribute)
        }
        Violation::TooShort { min_length } => {
            frame.text_with("password-too-short", "length", min_length)
        }
        Violation::TooCommon => frame.text("password-too-common"),
        Violation::EntirelyNumeric => frame.text("password-entirely-numeric"),
    }
}
