//! The form of a text that staff answers with.

use accounts::messages::level;
use admin::{Staff, redirect};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::Integer;
use db::rules::{Flaw, TextRule};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde::Deserialize;
use web::extract::{Path, parse_digits};
use web::form::Form;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::answers::ANSWERS;
use super::letting_editor::LettingEditor;
use crate::domain::enquiry::answer::{self, NAME, TEXT};
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// What is too long is shown again as it was typed, up to this many characters.
const SHOWN_AGAIN: usize = 50_000;

/// The fields: name, label, the most characters.
const FIELDS: [(&str, &str, usize); 3] = [
    ("name", "answers-name", *NAME.end()),
    ("text_en", "answers-text-en", TEXT),
    ("text_fr", "answers-text-fr", TEXT),
];

/// Which answer a form is about: the key in the address, or `add` for a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum AnswerKey {
    /// One that is stored.
    Stored(i64),
    /// One that is to be.
    New,
}

impl TryFrom<String> for AnswerKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = parse_digits(&text);
        id.map(Self::Stored).ok_or("not the id of an answer")
    }
}

/// The form.
#[derive(Debug, Template)]
#[template(path = "pages/admin/answer.html")]
pub struct AnswerForm {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    fields: Vec<AnswerField>,
    is_stored: bool,
}

/// A field of the form.
#[derive(Debug)]
struct AnswerField {
    name: &'static str,
    label: String,
    most: usize,
    value: String,
    /// What is wrong with it; empty if nothing is.
    error: String,
}

impl Page for AnswerForm {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/guests/answers/new/`
pub async fn show_new_answer(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    frame: Frame,
) -> web::Result<View<AnswerForm>> {
    let empty = FIELDS.map(|_| String::new());
    let fields = fields(&frame, empty, &[]);
    form(&app, &staff, frame, (AnswerKey::New, fields)).await
}

/// `GET /admin/guests/answers/{id}/change/`
pub async fn show_answer(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(key): Path<AnswerKey>,
    frame: Frame,
) -> web::Result<View<AnswerForm>> {
    let stored = find(&app, key).await?;
    let values = [stored.name, stored.text_en, stored.text_fr];
    let fields = fields(&frame, values, &[]);
    form(&app, &staff, frame, (key, fields)).await
}

/// `POST /admin/guests/answers/new/`
pub async fn add_answer(
    app: State<AppState>,
    editor: LettingEditor,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    save(app, editor, (AnswerKey::New, frame), request).await
}

/// `POST /admin/guests/answers/{id}/change/`: saves or deletes it.
pub async fn change_answer(
    app: State<AppState>,
    editor: LettingEditor,
    Path(key): Path<AnswerKey>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    find(&app, key).await?;
    save(app, editor, (key, frame), request).await
}

async fn find(app: &AppState, key: AnswerKey) -> web::Result<answer::Model> {
    let AnswerKey::Stored(id) = key else {
        return Err(web::Error::NotFound);
    };
    let stored = answer::Entity::find_by_id(Integer(id)).one(&app.db).await?;
    stored.ok_or(web::Error::NotFound)
}

fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "name" => Some(TextRule::line(SHOWN_AGAIN)),
        "text_en" | "text_fr" => Some(TextRule::lines(SHOWN_AGAIN)),
        "action" => Some(TextRule::line(16)),
        _ => None,
    }
}

async fn save(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    (key, frame): (AnswerKey, Frame),
    request: Request,
) -> web::Result<Response> {
    let sent = Form::read(request, rule_of).await?;
    if let (Some("delete"), AnswerKey::Stored(id)) = (sent.get("action"), key) {
        let gone = answer::Entity::delete_by_id(Integer(id));
        gone.exec(&app.db).await?;
        return done(&staff, frame.text("answers-deleted")).await;
    }
    let values = FIELDS.map(|(name, ..)| {
        let value = sent.get(name).unwrap_or_default();
        value.replace("\r\n", "\n").trim().to_owned()
    });
    let mut wrong = wrong(&frame, &sent, &values);
    let others = answer::all(&app.db).await?;
    let is_other = |other: &answer::Model| AnswerKey::Stored(other.id.0) != key;
    if others
        .iter()
        .any(|other| is_other(other) && other.name == values[0])
    {
        wrong.push(("name", frame.text("answers-twice")));
    }
    if !wrong.is_empty() {
        let text = frame.text("answers-not-saved");
        staff.visit.add_message(level::ERROR, text).await?;
        let fields = fields(&frame, values, &wrong);
        let shown = form(&app, &staff, frame, (key, fields)).await?;
        return Ok(shown.into_response());
    }
    let [name, text_en, text_fr] = values;
    let row = answer::ActiveModel {
        id: match key {
            AnswerKey::Stored(id) => Set(Integer(id)),
            AnswerKey::New => NotSet,
        },
        name: Set(name),
        text_en: Set(text_en),
        text_fr: Set(text_fr),
    };
    match key {
        AnswerKey::Stored(_) => row.update(&app.db).await?,
        AnswerKey::New => row.insert(&app.db).await?,
    };
    done(&staff, frame.text("answers-saved")).await
}

async fn done(staff: &Staff, text: String) -> web::Result<Response> {
    staff.visit.add_message(level::SUCCESS, text).await?;
    Ok(redirect(ANSWERS))
}

/// What is wrong with the fields.
fn wrong(frame: &Frame, sent: &Form, values: &[String; 3]) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    for ((name, _, most), value) in FIELDS.into_iter().zip(values) {
        let flaw = sent.flaw(name).or(TextRule::lines(most).flaw(value));
        match flaw {
            None => {}
            Some(Flaw::Control) => wrong.push((name, frame.text("admin-error-nul"))),
            Some(Flaw::TooLong(_)) => {
                let sentence = frame.text_with("admin-error-long", "number", most.to_string());
                wrong.push((name, sentence));
            }
        }
    }
    if values[0].is_empty() && wrong.iter().all(|(name, _)| *name != "name") {
        wrong.push(("name", frame.text("answers-no-name")));
    }
    wrong
}

fn fields(
    frame: &Frame,
    values: [String; 3],
    wrong: &[(&'static str, String)],
) -> Vec<AnswerField> {
    let all = FIELDS.into_iter().zip(values);
    all.map(|((name, label, most), value)| {
        let error = wrong.iter().find(|(known, _)| *known == name);
        AnswerField {
            name,
            label: frame.text(label),
            most,
            value,
            error: error.map_or_else(String::new, |(_, sentence)| sentence.clone()),
        }
    })
    .collect()
}

async fn form(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (key, fields): (AnswerKey, Vec<AnswerField>),
) -> web::Result<View<AnswerForm>> {
    let title = match key {
        AnswerKey::New => frame.text("answers-add"),
        AnswerKey::Stored(_) => fields[0].value.clone(),
    };
    Ok(View(AnswerForm {
        head: Head::private(title),
        admin_frame: AdminFrame::of(staff, app).await?,
        fields,
        is_stored: key != AnswerKey::New,
        frame,
    }))
}
