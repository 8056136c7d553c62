//! The page after a change of the password.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use admin::Staff;

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The page that says that the password was changed.
#[derive(Debug, Template)]
#[template(path = "pages/admin/password_change_done.html")]
pub struct PasswordChangeDone {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
}

impl Page for PasswordChangeDone {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/password_change/done/`
pub async fn show_password_change_done(
    State(app): State<AppState>,
    staff: Staff,
    frame: Frame,
) -> web::Result<View<PasswordChangeDone>> {
    Ok(View(PasswordChangeDone {
        head: Head::private(frame.text("password-changed-title")),
        admin_frame: AdminFrame::of(&staff, &app).await?,
        frame,
    }))
}
