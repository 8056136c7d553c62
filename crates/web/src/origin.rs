//! What is this site and what is another: where a request was made, and where an answer may lead.

use axum::extract::Request;
use http::header::{HeaderValue, ORIGIN};
use http::uri::Authority;

use crate::error::Error;
use crate::host::find_host;

/// Refuses a request that a page of another site made a browser send: its `Origin` names another
/// host. A client that sends none is no browser, or one from before 2020.
pub fn check_origin(request: &Request) -> Result<(), Error> {
    let host = find_host(request)?;
    match request.headers().get(ORIGIN) {
        None => Ok(()),
        Some(origin) if is_of(origin, host) => Ok(()),
        Some(_) => Err(Error::Forbidden("the form was sent from another site")),
    }
}

/// The scheme does not count: a proxy that is not trusted to tell it must not shut anybody out.
fn is_of(origin: &HeaderValue, host: &str) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let origin = origin.split_once("://").map(|(_, authority)| authority);
    origin.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// An address of this site that an answer may lead to, as a path with its query: `target` may be
/// such a path, or a whole address of `host`. Anything else is none, so that no link to us leads
/// away (`Django 5.2 utils/http.py`, `url_has_allowed_host_and_scheme`).
pub fn local_target(target: &str, host: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    // Browsers drop tabs and line ends and take backslashes for slashes.
    if !target.bytes().all(is_plain) {
        return None;
    }
    let path = match target.split_once("://") {
        Some((scheme, rest)) if is_http(scheme) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let authority: Authority = authority.parse().ok()?;
            if !authority.as_str().eq_ignore_ascii_case(host) {
                return None;
            }
            if path.is_empty() { "/" } else { path }
        }
        _ => target,
    };
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    match path.as_bytes() {
        [b'/', b'/', ..] => None,
        [b'/', ..] => Some(path.to_owned()),
        _ => None,
    }
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(target: &str, expected: Option<&str>) {
        let found = local_target(target, "books.example:8000");
        assert_eq!(found.as_deref(), expected, "{target}");
    }

    #[test]
    fn paths_and_our_own_addresses_lead_on() {
        check("/", Some("/"));
        check("/books/?page=2", Some("/books/?page=2"));
        check("/books/#top", Some("/books/"));
        check("/a%0d%0ab", Some("/a%0d%0ab"));
        check(
            "/?next=https://evil.example",
            Some("/?next=https://evil.example"),
        );
        check("http://books.example:8000/a/?b", Some("/a/?b"));
        check("HTTPS://BOOKS.example:8000/a/", Some("/a/"));
        check("https://books.example:8000", Some("/"));
    }

    #[test]
    fn nothing_leads_away() {
        for target in [
            "",
            "books/",
            "//evil.example/",
            "///evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example",
            " /books/",
            "/boo ks/",
            "/é/",
            "https://evil.example/",
            "https://books.example/",
            "https://books.example:8000@evil.example/",
            "https://evil.example/@books.example:8000/",
            "https://user@books.example:8000/",
            "https://books.example:8000//evil.example",
            "https:///books.example:8000/",
            "https:books.example:8000/",
            "javascript://books.example:8000/%0aalert(1)",
            "data:text/html,x",
            "?page=2",
            "#top",
        ] {
            check(target, None);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_stays_here(target in "[ -~]*") {
            if let Some(path) = local_target(&target, "books.example") {
                prop_assert!(path.starts_with('/') && !path.starts_with("//"));
                prop_assert!(HeaderValue::try_from(path).is_ok());
            }
        }
    }
}
