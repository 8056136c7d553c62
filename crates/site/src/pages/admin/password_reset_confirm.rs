//! A new password for whoever comes by the link of a letter.

use accounts::password_reset::{self, IN_SESSION, SESSION_KEY, check_token, parse_uid};
use accounts::user::{self, TYPED_PASSWORD};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use db::datetime::now;
use db::rules::TextRule;
use serde::Deserialize;
use web::extract::Path;
use web::form::{Fields, FormOf};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use admin::redirect;

use super::admin_frame::{AdminFrame, FormField};
use super::password_change::check_new;
use super::password_reset::PASSWORD_RESET;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The address of the page. What is called a token here is left out of the log.
pub const PASSWORD_RESET_CONFIRM: &str = "/admin/reset/{uid}/{token}/";

/// The variables of the address.
#[derive(Debug, Deserialize)]
pub struct ResetLink {
    uid: String,
    token: String,
}

/// The form, or what is said of a link that does not work.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_reset_confirm.html")]
pub struct PasswordResetConfirm {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    /// The user and the two fields; `None` if the link does not work.
    form: Option<ResetForm>,
}

#[derive(Debug)]
struct ResetForm {
    username: String,
    action: String,
    new: FormField,
    again: FormField,
}

impl Fields for PasswordResetConfirm {
    const FIELDS: &'static [(&'static str, TextRule)] =
        &[(NAMES[0], TYPED_PASSWORD), (NAMES[1], TYPED_PASSWORD)];
}

const NAMES: [&str; 2] = ["new_password1", "new_password2"];

impl Page for PasswordResetConfirm {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl PasswordResetConfirm {
    async fn new(
        app: &AppState,
        visit: &Visit,
        frame: Frame,
        form: Option<ResetForm>,
    ) -> web::Result<Self> {
        let title = match form {
            Some(_) => "password-reset-confirm-title",
            None => "password-reset-invalid-title",
        };
        Ok(Self {
            head: Head::private(frame.text(title)),
            admin_frame: AdminFrame::without_user(visit, app).await?,
            // The switch of languages leads to where no token is needed.
            frame: match form {
                Some(_) => frame,
                None => frame.back_to(PASSWORD_RESET),
            },
            form,
        })
    }

    async fn of_user(
        app: &AppState,
        visit: &Visit,
        frame: Frame,
        (user, [new, again]): (&user::Model, [FormField; 2]),
    ) -> web::Result<Self> {
        let form = ResetForm {
            username: user.username.clone(),
            action: form_address(&password_reset::uid(user)),
            new,
            again,
        };
        Self::new(app, visit, frame, Some(form)).await
    }
}

/// Where the form is, whose token waits in the session.
fn form_address(uid: &str) -> String {
    format!("/admin/reset/{uid}/{IN_SESSION}/")
}

/// The active user of a link, if its token is right.
async fn user_of(app: &AppState, uid: &str, token: &str) -> web::Result<Option<user::Model>> {
    let Some(id) = parse_uid(uid) else {
        return Ok(None);
    };
    let user = user::find_by_id(&app.db, id).await?;
    let keys = &app.visits.keys;
    Ok(user.filter(|user| user.is_active && check_token(keys, user, token, now())))
}

/// The same with the token that waits in the session.
async fn user_in_session(
    app: &AppState,
    visit: &Visit,
    uid: &str,
) -> web::Result<Option<user::Model>> {
    let token = visit.get(SESSION_KEY).await?;
    match token.as_ref().and_then(|token| token.as_str()) {
        Some(token) => user_of(app, uid, token).await,
        None => Ok(None),
    }
}

/// `GET /admin/reset/{uid}/{token}/`: puts the token into the session and leads to the form, at an
/// address without it, which no link on the page and no history gives away.
pub async fn show_password_reset_confirm(
    State(app): State<AppState>,
    Path(ResetLink { uid, token }): Path<ResetLink>,
    visit: Visit,
    frame: Frame,
) -> web::Result<Response> {
    if token != IN_SESSION {
        if user_of(&app, &uid, &token).await?.is_some() {
            visit.keep_anyway(SESSION_KEY, token.into()).await?;
            return Ok(redirect(&form_address(&uid)));
        }
        let page = PasswordResetConfirm::new(&app, &visit, frame, None).await?;
        return Ok(View(page).into_response());
    }
    let page = match user_in_session(&app, &visit, &uid).await? {
        Some(user) => {
            let fields = [FormField::default(), FormField::default()];
            PasswordResetConfirm::of_user(&app, &visit, frame, (&user, fields)).await?
        }
        None => PasswordResetConfirm::new(&app, &visit, frame, None).await?,
    };
    Ok(View(page).into_response())
}

/// `POST /admin/reset/{uid}/set-password/`: sets the password, which ends every session of the user.
pub async fn confirm_password_reset(
    State(app): State<AppState>,
    Path(ResetLink { uid, .. }): Path<ResetLink>,
    visit: Visit,
    frame: Frame,
    FormOf(form, _): FormOf<PasswordResetConfirm>,
) -> web::Result<Response> {
    let Some(user) = user_in_session(&app, &visit, &uid).await? else {
        let page = PasswordResetConfirm::new(&app, &visit, frame, None).await?;
        return Ok(View(page).into_response());
    };
    let typed = NAMES.map(|name| form.get(name).unwrap_or_default());
    let mut fields = NAMES.map(|name| FormField {
        value: String::new(),
        ..FormField::required(&frame, form.get(name).unwrap_or_default(), form.flaw(name))
    });
    if fields.iter().all(|field| field.errors.is_empty()) {
        check_new(&frame, &user, typed, &mut fields);
    }
    if fields.iter().any(|field| !field.errors.is_empty()) {
        let page = PasswordResetConfirm::of_user(&app, &visit, frame, (&user, fields)).await?;
        return Ok(View(page).into_response());
    }
    let encoded = app.login_gate.hashing.encode(typed[0].into()).await;
    let is_set = password_reset::set_password(&app.db, &user, &encoded).await?;
    visit.forget(SESSION_KEY).await?;
    if !is_set {
        let page = PasswordResetConfirm::new(&app, &visit, frame, None).await?;
        return Ok(View(page).into_response());
    }
    tracing::info!("a new password was set by a link");
    Ok(redirect("/admin/reset/done/"))
}
