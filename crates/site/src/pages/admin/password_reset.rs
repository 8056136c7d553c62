//! Where whoever has forgotten their password asks for a link to set another.

use std::time::Duration;

use accounts::hashers;
use accounts::password_reset::{make_token, uid};
use accounts::throttle::{Admission, Attempt, reserve};
use accounts::user::{self, TYPED_EMAIL, find_by_email, fold_username};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use db::datetime::now;
use db::rules::TextRule;
use mail::{About, Address, Letter};
use tokio::time::sleep;
use web::form::{Fields, FormOf};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use admin::redirect;

use super::admin_frame::{AdminFrame, FormField};
use super::client::Client;
use super::login::{busy, locked, locked_text, log_lock};
use crate::frame::Frame;
use crate::head::Head;
use crate::schema::OUTBOX;
use crate::state::AppState;

/// The address of the page.
pub const PASSWORD_RESET: &str = "/admin/password_reset/";

/// The form.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_reset.html")]
pub struct PasswordReset {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    email: FormField,
    /// What is wrong with the form as a whole.
    error: Option<String>,
}

impl Fields for PasswordReset {
    const FIELDS: &'static [(&'static str, TextRule)] = &[("email", TYPED_EMAIL)];
}

impl Page for PasswordReset {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl PasswordReset {
    async fn new(
        app: &AppState,
        visit: &Visit,
        frame: Frame,
        email: FormField,
    ) -> web::Result<Self> {
        Ok(Self {
            head: Head::private(frame.text("password-reset-title")),
            admin_frame: AdminFrame::without_user(visit, app).await?,
            frame,
            email,
            error: None,
        })
    }
}

/// `GET /admin/password_reset/`
pub async fn show_password_reset(
    State(app): State<AppState>,
    visit: Visit,
    frame: Frame,
) -> web::Result<View<PasswordReset>> {
    let page = PasswordReset::new(&app, &visit, frame, FormField::default());
    page.await.map(View)
}

/// How long an answer takes. Whether somebody has the address shows neither in the answer nor in its time:
/// to find the account and to queue a letter take some milliseconds.
const ANSWER_TIME: Duration = Duration::from_millis(300);

/// `POST /admin/password_reset/`: the same answer whether somebody has the address or not. Whoever asks
/// too often gets 429 until a while has passed.
pub async fn send_password_reset(
    State(app): State<AppState>,
    client: Client,
    visit: Visit,
    frame: Frame,
    FormOf(form, _): FormOf<PasswordReset>,
) -> web::Result<Response> {
    let typed = form.get("email").unwrap_or_default().trim();
    let mut field = FormField::required(&frame, typed, form.flaw("email"));
    if field.errors.is_empty() && !user::is_email(typed) {
        field.errors.push(frame.text("password-reset-email-wrong"));
    }
    if !field.errors.is_empty() {
        let page = PasswordReset::new(&app, &visit, frame, field).await?;
        return Ok(View(page).into_response());
    }
    let account = fold_username(typed);
    let attempt = Attempt {
        username: &account,
        address: client.address,
        device: None,
    };
    let reservation = match reserve(&app.reset_throttle, attempt, now()).await? {
        Admission::Reserved(reservation) => reservation,
        Admission::Busy => return Err(busy()),
        Admission::Locked(lock) => {
            let error = Some(locked_text(&frame, lock));
            let page = PasswordReset::new(&app, &visit, frame, field).await?;
            return Ok(locked(lock, View(PasswordReset { error, ..page })));
        }
    };
    // Each request counts, whatever it finds.
    log_lock(reservation.fail().await?);
    let (queued, ()) = tokio::join!(queue_letters(&app, &frame, typed), sleep(ANSWER_TIME));
    queued?;
    Ok(redirect("/admin/password_reset/done/"))
}

/// How many such letters an account gets within [`LETTERS_WITHIN`], whoever asks for them.
const MOST_LETTERS: u64 = 5;
const LETTERS_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Queues a letter to each active user of the address who has a password, at the address that is stored.
async fn queue_letters(app: &AppState, frame: &Frame, typed: &str) -> web::Result<()> {
    let transaction = app.db.begin().await?;
    let users = find_by_email(&transaction, typed).await?;
    let mut letters = 0;
    for user in &users {
        let has_password = user.is_active && hashers::is_usable(&user.password);
        let Ok(to) = Address::parse(&user.email) else {
            continue;
        };
        let since = now() - LETTERS_WITHIN;
        if has_password && OUTBOX.count_secrets(&transaction, &to, since).await? < MOST_LETTERS {
            OUTBOX
                .queue(&transaction, &letter(app, frame, user, to))
                .await?;
            letters += 1;
        }
    }
    transaction.commit().await?;
    app.mailing.wake();
    tracing::info!(letters, "a new password was asked for: {letters} letters");
    Ok(())
}

fn letter(app: &AppState, frame: &Frame, user: &user::Model, to: Address) -> Letter {
    let token = make_token(&app.visits.keys, user, now());
    let link = frame.address(&format!("/admin/reset/{}/{token}/", uid(user)));
    let values = (user.username.as_str(), link);
    Letter {
        to,
        reply_to: None,
        subject: frame.text("password-reset-letter-subject"),
        text: frame.text_pair("password-reset-letter", ["username", "link"], values),
        html: String::new(),
        about: About::Secret,
    }
}
