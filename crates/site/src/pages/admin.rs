//! The admin at Django's addresses: login, logout and change of password here, the rest by the
//! engine.

pub mod admin_frame;
pub mod answer;
pub mod answers;
pub mod client;
pub mod engine_page;
pub mod enquiries;
pub mod enquiry;
pub mod legal_text;
pub mod legal_texts;
pub mod letting_calendars;
pub mod letting_editor;
pub mod letting_photos;
pub mod logged_out;
pub mod login;
pub mod month;
pub mod outbox;
pub mod password_change;
pub mod password_change_done;
pub mod password_reset;
pub mod password_reset_complete;
pub mod password_reset_confirm;
pub mod password_reset_done;
pub mod person;
pub mod photo_upload;
pub mod stay_change;
pub mod stay_form;

use std::sync::Arc;

use admin::{Admin, LOGIN, Staff};
use axum::Router;
use axum::middleware::{from_extractor, from_extractor_with_state, from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, get, post};
use web::Error;
use web::csrf::{TrustedOrigins, check_sender, check_token};
use web::slash::RouterExt as _;
use web::visit::keep_visits;

use self::answer::{AnswerKey, add_answer, change_answer, show_answer, show_new_answer};
use self::answers::{ANSWERS, list_answers};
use self::engine_page::SiteLayout;
use self::enquiries::{INBOX, list_enquiries};
use self::enquiry::{change_enquiry, show_enquiry_page};
use self::legal_text::{change_legal_text, show_legal_text};
use self::legal_texts::list_legal_texts;
use self::letting_calendars::{
    LETTING_CALENDARS, change_letting_calendars, show_letting_calendars,
};
use self::letting_editor::LettingEditor;
use self::letting_photos::{LETTING_PHOTOS, change_letting_photos, show_letting_photos};
use self::logged_out::log_out;
use self::login::{log_in, show_login};
use self::month::{MONTH, show_month};
use self::outbox::{OUTBOX_PAGE, Superuser, send_letter_again, show_outbox};
use self::password_change::{change_password, show_password_change};
use self::password_change_done::show_password_change_done;
use self::password_reset::{PASSWORD_RESET, send_password_reset, show_password_reset};
use self::password_reset_complete::show_password_reset_complete;
use self::password_reset_confirm::{
    PASSWORD_RESET_CONFIRM, ResetLink, confirm_password_reset, show_password_reset_confirm,
};
use self::password_reset_done::show_password_reset_done;
use self::person::{PERSON, see_to_person, show_person_form};
use self::photo_upload::{PHOTO_UPLOAD, add_photos, show_photo_upload};
use self::stay_change::change_stay;
use crate::domain::enquiry::EnquiryId;
use crate::domain::home::photo;
use crate::domain::legal::LegalPage;
use crate::domain::letting::LettingId;
use crate::frame::read_legal_links;
use crate::registrations::DEPENDENT_TABLES;
use crate::settings::Settings;
use crate::state::AppState;

