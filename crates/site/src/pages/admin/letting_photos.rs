//! The photos of a letting: their order, what is seen on them, and which of them go. They are sent to
//! [`super::photo_upload`].

use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::rules::TextRule;
use db::{Database, Integer};
use sea_orm::EntityTrait as _;
use web::extract::Path;
use web::form::Form;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use accounts::messages::level;
use admin::{Staff, redirect};

use super::admin_frame::{AdminFrame, FormField};
use super::letting_editor::LettingEditor;
use crate::domain::history::{self, Change, Entry};
use crate::domain::home::{self, photo};
use crate::domain::letting::{self, LettingId};
use crate::frame::Frame;
use crate::head::Head;
use crate::pages::shot::Shot;
use crate::state::AppState;

/// The address of the page.
pub const LETTING_PHOTOS: &str = "/admin/lettings/letting/{id}/photos/";

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/letting_photos.html")]
pub struct LettingPhotos {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    id: i64,
    title: String,
    /// `None` for a letting without a home.
    photos: Option<Vec<PhotoRow>>,
    /// What the photos were when the page was made: whoever saves another state is told.
    state: String,
    /// How many there may be.
    most: usize,
}

/// A photo with its fields.
#[derive(Debug)]
pub struct PhotoRow {
    id: i64,
    /// Its number, from 1.
    number: usize,
    shot: Shot,
    alts: [AltField; 2],
    is_deleted: bool,
}

/// What is seen on a photo, in one language.
#[derive(Debug)]
pub struct AltField {
    language: &'static str,
    /// The name of the field in the form.
    name: String,
    field: FormField,
}

impl Page for LettingPhotos {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// A letting whose photos are seen to.
pub(super) struct Subject {
    pub(super) id: Integer,
    pub(super) title: String,
    /// The key of its home, if it has one.
    pub(super) home: Option<Integer>,
}

impl Subject {
    pub(super) async fn find(db: &Database, LettingId(id): LettingId) -> web::Result<Self> {
        let letting = letting::Entity::find_by_id(Integer(id)).one(db).await?;
        let letting = letting.ok_or(web::Error::NotFound)?;
        let home = home::key_of(db, letting.id).await?;
        Ok(Self {
            id: letting.id,
            title: letting.title,
            home,
        })
    }

    /// The address of the page of its photos.
    pub(super) fn path(&self) -> String {
        format!("/admin/lettings/letting/{}/photos/", self.id.0)
    }

    /// For the history.
    pub(super) fn entry(&self, staff: &Staff) -> Entry<'_> {
        Entry {
            user: staff.user.id,
            letting: self.id,
            title: &self.title,
            name: "photo",
        }
    }
}

/// `GET /admin/lettings/letting/{id}/photos/`
pub async fn show_letting_photos(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(id): Path<LettingId>,
    frame: Frame,
) -> web::Result<View<LettingPhotos>> {
    let subject = Subject::find(&app.db, id).await?;
    let photos = match subject.home {
        Some(home) => Some(photo::list(&app.db, home).await?),
        None => None,
    };
    let state = photo::state_of(photos.as_deref().unwrap_or_default());
    let rows = photos.map(|photos| {
        let rows = (1..).zip(&photos);
        rows.map(|(number, photo)| PhotoRow::new(&frame, number, photo))
            .collect()
    });
    page(&app, &staff, frame, (subject, rows, state)).await
}

async fn page(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (subject, photos, state): (Subject, Option<Vec<PhotoRow>>, String),
) -> web::Result<View<LettingPhotos>> {
    Ok(View(LettingPhotos {
        head: Head::private(frame.text_with("photos-title", "title", subject.title.as_str())),
        admin_frame: AdminFrame::of(staff, app).await?,
        id: subject.id.0,
        title: subject.title,
        photos,
        state,
        most: photo::MOST,
        frame,
    }))
}

impl PhotoRow {
    fn new(frame: &Frame, number: usize, photo: &photo::Model) -> Self {
        let alt = |language, value: &str| AltField {
            language,
            name: format!("alt_{language}_{}", photo.id.0),
            field: FormField {
                value: value.to_owned(),
                errors: Vec::new(),
            },
        };
        Self {
            id: photo.id.0,
            number,
            shot: Shot::new(&photo.clone().into(), &frame.language()),
            alts: [alt("en", &photo.alt_en), alt("fr", &photo.alt_fr)],
            is_deleted: false,
        }
    }

    /// With what was typed, and what is wrong with it.
    fn typed(self, frame: &Frame, form: &Form) -> Self {
        let alts = self.alts.map(|alt| match form.get(&alt.name) {
            None => alt,
            Some(value) => AltField {
                field: FormField::optional(frame, value, form.flaw(&alt.name)),
                ..alt
            },
        });
        Self {
            alts,
            is_deleted: form.all("delete").any(|id| id == self.id.to_string()),
            ..self
        }
    }

