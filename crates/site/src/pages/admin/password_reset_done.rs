//! The page after a link for a new password was asked for.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The page after a link for a new password was asked for.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_reset_done.html")]
pub struct PasswordResetDone {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
}

impl Page for PasswordResetDone {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/password_reset/done/`
pub async fn show_password_reset_done(
    State(app): State<AppState>,
    visit: Visit,
    frame: Frame,
) -> web::Result<View<PasswordResetDone>> {
    Ok(View(PasswordResetDone {
        head: Head::private(frame.text("password-reset-sent-title")),
        admin_frame: AdminFrame::without_user(&visit, &app).await?,
        frame,
    }))
}