/// The addresses of the admin. An unknown address below `/admin/` is a 404 for staff alone.
/// Everybody else is sent to the login, so that they do not learn which addresses exist.
pub fn routes(settings: &Settings, app: &AppState) -> Router<AppState> {
    let trusted = TrustedOrigins(settings.csrf_trusted_origins.clone().into());
    let sender = from_fn_with_state(trusted.clone(), check_sender);
    let token = from_fn(check_token);
    let login = post(log_in)
        .route_layer(token.clone())
        .route_layer(sender.clone());
    let logout = post(log_out)
        .route_layer(token.clone())
        .route_layer(sender.clone());
    // The layer that is added last runs first: a foreign sender and a visitor who is not staff are
    // refused before `check_token` reads the form.
    let password_change = post(change_password)
        .route_layer(token.clone())
        .route_layer(from_extractor::<Staff>())
        .route_layer(sender.clone());
    let editor = || from_extractor_with_state::<LettingEditor, _>(app.clone());
    let of_editor = |form: MethodRouter<AppState>| {
        form.route_layer(token.clone())
            .route_layer(editor())
            .route_layer(sender.clone())
    };
    let calendars = of_editor(post(change_letting_calendars));
    let outbox = post(send_letter_again)
        .route_layer(token.clone())
        .route_layer(from_extractor_with_state::<Superuser, _>(app.clone()))
        .route_layer(sender.clone());
    let stay = of_editor(post(change_stay));
    // Its handler checks the token itself, since it reads the form in pieces.
    let upload = post(add_photos)
        .route_layer(editor())
        .route_layer(sender.clone());
    let photos = of_editor(post(change_letting_photos));
    Router::new()
        .page::<()>(LOGIN, get(show_login).merge(login))
        .page::<()>("/admin/logout/", logout)
        .page::<()>(
            "/admin/password_change/",
            get(show_password_change).merge(password_change),
        )
        .page::<()>(
            "/admin/password_change/done/",
            get(show_password_change_done),
        )
        .page::<()>(MONTH, get(show_month).merge(stay))
        .page::<()>(OUTBOX_PAGE, get(show_outbox).merge(outbox))
        .merge(guests(of_editor))
        .page::<LettingId>(
            LETTING_CALENDARS,
            get(show_letting_calendars).merge(calendars),
        )
        .page::<LettingId>(LETTING_PHOTOS, get(show_letting_photos).merge(photos))
        .page::<LettingId>(PHOTO_UPLOAD, get(show_photo_upload).merge(upload))
        .merge(password_reset_routes(&trusted))
        .route("/admin/{*rest}", any(show_not_found))
        .layer(from_fn_with_state(app.visits.clone(), keep_visits))
        .merge(admin::router(engine(app), app.visits.clone(), &trusted))
        .layer(from_fn_with_state(app.clone(), read_legal_links))
}

/// The addresses for whoever has forgotten their password. Nobody has to be logged in.
fn password_reset_routes(trusted: &TrustedOrigins) -> Router<AppState> {
    let sender = from_fn_with_state(trusted.clone(), check_sender);
    let token = from_fn(check_token);
    let send = post(send_password_reset)
        .route_layer(token.clone())
        .route_layer(sender.clone());
    let confirm = post(confirm_password_reset)
        .route_layer(token)
        .route_layer(sender);
    Router::new()
        .page::<()>(PASSWORD_RESET, get(show_password_reset).merge(send))
        .page::<()>("/admin/password_reset/done/", get(show_password_reset_done))
        .page::<()>("/admin/reset/done/", get(show_password_reset_complete))
        .page::<ResetLink>(
            PASSWORD_RESET_CONFIRM,
            get(show_password_reset_confirm).merge(confirm),
        )
}

/// What staff does for guests; `of_editor` has the layers of a form.
fn guests(
    of_editor: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    Router::new()
        .page::<()>(INBOX, get(list_enquiries))
        .page::<EnquiryId>(
            &format!("{INBOX}{{id}}/"),
            get(show_enquiry_page).merge(of_editor(post(change_enquiry))),
        )
        .page::<()>(ANSWERS, get(list_answers))
        .page::<()>(
            &format!("{ANSWERS}new/"),
            get(show_new_answer).merge(of_editor(post(add_answer))),
        )
        .page::<AnswerKey>(
            &format!("{ANSWERS}{{id}}/change/"),
            get(show_answer).merge(of_editor(post(change_answer))),
        )
        .page::<()>(
            PERSON,
            get(show_person_form).merge(of_editor(post(see_to_person))),
        )
        .page::<()>("/admin/guests/legal/", get(list_legal_texts))
        .page::<LegalPage>(
            "/admin/guests/legal/{slug}/change/",
            get(show_legal_text).merge(of_editor(post(change_legal_text))),
        )
}

/// The engine behind all pages of models.
fn engine(app: &AppState) -> Admin {
    Admin::new(admin::Config {
        registry: app.registry.clone(),
        db: app.db.clone(),
        hashing: app.login_gate.hashing.clone(),
        languages: app.languages.clone(),
        layout: Arc::new(SiteLayout(app.clone())),
        dependent_tables: DEPENDENT_TABLES,
        after_deletion: |db| {
            Box::pin(async move { photo::remove_unneeded_files(db).await.map(drop) })
        },
    })
}

async fn show_not_found(_: Staff) -> Error {
    Error::NotFound
}
