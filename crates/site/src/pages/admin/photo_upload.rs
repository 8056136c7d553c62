//! Photos that are sent to a letting: several in one form, or one after the other by a script. Each is kept
//! or refused by itself.

use std::fs::File;
use std::io::{self, Write as _};

use accounts::messages::level;
use admin::{Staff, redirect};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use db::rules::TextRule;
use http::HeaderMap;
use http::header::ACCEPT;
use pictures::photo::{FILE_BYTES_MAX, PhotoError};
use serde_json::json;
use web::csrf::{self, check_sent_token};
use web::extract::Path;
use web::multipart::{Multipart, Part};

use super::letting_editor::LettingEditor;
use super::letting_photos::Subject;
use crate::domain::history::{self, Change};
use crate::domain::home::photo::{self, Added};
use crate::domain::letting::LettingId;
use crate::frame::Frame;
use crate::state::AppState;

/// The address that photos are sent to.
pub const PHOTO_UPLOAD: &str = "/admin/lettings/letting/{id}/photos/add/";

/// The name of the form's field with the files.
const FIELD: &str = "photo";

/// The most that the form holds beside its files, in bytes.
const FORM_BYTES: usize = 64 * 1024;

/// The most bytes of one request: as many files as a letting may have photos.
pub const UPLOAD_BYTES: usize = photo::MOST * FILE_BYTES_MAX + FORM_BYTES;

/// How much is gathered before it is written to the disk, in bytes.
const PIECE_BYTES: usize = 256 * 1024;

/// How much of a file's name is shown again, in characters.
const NAME: TextRule = TextRule::line(100);

/// Why a file was not kept.
enum Refusal {
    Photo(PhotoError),
    Twice,
    TooMany,
}

impl From<PhotoError> for Refusal {
    fn from(error: PhotoError) -> Self {
        Self::Photo(error)
    }
}

/// What became of the files of a request.
#[derive(Default)]
struct Outcome {
    added: usize,
    /// The names of files with the sentences why they were refused.
    refused: Vec<(String, String)>,
}

/// `GET /admin/lettings/letting/{id}/photos/add/`: where a browser comes back to after a login.
pub async fn show_photo_upload(
    State(app): State<AppState>,
    _: LettingEditor,
    Path(id): Path<LettingId>,
) -> web::Result<Response> {
    Ok(redirect(&Subject::find(&app.db, id).await?.path()))
}

/// `POST /admin/lettings/letting/{id}/photos/add/`
pub async fn add_photos(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    Path(id): Path<LettingId>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let subject = Subject::find(&app.db, id).await?;
    let (parts, body) = request.into_parts();
    let mut form = Multipart::new(&parts.headers, body)?;
    let mut outcome = Outcome::default();
    let mut part = check_token(&staff, &parts.headers, &mut form).await?;
    while let Some(sent) = part {
        if sent.name == FIELD
            && let Some(name) = sent.file_name
        {
            let kept = take(&app, &staff, &subject, &mut form).await?;
            // A browser sends an empty file without a name where none was chosen.
            let is_none = name.is_empty() && matches!(kept, Err(Refusal::Photo(PhotoError::Empty)));
            match kept {
                Ok(()) => outcome.added += 1,
                Err(_) if is_none => {}
                Err(refusal) => {
                    let why = words(&frame, &refusal);
                    outcome.refused.push((NAME.shown(&name), why));
                }
            }
        }
        part = form.next_part().await?;
    }
    answer(&staff, &frame, &parts.headers, (&subject, outcome)).await
}

/// Checks the token, which is the form's first field or a header, before any file is read. Gives the part
/// that follows.
async fn check_token(
    staff: &Staff,
    headers: &HeaderMap,
    form: &mut Multipart,
) -> web::Result<Option<Part>> {
    let first = form.next_part().await?;
    if first.as_ref().is_none_or(|part| part.name != csrf::FIELD) {
        check_sent_token(&staff.visit, headers, None).await?;
        return Ok(first);
    }
    let token = form.text(FORM_BYTES).await?;
    check_sent_token(&staff.visit, headers, Some(&token)).await?;
    form.next_part().await
}

