//! The pages that the law asks for, as staff has written them.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use crate::domain::legal::{self, LegalPage};
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::legal_links::title_key;
use crate::markdown;
use crate::state::AppState;

/// A text's page.
#[derive(Debug, Template)]
#[template(path = "pages/legal_text.html")]
pub struct LegalText {
    frame: Frame,
    head: Head,
    /// The language that the text is in: not always that of the page.
    language: &'static str,
    /// The text as HTML.
    text: String,
}

impl Page for LegalText {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /privacy/`
pub async fn show_privacy(app: State<AppState>, frame: Frame) -> web::Result<View<LegalText>> {
    show(app, frame, LegalPage::Privacy).await
}

/// `GET /legal/`
pub async fn show_legal(app: State<AppState>, frame: Frame) -> web::Result<View<LegalText>> {
    show(app, frame, LegalPage::Legal).await
}

/// `GET /terms/`
pub async fn show_terms(app: State<AppState>, frame: Frame) -> web::Result<View<LegalText>> {
    show(app, frame, LegalPage::Terms).await
}

async fn show(
    State(app): State<AppState>,
    frame: Frame,
    page: LegalPage,
) -> web::Result<View<LegalText>> {
    let stored = legal::find(&app.db, page).await?;
    let stored = stored.ok_or(web::Error::NotFound)?;
    let (language, text) = stored.text(&frame.language());
    if text.is_empty() {
        return Err(web::Error::NotFound);
    }
    let title = frame.text(title_key(page));
    let description = frame.text_with("legal-description", "title", title.as_str());
    let home = frame.text("nav-home");
    let steps = [(&*home, "/"), (&*title, page.path())];
    let data = breadcrumbs(&frame, &steps);
    let head = Head::public(&frame, page.path(), title, description).with_data(&data);
    Ok(View(LegalText {
        head,
        language,
        text: markdown::html(text),
        frame,
    }))
}
