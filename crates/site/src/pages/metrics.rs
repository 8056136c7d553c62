//! `GET /metrics`: the program's numbers, for whoever has the token.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;
use telemetry::metrics::ExpositionFormat;
use web::Error;
use web::accept::weight_of;

use crate::state::AppState;

/// `GET /metrics`: a 404 for whoever does not have the token, as if there were no such address.
pub async fn show_metrics(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let token = app
        .metrics_token
        .as_ref()
        .map(|token| token.expose_secret());
    let given = headers.get(AUTHORIZATION).and_then(bearer);
    let (Some(token), Some(given)) = (token, given) else {
        return Error::NotFound.into_response();
    };
    if !is_same(token.as_bytes(), given.as_bytes()) {
        return Error::NotFound.into_response();
    }
    let exposition_format = exposition_format(&headers);
    match app
        .telemetry
        .metrics_text(exposition_format, app.metric_sources())
    {
        Ok(text) => {
            let headers = [
                (CONTENT_TYPE, exposition_format.content_type()),
                (CACHE_CONTROL, "no-store"),
                (VARY, "Accept"),
            ];
            (headers, text).into_response()
        }
        Err(error) => Error::Internal(error.into()).into_response(),
    }
}

/// `OpenMetrics` if the request names it and does not prefer plain text. `*/*` does not name it.
fn exposition_format(headers: &HeaderMap) -> ExpositionFormat {
    let open = weight_of(headers, "application/openmetrics-text");
    if open > 0 && open >= weight_of(headers, "text/plain") {
        ExpositionFormat::OpenMetrics
    } else {
        ExpositionFormat::Plain
    }
}

/// The token of a `Bearer` header; the scheme's case does not count (RFC 9110, section 11.1).
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares all bytes, wherever they differ, so that the time tells nothing but the length.
fn is_same(expected: &[u8], given: &[u8]) -> bool {
    let differences = expected.iter().zip(given).map(|(a, b)| a ^ b);
    expected.len() == given.len() && differences.fold(0, |all, one| all | one) == 0
}
