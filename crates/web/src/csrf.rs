//! Protection against forged forms (CSRF): Django's checks of `Origin`, `Referer` and token, in its
//! order (`Django 5.2 middleware/csrf.py`).
//!
//! There are two layers. The outer one checks the head of a request before any of its body is read;
//! a route can check the visitor between the two.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{ORIGIN, REFERER};
use http::{HeaderMap, HeaderName};

use crate::error::Error;
use crate::form::RawForm;
use crate::forwarded::Scheme;
use crate::host::find_host;
use crate::origin::Origin;
use crate::visit::Visit;

/// The name of the field with the token.
pub const FIELD: &str = "csrfmiddlewaretoken";

/// The header in which a script sends the token.
const HEADER: HeaderName = HeaderName::from_static("x-csrftoken");

/// Other origins whose pages may send forms: `https://example.com`, or `https://*.example.com`
/// for all below.
#[derive(Debug, Clone, Default)]
pub struct TrustedOrigins(pub Arc<[String]>);

/// The outer layer of a route that takes a form, within [`crate::visit::keep_visits`]:
/// [`axum::middleware::from_fn_with_state`] with [`TrustedOrigins`]. It refuses a request that
/// comes from another origin, or without our cookie, and does not read its body.
pub async fn check_sender(
    State(trusted): State<TrustedOrigins>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    if let Err(error) = check_source(&trusted, &request) {
        return error.into_response();
    }
    if !visit.has_csrf_cookie().await {
        return Error::CsrfFailed("the CSRF cookie is not set").into_response();
    }
    next.run(request).await
}

