//! The choice of a language, at Django's address (`Django 5.2 views/i18n.py`, `set_language`).

use axum::extract::{Extension, FromRequest as _, Request, State};
use axum::response::{IntoResponse, Response};
use db::rules::TextRule;
use http::header::{CACHE_CONTROL, LOCATION, REFERER};
use http::{HeaderMap, HeaderValue, StatusCode};
use web::Error;
use web::cookie::{Cookie, ReadableBy};
use web::form::{Fields, FormOf};
use web::forwarded::Scheme;
use web::i18n::COOKIE_NAME;
use web::origin::{check_origin, local_target};

use crate::state::AppState;

/// How long a choice is remembered, in seconds: a year. Django forgets it with the browser's
/// session.
const MAX_AGE_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The switch of the language, which every page has.
#[derive(Debug)]
struct LanguageForm;

impl Fields for LanguageForm {
    const FIELDS: &'static [(&'static str, TextRule)] = &[
        ("language", TextRule::line(40)),
        ("next", TextRule::line(4_096)),
    ];
}

/// `POST /i18n/setlang/`: remembers `language`, if the site speaks it, and leads back to `next` or
/// to where the request came from; to the home page when that is elsewhere. From an address of a
/// language it leads to that of the one chosen.
///
/// No token guards it, as public pages hold none: a page of another site is refused by its
/// `Origin`.
pub async fn set_language(
    State(app): State<AppState>,
    Extension(scheme): Extension<Scheme>,
    request: Request,
) -> web::Result<Response> {
    check_origin(&request)?;
    let host = web::host::find_host(&request)?.to_owned();
    let referer = referer(request.headers(), &host);
    let FormOf(form, _) = FormOf::<LanguageForm>::from_request(request, &()).await?;
    let next = form.get("next").filter(|_| form.flaw("next").is_none());
    let next = next.and_then(|next| local_target(next, &host));
    let next = next.or(referer).unwrap_or_else(|| "/".to_owned());
    let language = form
        .get("language")
        .and_then(|tag| app.languages.parse(tag));
    // A page at an address of its language is left for the same page in the other.
    let other = language.and_then(|language| app.languages.translate(&next, language));
    let next = other.unwrap_or(next);
    let location = HeaderValue::try_from(next).map_err(|error| Error::Internal(error.into()))?;
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(language) = language {
        let cookie = Cookie {
            name: COOKIE_NAME,
            value: &language.to_string(),
            path: "/",
            max_age_seconds: Some(MAX_AGE_SECONDS),
            readable_by: ReadableBy::Server,
            scheme,
        };
        cookie.set(headers);
    }
    Ok(response)
}

fn referer(headers: &HeaderMap, host: &str) -> Option<String> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    local_target(referer, host)
}
