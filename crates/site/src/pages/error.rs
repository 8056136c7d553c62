//! The pages of errors.

use std::sync::Arc;

use askama::Template;
use http::StatusCode;
use web::error_page::{ErrorPage, ErrorPages, REFERENCE_MARK};

use crate::frame::Frame;

/// An error's page: what is the matter, and the way on.
#[derive(Debug, Template)]
#[template(path = "pages/error.html")]
pub struct Error {
    frame: Frame,
    title: String,
    text: String,
    reference: Option<String>,
}

/// The pages for [`web::error_page`]; that of the 500 is rendered now.
pub fn error_pages(frame: &Frame) -> askama::Result<ErrorPages> {
    let server_error = new(
        frame,
        ErrorPage {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            explanation: None,
            reference: None,
        },
    );
    let server_error = Error {
        reference: Some(REFERENCE_MARK.to_owned()),
        ..server_error
    };
    let (page_frame, problem_frame) = (frame.clone(), frame.clone());
    Ok(ErrorPages {
        server_error: Arc::from(server_error.render()?),
        server_error_problem: problem(&server_error, StatusCode::INTERNAL_SERVER_ERROR).into(),
        render: Arc::new(move |page| new(&page_frame, *page).render()),
        render_problem: Arc::new(move |page| problem(&new(&problem_frame, *page), page.status)),
    })
}

/// The same for programs (RFC 9457), with the reference number as a member of our own.
fn problem(error: &Error, status: StatusCode) -> String {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": error.title,
        "status": status.as_u16(),
        "detail": error.text,
    });
    if let Some(reference) = &error.reference {
        problem["reference"] = reference.as_str().into();
    }
    problem.to_string()
}

fn new(frame: &Frame, page: ErrorPage) -> Error {
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
    Error {
        title: frame.text(title),
        text: frame.text(page.explanation.unwrap_or(text)),
        reference: page.reference.map(|reference| reference.to_string()),
        frame: frame.clone(),
    }
}
