//! The layer that gives bare error responses their page or, to a client that asks for JSON,
//! their problem details (RFC 9457).
//!
//! A response is bare when its status is an error and no handler gave it a page or a JSON
//! body of its own.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, RETRY_AFTER, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use uuid::Uuid;

use crate::accept::prefers_json;
use crate::error::{Cause, Explanation};
use crate::i18n::{Languages, Texts};

/// How long a client should wait after a 503 before it asks again, in seconds.
pub const RETRY_AFTER_SECONDS: u16 = 10;

/// Renders an error's page.
pub type RenderErrorPage = dyn Fn(&ErrorPage, &Texts) -> askama::Result<String> + Send + Sync;

/// Renders an error's problem details, a JSON object.
pub type RenderProblem = dyn Fn(&ErrorPage, &Texts) -> String + Send + Sync;

/// The pages that the site shows for errors.
#[derive(Clone)]
pub struct ErrorPages {
    /// Renders the page of an error that is no 500. It may fail: then the 500 page is shown.
    pub render: Arc<RenderErrorPage>,
    /// Renders the problem details of an error.
    pub render_problem: Arc<RenderProblem>,
    /// The 500 in each of the [`Languages::known`], in their order.
    pub server_errors: Arc<[ServerError]>,
    /// Chooses the language of an answer.
    pub languages: Languages,
}

/// The answer to a 500 in one language, rendered when the program started, with
/// [`REFERENCE_PLACEHOLDER`] where the reference number belongs: showing it needs nothing that can
/// fail.
#[derive(Debug, Clone)]
pub struct ServerError {
    /// The page.
    pub page: String,
    /// The problem details.
    pub problem: String,
}

/// What stands in a [`ServerError`] in place of the reference number.
pub const REFERENCE_PLACEHOLDER: &str = "00000000000000000000000000000000";

/// What an error page shows.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage {
    /// The answer's status.
    pub status: StatusCode,
    /// The message that says what was wrong with the request, for a 400 that knows it.
    pub explanation: Option<&'static str>,
    /// The number by which the operator finds the cause, for a 5xx.
    pub reference: Option<Reference>,
}

/// The number of a failure, 32 hexadecimal digits: on the page and in the log.
#[derive(Debug, Clone, Copy)]
pub struct Reference(pub Uuid);

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(formatter)
    }
}

/// The layer: [`axum::middleware::from_fn_with_state`] with an [`ErrorPages`].
pub async fn show_error_pages(
    State(pages): State<ErrorPages>,
    request: Request,
    next: Next,
) -> Response {
    let preferences = ErrorPreferences::of(&request);
    let response = next.run(request).await;
    if is_bare_error(&response) {
        pages.give_page(response, &preferences)
    } else {
        response
    }
}

/// What of a request decides on the format and the language of an error's answer: its address and some
/// of its headers. They are copied before the request is handled, since the handler consumes it.
#[derive(Debug)]
pub(crate) struct ErrorPreferences {
    uri: Uri,
    headers: HeaderMap,
}

impl ErrorPreferences {
    pub(crate) fn of(request: &Request) -> Self {
        let mut headers = HeaderMap::new();
        for name in [ACCEPT, ACCEPT_LANGUAGE, COOKIE] {
            for value in request.headers().get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let uri = request.uri().clone();
        Self { uri, headers }
    }

    fn format(&self) -> ErrorFormat {
        if prefers_json(&self.headers) {
            ErrorFormat::Problem
        } else {
            ErrorFormat::Page
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorFormat {
    Page,
    Problem,
}

impl fmt::Debug for ErrorPages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ErrorPages").finish_non_exhaustive()
    }
}

impl ErrorPages {
    /// The 500 answer for a cause that no handler caught, a panic above all.
    pub(crate) fn internal_error(
        &self,
        cause: anyhow::Error,
        preferences: &ErrorPreferences,
    ) -> Response {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        self.give_page(crate::error::with_cause(status, cause), preferences)
    }

    /// The page for a bare response, whose headers and extensions it keeps.
    fn give_page(&self, bare: Response, preferences: &ErrorPreferences) -> Response {
        let (mut parts, _) = bare.into_parts();
        let ErrorPreferences { uri, headers } = preferences;
        let (format, texts) = (
            preferences.format(),
            self.languages.choose(uri.path(), headers),
        );
        let mut page = ErrorPage {
            status: parts.status,
            explanation: parts.extensions.get().map(|Explanation(message)| *message),
            reference: parts
                .status
                .is_server_error()
                .then(|| Reference(Uuid::new_v4())),
        };
        let text = self
            .render(&mut page, format, &texts)
            .unwrap_or_else(|error| {
                parts.extensions.insert(Cause(Arc::new(error.into())));
                let reference = page.reference.unwrap_or(Reference(Uuid::nil()));
                self.server_error(reference, format, &texts)
            });
        parts.status = page.status;
        let headers = &mut parts.headers;
        headers.remove(CONTENT_LENGTH);
        let content_type = match format {
            ErrorFormat::Page => "text/html; charset=utf-8",
            ErrorFormat::Problem => "application/problem+json",
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(VARY, HeaderValue::from_static("Accept"));
        texts.add_language_headers(headers);
        if parts.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        if let Some(reference) = page.reference {
            parts.extensions.insert(reference);
        }
        Response::from_parts(parts, Body::from(text))
    }

    /// The body for an error. If rendering fails, `page` becomes a 500.
    fn render(
        &self,
        page: &mut ErrorPage,
        format: ErrorFormat,
        texts: &Texts,
    ) -> askama::Result<String> {
        if let (StatusCode::INTERNAL_SERVER_ERROR, Some(reference)) = (page.status, page.reference)
        {
            return Ok(self.server_error(reference, format, texts));
        }
        let rendered = match format {
            ErrorFormat::Page => (self.render)(page, texts),
            ErrorFormat::Problem => Ok((self.render_problem)(page, texts)),
        };
        if rendered.is_err() {
            page.status = StatusCode::INTERNAL_SERVER_ERROR;
            page.reference
                .get_or_insert_with(|| Reference(Uuid::new_v4()));
        }
        rendered
    }

    fn server_error(&self, reference: Reference, format: ErrorFormat, texts: &Texts) -> String {
        let mut known = self.languages.known().iter();
        let index = known.position(|known| known == texts.language());
        // A language without a page of its own gets the first one's.
        let made = self.server_errors.get(index.unwrap_or(0));
        let text = made.map_or(REFERENCE_PLACEHOLDER, |made| match format {
            ErrorFormat::Page => &made.page,
            ErrorFormat::Problem => &made.problem,
        });
        text.replace(REFERENCE_PLACEHOLDER, &reference.to_string())
    }
}

fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type.map_or(&b""[..], HeaderValue::as_bytes);
    !content_type.starts_with(b"text/html") && !content_type.starts_with(b"application/")
}
