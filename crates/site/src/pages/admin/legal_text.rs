//! The form of a page that the law asks for: its text in both languages, with a preview of each.

use accounts::messages::level;
use admin::{Staff, redirect};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::rules::{Flaw, TextRule};
use web::extract::Path;
use web::form::Form;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use crate::domain::legal::{self, LegalPage, TEXT};
use crate::frame::Frame;
use crate::head::Head;
use crate::legal_links::title_key;
use crate::markdown;
use crate::state::AppState;

/// The address of the list.
const LIST: &str = "/admin/guests/legal/";

/// A text that is too long is shown again as it was typed, up to this many characters.
const SHOWN_AGAIN: usize = 100_000;

/// The form.
#[derive(Debug, Template)]
#[template(path = "pages/admin/legal_text.html")]
pub struct LegalTextForm {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    /// The path of the page, and of this form.
    path: &'static str,
    form: String,
    /// When what the form was made of was written; whoever saves over another text is told.
    state: String,
    fields: [TextField; 2],
    most: usize,
}

/// The text in one language.
#[derive(Debug)]
struct TextField {
    language: &'static str,
    name: &'static str,
    label: String,
    value: String,
    /// What the page will look like; empty until somebody has typed something.
    preview: String,
    /// What is wrong with it; empty if nothing is.
    error: String,
}

impl Page for LegalTextForm {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/guests/legal/{slug}/change/`
pub async fn show_legal_text(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(page): Path<LegalPage>,
    frame: Frame,
) -> web::Result<View<LegalTextForm>> {
    let stored = legal::find(&app.db, page).await?;
    let texts = match &stored {
        Some(stored) => [stored.text_en.clone(), stored.text_fr.clone()],
        None => Default::default(),
    };
    let fields = fields(&frame, texts, [None, None]);
    form(
        &app,
        &staff,
        frame,
        (page, state_of(stored.as_ref()), fields),
    )
    .await
}

/// `POST /admin/guests/legal/{slug}/change/`: saves the texts, or shows what they will look like.
pub async fn change_legal_text(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(page): Path<LegalPage>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let sent = Form::read(request, rule_of).await?;
    let typed = ["text_en", "text_fr"].map(|name| sent.get(name).unwrap_or_default());
    let flaws = ["text_en", "text_fr"].map(|name| {
        let too_long = TextRule::lines(TEXT).flaw(sent.get(name).unwrap_or_default().trim());
        sent.flaw(name).or(too_long)
    });
    // Browsers send two characters for a line end.
    let texts = typed.map(|text| text.replace("\r\n", "\n").trim().to_owned());
    let is_preview = sent.get("action") == Some("preview");
    let transaction = app.db.begin().await?;
    let stored = legal::find(&transaction, page).await?;
    let state = state_of(stored.as_ref());
    let is_crossed = sent.get("state") != Some(&state);
    let is_wrong = flaws.iter().any(Option::is_some);
    let is_saved = !is_preview
        && !is_wrong
        && !is_crossed
        && legal::save(&transaction, page, stored.as_ref(), texts.clone()).await?;
    if !is_saved {
        transaction.rollback().await?;
        if !is_preview {
            let text = if is_wrong {
                "legal-not-saved"
            } else {
                "legal-crossed"
            };
            let text = frame.text(text);
            staff.visit.add_message(level::ERROR, text).await?;
        }
        // A preview is no look at what somebody else has written meanwhile.
        let state = match sent.get("state") {
            Some(sent) if is_preview => sent.to_owned(),
            _ => state,
        };
        let fields = fields(&frame, texts, flaws);
        let shown = form(&app, &staff, frame, (page, state, fields)).await?;
        return Ok(shown.into_response());
    }
    transaction.commit().await?;
    tracing::info!(
        user.id = staff.user.id.0,
        "the page {} was changed",
        page.path()
    );
    let text = frame.text("legal-saved");
    staff.visit.add_message(level::SUCCESS, text).await?;
    Ok(redirect(LIST))
}

/// The rule of each field of the form; others are left out.
fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "text_en" | "text_fr" => Some(TextRule::lines(SHOWN_AGAIN)),
        "state" | "action" => Some(TextRule::line(64)),
        _ => None,
    }
}

/// What is stored, so that another text has another state.
fn state_of(stored: Option<&legal::Model>) -> String {
    stored.map_or_else(String::new, |stored| {
        stored.changed_at.timestamp_micros().to_string()
    })
}

fn fields(frame: &Frame, texts: [String; 2], flaws: [Option<Flaw>; 2]) -> [TextField; 2] {
    let [english, french] = texts;
    let [wrong_english, wrong_french] = flaws;
    let field =
        |(language, name, label): (&'static str, &'static str, &str), value: String, flaw| {
            TextField {
                language,
                name,
                label: frame.text(label),
                preview: markdown::html(&value),
                value,
                error: match flaw {
                    None => String::new(),
                    Some(Flaw::Control) => frame.text("admin-error-nul"),
                    Some(Flaw::TooLong(_)) => {
                        frame.text_with("admin-error-long", "number", TEXT.to_string())
                    }
                },
            }
        };
    [
        field(("en", "text_en", "legal-text-en"), english, wrong_english),
        field(("fr", "text_fr", "legal-text-fr"), french, wrong_french),
    ]
}

async fn form(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (page, state, fields): (LegalPage, String, [TextField; 2]),
) -> web::Result<View<LegalTextForm>> {
    Ok(View(LegalTextForm {
        head: Head::private(frame.text(title_key(page))),
        admin_frame: AdminFrame::of(staff, app).await?,
        path: page.path(),
        form: format!("{LIST}{}/change/", page.slug()),
        state,
        fields,
        most: TEXT,
        frame,
    }))
}
