//! The error type of handlers: one variant per answer.
//!
//! Turning an error into a response has no side effect. The response is bare: a status, and the
//! cause in an extension. [`crate::error_page`] gives it a body, and [`crate::request_log`] logs
//! the cause, once.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// The one error type of handlers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing at this address.
    #[error("not found")]
    NotFound,
    /// The request cannot be understood. The message of that key in the catalogue tells the visitor
    /// why in one sentence, and nothing about the program.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// The request is understood, but the client may not do this. The reason is for the log alone.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// The form failed the CSRF check: another site's page may have sent it. The reason is for the
    /// log.
    #[error("CSRF check failed: {0}")]
    CsrfFailed(&'static str),
    /// The request's body is larger than the site accepts.
    #[error("too large")]
    TooLarge,
    /// Something that the answer needs, such as the database, cannot be reached at the moment.
    #[error("unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// Any other failure, on our side.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// What handlers return.
pub type Result<T> = std::result::Result<T, Error>;

/// The error and its sources, in one line. A source whose text the error before it ends with is
/// left out. If another program has locked the database, a sentence says what helps.
pub fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let is_locked = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<db::DbErr>().is_some_and(db::is_locked)
    };
    let mut text = error.to_string();
    let mut waits = is_locked(error);
    let mut source = error.source();
    while let Some(error) = source {
        waits |= is_locked(error);
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text += &format!(": {cause}");
        }
        source = error.source();
    }
    if waits {
        text += ". Another program is writing to the database, as Django or an editor of databases \
                 does: wait until it has done so, or stop it, and try again";
    }
    text
}

/// Why a request failed, for the log alone.
#[derive(Debug, Clone)]
pub struct Cause(pub Arc<anyhow::Error>);

/// The catalogue key of the message that tells the client what was wrong with the request.
#[derive(Debug, Clone, Copy)]
pub struct Explanation(pub &'static str);

impl From<db::DbErr> for Error {
    fn from(error: db::DbErr) -> Self {
        if db::is_unavailable(&error) {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(anyhow::Error::new(error).context("render the page"))
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::BadRequest(message) => {
                let mut response = StatusCode::BAD_REQUEST.into_response();
                response.extensions_mut().insert(Explanation(message));
                response
            }
            Self::Forbidden(reason) => {
                with_cause(StatusCode::FORBIDDEN, anyhow::anyhow!("{reason}"))
            }
            Self::CsrfFailed(reason) => {
                let cause = anyhow::anyhow!("CSRF check failed: {reason}");
                let mut response = with_cause(StatusCode::FORBIDDEN, cause);
                let explanation = Explanation("error-csrf-failed");
                response.extensions_mut().insert(explanation);
                response
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::Unavailable(cause) => with_cause(StatusCode::SERVICE_UNAVAILABLE, cause),
            Self::Internal(cause) => with_cause(StatusCode::INTERNAL_SERVER_ERROR, cause),
        }
    }
}

/// A bare response that carries its cause to the log.
pub(crate) fn with_cause(status: StatusCode, cause: anyhow::Error) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Cause(Arc::new(cause)));
    response
}
