//! The list of the pages that the law asks for: which of them are written, and when.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use crate::domain::legal::{self, LegalPage};
use crate::frame::Frame;
use crate::head::Head;
use crate::legal_links::title_key;
use crate::pages::dates;
use crate::state::AppState;

/// The list.
#[derive(Debug, Template)]
#[template(path = "pages/admin/legal_texts.html")]
pub struct LegalTexts {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    rows: Vec<Row>,
}

/// A page with the address of its form.
#[derive(Debug)]
struct Row {
    title: String,
    form: String,
    /// The address that everybody finds it at.
    path: &'static str,
    /// When it was last changed, in words; `None` if it is not written.
    written: Option<String>,
}

impl Page for LegalTexts {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/guests/legal/`
pub async fn list_legal_texts(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    frame: Frame,
) -> web::Result<View<LegalTexts>> {
    let written = legal::written(&app.db).await?;
    let rows = LegalPage::ALL.into_iter().map(|page| {
        let changed = written.iter().find(|(known, _)| *known == page);
        Row {
            title: frame.text(title_key(page)),
            form: format!("/admin/guests/legal/{}/change/", page.slug()),
            path: page.path(),
            written: changed.map(|(_, time)| dates::day(&frame, time.date_naive())),
        }
    });
    Ok(View(LegalTexts {
        rows: rows.collect(),
        head: Head::private(frame.text("legal-texts")),
        admin_frame: AdminFrame::of(&staff, &app).await?,
        frame,
    }))
}
