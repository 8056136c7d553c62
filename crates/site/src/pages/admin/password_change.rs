//! A new password for whoever is logged in.

use accounts::authenticate::{Credentials, OpenTo, Outcome, authenticate};
use accounts::user::{self, TYPED_PASSWORD};
use accounts::validators::{Attribute, Known, Violation, violations};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use db::rules::TextRule;
use web::form::{Fields, Form, FormOf};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::admin_frame::{AdminFrame, FormField};
use super::client::Client;
use super::login::{busy, locked, locked_text, log_lock};
use admin::{Staff, redirect};

use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The form.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_change.html")]
pub struct PasswordChange {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    username: String,
    old: FormField,
    new: FormField,
    again: FormField,
}

impl Fields for PasswordChange {
    const FIELDS: &'static [(&'static str, TextRule)] = &[
        (NAMES[0], TYPED_PASSWORD),
        (NAMES[1], TYPED_PASSWORD),
        (NAMES[2], TYPED_PASSWORD),
    ];
}

impl Page for PasswordChange {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl PasswordChange {
    async fn new(
        app: &AppState,
        staff: &Staff,
        frame: Frame,
        [old, new, again]: [FormField; 3],
    ) -> web::Result<Self> {
        Ok(Self {
            head: Head::private(frame.text("password-change-title")),
            admin_frame: AdminFrame::of(staff, app).await?,
            username: staff.user.username.clone(),
            frame,
            old,
            new,
            again,
        })
    }
}

/// Checks the old password, the new one and its repetition without the database. What was typed is
/// not shown again.
fn check(frame: &Frame, user: &user::Model, form: &Form) -> [FormField; 3] {
    let [_, new, again] = typed(form);
    let mut fields = NAMES.map(|name| FormField {
        value: String::new(),
        ..FormField::required(frame, form.get(name).unwrap_or_default(), form.flaw(name))
    });
    if has_errors(&fields) {
        return fields;
    }
    let [_, new_fields @ ..] = &mut fields;
    check_new(frame, user, [new, again], new_fields);
    fields
}

/// Checks a new password and its repetition.
pub(super) fn check_new(
    frame: &Frame,
    user: &user::Model,
    [new, again]: [&str; 2],
    fields: &mut [FormField; 2],
) {
    if new != again {
        fields[1].errors.push(frame.text("password-mismatch"));
        return;
    }
    let known = Known {
        username: &user.username,
        first_name: &user.first_name,
        last_name: &user.last_name,
        email: &user.email,
    };
    let found = violations(new, known).into_iter();
    let found = found.map(|violation| violation_text(frame, violation));
    fields[0].errors = found.collect();
}

const NAMES: [&str; 3] = ["old_password", "new_password1", "new_password2"];

fn typed(form: &Form) -> [&str; 3] {
    NAMES.map(|name| form.get(name).unwrap_or_default())
}

fn has_errors(fields: &[FormField]) -> bool {
    fields.iter().any(|field| !field.errors.is_empty())
}

/// `GET /admin/password_change/`
pub async fn show_password_change(
    State(app): State<AppState>,
    staff: Staff,
    frame: Frame,
) -> web::Result<View<PasswordChange>> {
    let fields = std::array::from_fn(|_| FormField::default());
    PasswordChange::new(&app, &staff, frame, fields)
        .await
        .map(View)
}

/// `POST /admin/password_change/`: the user's other sessions end, this one goes on. A wrong old
/// password counts as a login that failed. Otherwise whoever finds an open session could guess the
/// password without a limit.
pub async fn change_password(
    State(app): State<AppState>,
    client: Client,
    staff: Staff,
    frame: Frame,
    FormOf(form, _): FormOf<PasswordChange>,
) -> web::Result<Response> {
    let [old, new, _] = typed(&form);
    let mut fields = check(&frame, &staff.user, &form);
    if has_errors(&fields) {
        return Ok(View(PasswordChange::new(&app, &staff, frame, fields).await?).into_response());
    }
    let credentials = Credentials {
        username: &staff.user.username,
        password: old.into(),
        address: client.address,
        device: client.device.as_deref(),
        open_to: OpenTo::Staff,
    };
    let (text, lock) = match authenticate(&app.login_gate, credentials).await? {
        Outcome::Authenticated { user, .. } => return store(&app, staff.visit, user, new).await,
        Outcome::Refused { begins, .. } => {
            log_lock(begins);
            (frame.text("password-old-wrong"), None)
        }
        Outcome::Locked(lock) => (locked_text(&frame, lock), Some(lock)),
        Outcome::Busy => return Err(busy()),
    };
    fields[0].errors.push(text);
    let view = View(PasswordChange::new(&app, &staff, frame, fields).await?);
    Ok(match lock {
        Some(lock) => locked(lock, view),
        None => view.into_response(),
    })
}

async fn store(
    app: &AppState,
    visit: Visit,
    mut user: user::Model,
    password: &str,
) -> web::Result<Response> {
    user.password = app.login_gate.hashing.encode(password.into()).await;
    user::set_password(&app.db, user.id, user.password.clone()).await?;
    visit.keep_logged_in(user).await?;
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
        Violation::ControlCharacter => frame.text("password-control-character"),
    }
}
