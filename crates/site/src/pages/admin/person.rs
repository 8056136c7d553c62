//! What is stored about one person, to be told to them or erased. The address that it is about travels in forms,
//! and never in an address, which proxies write into their logs.

use accounts::messages::level;
use admin::{Staff, redirect};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::rules::TextRule;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use web::form::{Fields, FormOf};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use crate::domain::enquiry::EMAIL;
use crate::domain::enquiry::person::{self, Person};
use crate::frame::Frame;
use crate::head::Head;
use crate::schema::OUTBOX;
use crate::state::AppState;

/// The address of the page.
pub const PERSON: &str = "/admin/guests/person/";

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/person.html")]
pub struct PersonPage {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    email: String,
    /// What there is, in words; empty until somebody has asked.
    found: String,
    /// Whether there is anything.
    is_known: bool,
    numbers: Vec<(i64, String)>,
}

impl Page for PersonPage {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

impl Fields for PersonPage {
    const FIELDS: &'static [(&'static str, TextRule)] = &[
        ("email", TextRule::line(*EMAIL.end())),
        ("action", TextRule::line(16)),
        ("sure", TextRule::line(16)),
    ];
}

/// `GET /admin/guests/person/`
pub async fn show_person_form(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    frame: Frame,
) -> web::Result<View<PersonPage>> {
    page(&app, &staff, frame, (String::new(), None)).await
}

/// `POST /admin/guests/person/`: shows what there is, gives it as a file, or erases it.
pub async fn see_to_person(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    use axum::extract::FromRequest as _;
    let FormOf(form, _) = FormOf::<PersonPage>::from_request(request, &()).await?;
    let email = form.get("email").unwrap_or_default().trim().to_owned();
    if email.is_empty() {
        return Ok(redirect(PERSON));
    }
    let is_sure = form.get("sure").is_some();
    match form.get("action").unwrap_or_default() {
        "export" => return file(&person::find(&app.db, OUTBOX, &email).await?),
        "erase" if is_sure => {
            let transaction = app.db.begin().await?;
            let person = person::find(&transaction, OUTBOX, &email).await?;
            person::erase(&transaction, OUTBOX, &person).await?;
            transaction.commit().await?;
            tracing::info!(
                user.id = staff.user.id.0,
                "the data of one person was erased"
            );
            let text = frame.text("person-erased");
            staff.visit.add_message(level::SUCCESS, text).await?;
            return Ok(redirect(PERSON));
        }
        "erase" => {
            let text = frame.text("person-not-sure");
            staff.visit.add_message(level::ERROR, text).await?;
        }
        _ => {}
    }
    let person = person::find(&app.db, OUTBOX, &email).await?;
    let page = page(&app, &staff, frame, (email, Some(person))).await?;
    Ok(page.into_response())
}

fn file(person: &Person) -> web::Result<Response> {
    let json = serde_json::to_vec_pretty(&person.to_json());
    let json = json.map_err(|error| web::Error::Internal(error.into()))?;
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"person.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((headers, json).into_response())
}

async fn page(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (email, person): (String, Option<Person>),
) -> web::Result<View<PersonPage>> {
    let is_known = person.as_ref().is_some_and(|person| !person.is_unknown());
    let found = match &person {
        None => String::new(),
        Some(person) if person.is_unknown() => frame.text("person-none"),
        Some(person) => {
            let values = [
                ("email", email.as_str().into()),
                ("enquiries", person.enquiries.len().into()),
                ("letters", person.letters.len().into()),
            ];
            frame.texts().with("person-found", values)
        }
    };
    let enquiries = person.map(|person| person.enquiries).unwrap_or_default();
    Ok(View(PersonPage {
        head: Head::private(frame.text("person-title")),
        admin_frame: AdminFrame::of(staff, app).await?,
        email,
        found,
        is_known,
        numbers: enquiries
            .into_iter()
            .map(|one| (one.id.0, one.number))
            .collect(),
        frame,
    }))
}
