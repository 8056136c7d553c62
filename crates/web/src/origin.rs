//! Origins: whether a request was sent by a page of this site, and whether a redirect stays on it.

use std::net::Ipv6Addr;

use axum::extract::Request;
use http::HeaderName;
use http::header::{HeaderValue, ORIGIN};

use crate::error::Error;
use crate::host::find_host;

/// How the page that sent a request and this site are related.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request whose `Origin` names another host: a page of another site made the browser
/// send it. A request without `Origin` passes: its client is no browser, or one from before 2020.
pub fn check_origin(request: &Request) -> Result<(), Error> {
    let host = find_host(request)?;
    match request.headers().get(ORIGIN) {
        None => Ok(()),
        Some(origin) if is_of(origin, host) => Ok(()),
        Some(_) => Err(Error::Forbidden("the form was sent from another site")),
    }
}

/// Refuses a request unless its browser says that a page of this site sent it: by `Origin`, and where it sends
/// that, by `Sec-Fetch-Site` (Fetch Metadata, 2.3), too. For forms of pages that hold no token.
pub fn check_own_page(request: &Request) -> Result<(), Error> {
    let site = request.headers().get(&SEC_FETCH_SITE);
    let is_own = site.is_some_and(|site| site == "same-origin");
    let is_foreign = site.is_some() && !is_own;
    if is_foreign || (site.is_none() && !request.headers().contains_key(ORIGIN)) {
        return Err(Error::Forbidden("the form was not sent from this site"));
    }
    // A browser that hides the origin says so, and where the form is from.
    let hides_origin = request
        .headers()
        .get(ORIGIN)
        .is_some_and(|origin| origin == "null");
    if is_own && hides_origin {
        return Ok(());
    }
    check_origin(request)
}

/// Whether an origin is of this host. The schemes are not compared: behind a proxy that is not
/// trusted, https requests count as http, and all of them would be refused.
fn is_of(origin: &HeaderValue, host: &str) -> bool {
    let origin = origin.to_str().ok().and_then(Origin::parse);
    origin.is_some_and(|origin| Origin::new(&origin.scheme, host).as_ref() == Some(&origin))
}

/// An origin: scheme, host and port. Equality is that of RFC 6454, 4 and 5: letter case does not
/// count, nor whether the scheme's default port is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    /// An IPv6 address in its shortest form.
    host: String,
    /// `None` if no port is given and the scheme has no default.
    port: Option<u16>,
}

impl Origin {
    /// Parses the form of a header, `scheme://host` with or without a port. `None` for `null`, and
    /// for anything with more parts, such as a path.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        Self::new(scheme, authority)
    }

    /// An origin by its parts; the authority may hold a port. `None` if a part is malformed.
    pub fn new(scheme: &str, authority: &str) -> Option<Self> {
        let scheme = scheme.to_ascii_lowercase();
        let authority = authority.to_ascii_lowercase();
        let end = match authority.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => authority.find(':').unwrap_or(authority.len()),
        };
        let (host, port) = authority.split_at(end);
        let own = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let port = match port.strip_prefix(':') {
            _ if port.is_empty() || port == ":" => own,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            _ => return None,
        };
        let host = match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(address) => format!("[{}]", address.parse::<Ipv6Addr>().ok()?),
            None => host.to_owned(),
        };
        let is_plain = |byte: u8| {
            byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'?' | b'#' | b'@')
        };
        let is_scheme =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let is_whole = !host.is_empty() && !scheme.is_empty();
        (is_whole && host.bytes().all(is_plain) && scheme.bytes().all(is_scheme)).then_some(Self {
            scheme,
            host,
            port,
        })
    }

    /// Whether the host is a subdomain of the parent's, with the same scheme and port.
    pub fn is_below(&self, parent: &Self) -> bool {
        let name = self.host.strip_suffix(parent.host.as_str());
        let is_longer = name.is_some_and(|name| name.len() > 1 && name.ends_with('.'));
        is_longer && (&self.scheme, self.port) == (&parent.scheme, parent.port)
    }
}

/// The path and query of a redirect's target on this site. `target` may be a path, or an absolute
/// URL of `host`. Anything else is `None`, so that no link to us redirects to another site
/// (`Django 5.2 utils/http.py`, `url_has_allowed_host_and_scheme`).
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
            let target = Origin::new(scheme, authority)?;
            if Origin::new(scheme, host)? != target {
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
        let found = local_target("https://books.example:443/a/", "books.example");
        assert_eq!(found.as_deref(), Some("/a/"));
    }

    #[test]
    fn origins_are_equal_by_scheme_host_and_port() {
        let parse = |text: &str| Origin::parse(text);
        for (left, right) in [
            ("https://a.example", "https://a.example:443"),
            ("https://a.example", "HTTPS://A.Example"),
            ("http://a.example:80", "http://a.example:"),
            ("http://a.example:0080", "http://a.example"),
            ("http://[::1]:8000", "http://[0:0:0:0:0:0:0:1]:8000"),
        ] {
            assert!(parse(left).is_some(), "{left}");
            assert_eq!(parse(left), parse(right), "{left} {right}");
        }
        for (left, right) in [
            ("https://a.example", "http://a.example"),
            ("https://a.example:80", "http://a.example:443"),
            ("https://a.example", "https://a.example:8443"),
            ("https://a.example", "https://a.example."),
            ("https://a.example", "https://b.a.example"),
            ("http://[::1]", "http://[::2]"),
        ] {
            assert_ne!(parse(left), parse(right), "{left} {right}");
            assert!(parse(right).is_some(), "{right}");
        }
        for none in [
            "null",
            "",
            "https://",
            "://a.example",
            "https:a.example",
            "https://a.example/",
            "https://a.example?b",
            "https://user@a.example",
            "https://a.example:x",
            "https://a.example:65536",
            "https://a.example:+80",
            "https://a.example:443:443",
            "https://[::1",
            "https://[::1]x",
            "https://[x]",
            "https://a b",
            "https://é.example",
        ] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_below_is_longer_by_a_name() {
        let parent = Origin::parse("https://example.com:443").unwrap();
        for (text, expected) in [
            ("https://a.example.com", true),
            ("https://b.a.EXAMPLE.com", true),
            ("https://example.com", false),
            ("https://.example.com", false),
            ("https://aexample.com", false),
            ("http://a.example.com", false),
            ("https://a.example.com:8443", false),
        ] {
            assert_eq!(
                Origin::parse(text).unwrap().is_below(&parent),
                expected,
                "{text}"
            );
        }
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