    fn has_errors(&self) -> bool {
        self.alts.iter().any(|alt| !alt.field.errors.is_empty())
    }

    /// The texts as they are stored: English, French.
    fn texts(&self) -> [String; 2] {
        let texts = self.alts.each_ref();
        texts.map(|alt| alt.field.value.trim().to_owned())
    }
}

/// The rule of each field of the form; others are left out.
fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "state" | "action" | "delete" => Some(TextRule::line(64)),
        name if name.starts_with("alt_") => Some(TextRule::line(*photo::ALT.end())),
        _ => None,
    }
}

/// `POST /admin/lettings/letting/{id}/photos/`: saves the texts, takes those that are marked away, and moves
/// one, whichever button was pressed.
pub async fn change_letting_photos(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(id): Path<LettingId>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let form = Form::read(request, rule_of).await?;
    let subject = Subject::find(&app.db, id).await?;
    let Some(home) = subject.home else {
        return Ok(redirect(&subject.path()));
    };
    let transaction = app.db.begin().await?;
    photo::lock(&transaction).await?;
    let before = photo::list(&transaction, home).await?;
    let state = photo::state_of(&before);
    let rows: Vec<_> = (1..)
        .zip(&before)
        .map(|(number, photo)| PhotoRow::new(&frame, number, photo).typed(&frame, &form))
        .collect();
    let has_errors = rows.iter().any(PhotoRow::has_errors);
    let is_crossed = form.get("state") != Some(&state);
    if has_errors || is_crossed {
        transaction.rollback().await?;
        let text = if is_crossed {
            "photos-crossed"
        } else {
            "photos-not-saved"
        };
        let text = frame.text(text);
        staff.visit.add_message(level::ERROR, text).await?;
        let shown = (subject, Some(rows), state);
        return Ok(page(&app, &staff, frame, shown).await?.into_response());
    }
    let after = arranged(&before, &rows, form.get("action").unwrap_or_default());
    let changes = changes(&before, &after);
    photo::save(&transaction, home, &after).await?;
    history::write(&transaction, subject.entry(&staff), &changes).await?;
    transaction.commit().await?;
    let text = frame.text("photos-saved");
    staff.visit.add_message(level::SUCCESS, text).await?;
    let moved = form.get("action").and_then(|action| action.split_once('-'));
    let place = moved.map_or_else(String::new, |(_, id)| match id.parse::<u32>() {
        Ok(id) => format!("#photo-{id}"),
        Err(_) => String::new(),
    });
    Ok(redirect(&format!("{}{place}", subject.path())))
}

/// The photos as the form wants them: `cover-5`, `up-5` and `down-5` move the photo of that key.
fn arranged(before: &[photo::Model], rows: &[PhotoRow], action: &str) -> Vec<photo::Model> {
    let mut photos: Vec<_> = before
        .iter()
        .zip(rows)
        .filter(|(_, row)| !row.is_deleted)
        .map(|(photo, row)| {
            let [alt_en, alt_fr] = row.texts();
            photo::Model {
                alt_en,
                alt_fr,
                ..photo.clone()
            }
        })
        .collect();
    let Some((how, id)) = action.split_once('-') else {
        return photos;
    };
    let Some(at) = photos.iter().position(|photo| photo.id.0.to_string() == id) else {
        return photos;
    };
    match how {
        "cover" => photos[..=at].rotate_right(1),
        "up" if at > 0 => photos.swap(at, at - 1),
        "down" if at + 1 < photos.len() => photos.swap(at, at + 1),
        _ => {}
    }
    photos
}

/// What a save changes, for the history.
fn changes(before: &[photo::Model], after: &[photo::Model]) -> Vec<Change> {
    let mut changes = Vec::new();
    for old in before {
        let Some(at) = after.iter().position(|new| new.id == old.id) else {
            changes.push(Change::Deleted(label(old)));
            continue;
        };
        let mut kept = before
            .iter()
            .filter(|photo| after.iter().any(|new| new.id == photo.id));
        let was_at = kept.position(|photo| photo.id == old.id);
        let new = &after[at];
        let fields = [
            ("Position", was_at != Some(at)),
            ("Alternative text in English", new.alt_en != old.alt_en),
            ("Alternative text in French", new.alt_fr != old.alt_fr),
        ];
        let fields: Vec<_> = fields
            .into_iter()
            .filter_map(|(name, is_changed)| is_changed.then_some(name))
            .collect();
        if !fields.is_empty() {
            changes.push(Change::Changed(label(old), fields));
        }
    }
    changes
}

/// What a photo is called in the history: what is seen on it, or else its key.
pub(super) fn label(photo: &photo::Model) -> String {
    let texts = [&photo.alt_en, &photo.alt_fr];
    match texts.into_iter().find(|text| !text.is_empty()) {
        Some(text) => text.clone(),
        None => format!("photo {}", photo.id.0),
    }
}