/// Reads a file, has it prepared, and adds what was made of it to the letting's photos.
async fn take(
    app: &AppState,
    staff: &Staff,
    subject: &Subject,
    form: &mut Multipart,
) -> web::Result<Result<(), Refusal>> {
    let Some(home) = subject.home else {
        return Err(web::Error::NotFound);
    };
    let (file, length) = match receive(form).await? {
        Ok(received) => received,
        Err(error) => return Ok(Err(error.into())),
    };
    let made = match app.photos.prepare(file, length).await {
        Ok(made) => made,
        Err(error) => return Ok(Err(error.into())),
    };
    let transaction = app.db.begin().await?;
    let refusal = match photo::add(&transaction, home, &made).await? {
        Added::Photo(id) => {
            let added = [Change::Added(format!("photo {}", id.0))];
            history::write(&transaction, subject.entry(staff), &added).await?;
            transaction.commit().await?;
            return Ok(Ok(()));
        }
        Added::Twice => Refusal::Twice,
        Added::TooMany => Refusal::TooMany,
        Added::NoHome => return Err(web::Error::NotFound),
    };
    transaction.rollback().await?;
    Ok(Err(refusal))
}

/// Reads a file into one on the disk that has no name, with its length. Of a file that is too large the
/// rest is read and dropped, since others may follow it.
async fn receive(form: &mut Multipart) -> web::Result<Result<(File, usize), PhotoError>> {
    let mut file = match temporary_file() {
        Ok(file) => file,
        Err(error) => return Ok(Err(PhotoError::Unavailable(error))),
    };
    let mut length = 0;
    let mut gathered = Vec::new();
    while let Some(bytes) = form.chunk().await? {
        length += bytes.len();
        if length > FILE_BYTES_MAX {
            gathered = Vec::new();
            continue;
        }
        gathered.extend_from_slice(&bytes);
        if gathered.len() >= PIECE_BYTES {
            match append(file, std::mem::take(&mut gathered).into()).await {
                Ok(appended) => file = appended,
                Err(error) => return Ok(Err(PhotoError::Unavailable(error))),
            }
        }
    }
    Ok(match length {
        0 => Err(PhotoError::Empty),
        1..=FILE_BYTES_MAX => match append(file, gathered.into()).await {
            Ok(file) => Ok((file, length)),
            Err(error) => Err(PhotoError::Unavailable(error)),
        },
        _ => Err(PhotoError::FileTooLarge),
    })
}

/// In the system's folder for such files, or where there is none, as in an image without a distribution,
/// in the working directory.
fn temporary_file() -> io::Result<File> {
    tempfile::tempfile().or_else(|_| tempfile::tempfile_in("."))
}

/// Writes to a file without holding up the thread's other requests.
async fn append(mut file: File, bytes: Bytes) -> io::Result<File> {
    let written = tokio::task::spawn_blocking(move || {
        file.write_all(&bytes)?;
        Ok(file)
    });
    written.await.map_err(io::Error::other)?
}

async fn answer(
    staff: &Staff,
    frame: &Frame,
    headers: &HeaderMap,
    (subject, outcome): (&Subject, Outcome),
) -> web::Result<Response> {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if accept == Some("application/json") {
        let refused = outcome.refused.iter();
        let refused = refused.map(|(name, why)| json!({"name": name, "why": why}));
        let refused: Vec<_> = refused.collect();
        return Ok(Json(json!({"added": outcome.added, "refused": refused})).into_response());
    }
    if outcome.added > 0 {
        let text = frame.text_with("photos-added", "count", outcome.added);
        staff.visit.add_message(level::SUCCESS, text).await?;
    } else if outcome.refused.is_empty() {
        let text = frame.text("photos-none-chosen");
        staff.visit.add_message(level::WARNING, text).await?;
    }
    for (name, why) in outcome.refused {
        let text = frame.texts().with(
            "photos-refused",
            [("name", name.into()), ("why", why.into())],
        );
        staff.visit.add_message(level::ERROR, text).await?;
    }
    Ok(redirect(&subject.path()))
}

/// The sentence for whoever sent the file.
fn words(frame: &Frame, refusal: &Refusal) -> String {
    let key = match refusal {
        Refusal::Twice => "photo-error-twice",
        Refusal::TooMany => {
            return frame.text_with("photo-error-too-many", "most", photo::MOST);
        }
        Refusal::Photo(error) => match error {
            PhotoError::Empty => "photo-error-empty",
            PhotoError::FileTooLarge => "photo-error-file-too-large",
            PhotoError::NotAPhoto => "photo-error-no-photo",
            PhotoError::TooManyPixels => "photo-error-too-many-pixels",
            PhotoError::TooLong => "photo-error-too-long",
            PhotoError::Moving => "photo-error-moving",
            PhotoError::TooMuchMemory => "photo-error-too-much-memory",
            PhotoError::Damaged => "photo-error-damaged",
            PhotoError::Unavailable(cause) => {
                tracing::error!(error.cause = %cause, "a photo could not be prepared: {cause}");
                "photo-error-unavailable"
            }
        },
    };
    frame.text(key)
}
