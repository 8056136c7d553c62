//! The logout.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The page after a logout.
#[derive(Debug, Template)]
#[template(path = "pages/admin/logged_out.html")]
pub struct LoggedOut {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
}

impl Page for LoggedOut {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `POST /admin/logout/`: removes the session from the database and the browser.
pub async fn log_out(
    State(app): State<AppState>,
    visit: Visit,
    frame: Frame,
) -> web::Result<View<LoggedOut>> {
    visit.log_out().await?;
    Ok(View(LoggedOut {
        head: Head::private(frame.text("logged-out-title")),
        admin_frame: AdminFrame::without_user(&visit, &app).await?,
        // The switch of languages cannot lead back here: this address takes only POST.
        frame: frame.back_to("/"),
    }))
}
