//! The pages of errors.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use web::error_page::{ErrorPage, ErrorPages, REFERENCE_PLACEHOLDER, ServerError};
use web::i18n::Texts;

use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;
use crate::static_files::FileUrls;

/// An error's page: what is the matter, and the way on.
#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub struct Error {
    frame: Frame,
    head: Head,
    status: u16,
    text: String,
    reference: Option<String>,
}

/// The pages for [`web::error_page`]. Those of the 500 are rendered now, one for each language, so
/// that nothing can fail when they are needed.
pub fn error_pages(app: &AppState) -> askama::Result<ErrorPages> {
    let languages = app.languages.known().iter();
    let server_errors = languages.map(|language| {
        let page = ErrorPage {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            explanation: None,
            reference: None,
        };
        let error = new(page, &app.languages.texts(language), &app.files);
        let error = Error {
            reference: Some(REFERENCE_PLACEHOLDER.to_owned()),
            ..error
        };
        Ok(ServerError {
            page: error.render()?,
            problem: problem(&error),
        })
    });
    let server_errors: askama::Result<Vec<_>> = server_errors.collect();
    let (page_files, problem_files) = (Arc::clone(&app.files), Arc::clone(&app.files));
    Ok(ErrorPages {
        render: Arc::new(move |page, texts| new(*page, texts, &page_files).render()),
        render_problem: Arc::new(move |page, texts| problem(&new(*page, texts, &problem_files))),
        server_errors: server_errors?.into(),
        languages: app.languages.clone(),
    })
}

/// The error for programs (RFC 9457), with the reference number as a member of our own.
fn problem(error: &Error) -> String {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": error.head.title,
        "status": error.status,
        "detail": error.text,
    });
    if let Some(reference) = &error.reference {
        problem["reference"] = reference.as_str().into();
    }
    problem.to_string()
}

fn new(page: ErrorPage, texts: &Texts, files: &Arc<FileUrls>) -> Error {
    let (title, text) = match page.status {
        StatusCode::BAD_REQUEST => ("error-bad-request-title", "error-bad-request-text"),
        StatusCode::FORBIDDEN => ("error-forbidden-title", "error-forbidden-text"),
        StatusCode::NOT_FOUND => ("error-not-found-title", "error-not-found-text"),
        StatusCode::METHOD_NOT_ALLOWED => ("error-method-title", "error-method-text"),
        StatusCode::REQUEST_TIMEOUT => ("error-timeout-title", "error-timeout-text"),
        StatusCode::PAYLOAD_TOO_LARGE => ("error-too-large-title", "error-too-large-text"),
        StatusCode::SERVICE_UNAVAILABLE => ("error-unavailable-title", "error-unavailable-text"),
        StatusCode::INTERNAL_SERVER_ERROR => ("error-server-title", "error-server-text"),
        _ => ("error-other-title", "error-other-text"),
    };
    let text = texts.get(page.explanation.unwrap_or(text));
    Error {
        head: Head::of_error(texts.get(title), text.clone()),
        status: page.status.as_u16(),
        text,
        reference: page.reference.map(|reference| reference.to_string()),
        frame: Frame::without_address(texts.clone(), Arc::clone(files)),
    }
}
