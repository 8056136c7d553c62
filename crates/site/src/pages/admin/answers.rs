//! The list of the texts that staff answers with.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use crate::domain::enquiry::answer;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The address of the list.
pub const ANSWERS: &str = "/admin/guests/answers/";

/// The list.
#[derive(Debug, Template)]
#[template(path = "pages/admin/answers.html")]
pub struct Answers {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    rows: Vec<answer::Model>,
}

impl Page for Answers {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/guests/answers/`
pub async fn list_answers(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    frame: Frame,
) -> web::Result<View<Answers>> {
    Ok(View(Answers {
        head: Head::private(frame.text("answers-title")),
        admin_frame: AdminFrame::of(&staff, &app).await?,
        rows: answer::all(&app.db).await?,
        frame,
    }))
}
