//! The page after a new password was set by a link.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The page after a new password was set by a link.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_reset_complete.html")]
pub struct PasswordResetComplete {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
}

impl Page for PasswordResetComplete {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/reset/done/`
pub async fn show_password_reset_complete(
    State(app): State<AppState>,
    visit: Visit,
    frame: Frame,
) -> web::Result<View<PasswordResetComplete>> {
    Ok(View(PasswordResetComplete {
        head: Head::private(frame.text("password-reset-complete-title")),
        admin_frame: AdminFrame::without_user(&visit, &app).await?,
        frame,
    }))
}