/// The inner layer, an [`axum::middleware::from_fn`]: reads the form and checks its token. The
/// handler's extractor gets the form that was read.
pub async fn check_token(visit: Visit, request: Request, next: Next) -> Response {
    match with_form(&visit, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn with_form(visit: &Visit, request: Request) -> Result<Request, Error> {
    let (mut parts, body) = request.into_parts();
    let head = http::request::Parts::clone(&parts);
    let form = RawForm::read(Request::from_parts(head, body)).await?;
    check_sent_token(visit, &parts.headers, form.get(FIELD)).await?;
    parts.extensions.insert(form);
    Ok(Request::from_parts(parts, axum::body::Body::empty()))
}

/// Whether the token that was sent is the visitor's, for a route whose form [`check_token`] cannot read:
/// one with files. `in_form` is what the form's first field holds, if it is [`FIELD`].
pub async fn check_sent_token(
    visit: &Visit,
    headers: &HeaderMap,
    in_form: Option<&str>,
) -> Result<(), Error> {
    let sent = headers.get(HEADER).and_then(|value| value.to_str().ok());
    // As in Django, a token in the form goes before the one in the header.
    let in_form = in_form.filter(|token| !token.is_empty());
    let Some(token) = in_form.or(sent) else {
        return Err(Error::CsrfFailed("the CSRF token is missing"));
    };
    if !visit.csrf_matches(token).await {
        return Err(Error::CsrfFailed("the CSRF token is not of this visitor"));
    }
    Ok(())
}

/// Whether the form was sent from a page of ours or of a trusted origin.
fn check_source(trusted: &TrustedOrigins, request: &Request) -> Result<(), Error> {
    let scheme = request.extensions().get().copied().unwrap_or(Scheme::Http);
    let own = Origin::new(scheme.as_str(), find_host(request)?);
    let is_ours = |origin: &Origin| own.as_ref() == Some(origin) || trusted.contain(origin);
    if let Some(origin) = request.headers().get(ORIGIN) {
        return match origin.to_str().ok().and_then(Origin::parse) {
            Some(origin) if is_ours(&origin) => Ok(()),
            _ => Err(Error::CsrfFailed("the origin is not trusted")),
        };
    }
    // As in Django, only https demands a `Referer` in place of a missing `Origin`.
    if scheme == Scheme::Http {
        return Ok(());
    }
    let referer = request.headers().get(REFERER);
    let Some(referer) = referer.and_then(|referer| referer.to_str().ok()) else {
        return Err(Error::CsrfFailed("there is no referer"));
    };
    match origin_of(referer) {
        Some(origin) if is_ours(&origin) => Ok(()),
        _ => Err(Error::CsrfFailed("the referer is not trusted")),
    }
}

/// The origin of an address.
fn origin_of(address: &str) -> Option<Origin> {
    let start = address.find("://")? + 3;
    let length = address[start..].find(['/', '?', '#']);
    let end = length.map_or(address.len(), |length| start + length);
    Origin::parse(&address[..end])
}

impl TrustedOrigins {
    fn contain(&self, origin: &Origin) -> bool {
        self.0
            .iter()
            .any(|trusted| match trusted.split_once("://*.") {
                // `https://*.example.com` is every name below, and not the name itself.
                Some((scheme, parent)) => {
                    Origin::new(scheme, parent).is_some_and(|parent| origin.is_below(&parent))
                }
                None => Origin::parse(trusted).as_ref() == Some(origin),
            })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[track_caller]
    fn check(scheme: Scheme, headers: &[(HeaderName, &str)], expected: &str) {
        check_at("site.example:81", scheme, headers, expected);
    }

    #[track_caller]
    fn check_at(host: &str, scheme: Scheme, headers: &[(HeaderName, &str)], expected: &str) {
        let trusted = ["https://books.example", "https://*.shelf.example"];
        let trusted = TrustedOrigins(trusted.map(str::to_owned).to_vec().into());
        let mut request = Request::post("/").header("host", host);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.extension(scheme).body(Body::empty()).unwrap();
        let found = match check_source(&trusted, &request) {
            Ok(()) => "",
            Err(Error::CsrfFailed(reason)) => reason,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, expected, "{headers:?}");
    }

    #[test]
    fn the_origin_has_to_be_ours_or_trusted() {
        let refused = "the origin is not trusted";
        for (origin, expected) in [
            ("http://site.example:81", ""),
            ("http://SITE.example:81", ""),
            ("https://site.example:81", refused),
            ("http://site.example", refused),
            ("null", refused),
            ("", refused),
            ("https://books.example", ""),
            ("https://books.example:443", ""),
            ("https://books.example:80", refused),
            ("http://books.example", refused),
            ("https://a.books.example", refused),
            ("https://a.shelf.example", ""),
            ("https://a.b.shelf.example", ""),
            ("https://shelf.example", refused),
            ("https://.shelf.example", refused),
            ("https://evil.example/.shelf.example", refused),
            ("https://ashelf.example", refused),
        ] {
            check(Scheme::Http, &[(ORIGIN, origin)], expected);
        }
        check(Scheme::Https, &[(ORIGIN, "https://site.example:81")], "");
        check(Scheme::Http, &[], "");
    }

    /// RFC 6454, 5.
    #[test]
    fn a_port_that_is_the_schemes_own_may_be_written_or_not() {
        let refused = "the origin is not trusted";
        for (host, scheme, origin, expected) in [
            (
                "site.example:443",
                Scheme::Https,
                "https://site.example",
                "",
            ),
            (
                "site.example",
                Scheme::Https,
                "https://site.example:443",
                "",
            ),
            ("site.example:80", Scheme::Http, "http://site.example", ""),
            ("SITE.example", Scheme::Http, "HTTP://site.EXAMPLE:80", ""),
            ("[::1]:80", Scheme::Http, "http://[::1]", ""),
            (
                "site.example:80",
                Scheme::Https,
                "https://site.example",
                refused,
            ),
            (
                "site.example:443",
                Scheme::Http,
                "http://site.example",
                refused,
            ),
            (
                "site.example",
                Scheme::Https,
                "http://site.example",
                refused,
            ),
            (
                "site.example",
                Scheme::Https,
                "https://site.example:8443",
                refused,
            ),
        ] {
            check_at(host, scheme, &[(ORIGIN, origin)], expected);
        }
        check_at(
            "site.example:443",
            Scheme::Https,
            &[(REFERER, "https://site.example/a/")],
            "",
        );
    }

    #[test]
    fn over_https_a_referer_stands_in_for_the_origin() {
        let refused = "the referer is not trusted";
        for (referer, expected) in [
            ("https://site.example:81/a/?b", ""),
            ("https://site.example:81", ""),
            ("https://books.example/x", ""),
            ("http://site.example:81/", refused),
            ("https://site.example:81@evil.example/", refused),
            ("https://evil.example/?https://site.example:81/", refused),
            ("https:///", refused),
            ("", refused),
        ] {
            check(Scheme::Https, &[(REFERER, referer)], expected);
        }
        check(Scheme::Https, &[], "there is no referer");
    }
}
