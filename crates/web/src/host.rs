//! The hosts that the site answers to (`ALLOWED_HOSTS`), the layer that checks them, and the site's
//! own address for absolute URLs.
//!
//! After `Django 5.2 http/request.py` (`validate_host`, `split_domain_port`), but a request
//! without exactly one `Host` is refused too (RFC 9112, 3.2).

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Version;
use http::header::HOST;
use http::request::Parts;

use crate::error::Error;
use crate::forwarded::Scheme;

/// The longest name of a host (RFC 1035, 2.3.4, without the dot of the root).
const MAX_NAME_BYTES: usize = 253;

/// The hosts of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    patterns: Vec<Pattern>,
    /// The ports that entries name: `example.com:8443`.
    ports: Vec<u16>,
}

/// The site's address as the request named it, `scheme://host`: for canonical addresses, the
/// sitemap and the like. [`check_host`] adds it to each request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteAddress(pub String);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// `*`
    Any,
    /// `.example.com`, kept with its dot.
    DomainAndBelow(String),
    /// `example.com`, `127.0.0.1`, `[::1]`
    Exactly(String),
}

/// An entry of `ALLOWED_HOSTS` that is no host. Holds the entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host name, an address, `.domain` or `*`")]
pub struct HostError(pub String);

impl AllowedHosts {
    /// Reads entries of `ALLOWED_HOSTS`; a port, case and a trailing dot do not count for what is
    /// allowed.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, HostError> {
        let mut hosts = Self::default();
        for entry in entries {
            let (pattern, port) = parse_pattern(entry)?;
            hosts.patterns.push(pattern);
            hosts.ports.extend(port);
        }
        Ok(hosts)
    }

    /// Adds the hosts of another list.
    pub fn extend(&mut self, other: Self) {
        self.patterns.extend(other.patterns);
        self.ports.extend(other.ports);
    }

    /// Whether there is no host at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether every host is allowed.
    pub fn allows_any(&self) -> bool {
        self.patterns.contains(&Pattern::Any)
    }

    /// Whether every host is this machine by name: `localhost` and below, loopback addresses.
    pub fn is_local(&self) -> bool {
        self.patterns.iter().all(|pattern| match pattern {
            Pattern::Any => false,
            Pattern::DomainAndBelow(name) | Pattern::Exactly(name) => is_local(name),
        })
    }

    /// Whether a `Host` header's value is well formed and allowed.
    pub fn allows(&self, host: &str) -> bool {
        normalise(host).is_some_and(|(name, _)| self.allows_name(&name))
    }

    fn allows_name(&self, host: &str) -> bool {
        self.patterns.iter().any(|pattern| match pattern {
            Pattern::Any => true,
            Pattern::Exactly(name) => name == host,
            Pattern::DomainAndBelow(name) => host.ends_with(name) || *host == name[1..],
        })
    }

    /// The address of the site under a host; `None` if the host is malformed or not allowed.
    pub(crate) fn site_address(&self, host: &str, scheme: Scheme) -> Option<SiteAddress> {
        let mut address = String::new();
        self.push_site_address(&mut address, host, scheme)?;
        Some(SiteAddress(address))
    }

    /// Appends the address of the site to a text. The port is the visitor's claim, and stored copies of
    /// the page would keep a URL whose port nobody listens on. So the port is kept only if the name is
    /// this machine's own, or if `ALLOWED_HOSTS` names the port.
    pub(crate) fn push_site_address(
        &self,
        text: &mut String,
        host: &str,
        scheme: Scheme,
    ) -> Option<()> {
        let (name, port) = normalise(host).filter(|(name, _)| self.allows_name(name))?;
        text.extend([scheme.as_str(), "://", &name]);
        let default = match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        let is_public =
            |port: &u16| *port != default && (is_local(&name) || self.ports.contains(port));
        if let Some(port) = port.filter(is_public) {
            text.extend([":", &port.to_string()]);
        }
        Some(())
    }
}

/// Whether a name is `localhost`, a name below it, or a loopback address.
fn is_local(name: &str) -> bool {
    name == "localhost"
        || name.ends_with(".localhost")
        || name == "[::1]"
        || name
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

impl SiteAddress {
    /// The address that [`check_host`] added to a request; an internal error if the layer is
    /// missing.
    pub fn of(parts: &Parts) -> Result<Self, Error> {
        let found = parts.extensions.get().cloned();
        found.ok_or_else(|| Error::Internal(anyhow::anyhow!("no host was checked")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SiteAddress {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(parts)
    }
}

/// The layer: 400 for a request whose host is missing, doubled, malformed or not allowed.
pub async fn check_host(
    State(allowed): State<Arc<AllowedHosts>>,
    mut request: Request,
    next: Next,
) -> Response {
    let scheme = scheme_of(&request);
    let address = find_host(&request).and_then(|host| {
        let address = allowed.site_address(host, scheme);
        address.ok_or(Error::BadRequest("error-host-not-allowed"))
    });
    match address {
        Ok(address) => request.extensions_mut().insert(address),
        Err(error) => return error.into_response(),
    };
    next.run(request).await
}

/// The scheme that [`crate::forwarded`] has found.
pub(crate) fn scheme_of(request: &Request) -> Scheme {
    request.extensions().get().copied().unwrap_or(Scheme::Http)
}

/// The layer for paths that answer to any host. HTTP/1.1 still demands exactly one `Host`.
pub async fn check_host_is_single(request: Request, next: Next) -> Response {
    match find_host(&request) {
        Err(error) if request.version() == Version::HTTP_11 => error.into_response(),
        _ => next.run(request).await,
    }
}

/// The host that the request names: that of its target if this is an absolute URL (RFC 9112,
/// 3.2.2), else that of `Host`. In either case there must be exactly one `Host`.
pub fn find_host(request: &Request) -> Result<&str, Error> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Error::BadRequest("error-host-not-single"));
    };
    let not_allowed = Error::BadRequest("error-host-not-allowed");
    let uri = request.uri();
    match (uri.authority(), uri.scheme_str()) {
        (Some(authority), Some("http" | "https")) => Ok(authority.as_str()),
        (Some(_), _) => Err(not_allowed),
        (None, _) => host.to_str().map_err(|_| not_allowed),
    }
}

/// What an entry allows, and the port that it names.
fn parse_pattern(entry: &str) -> Result<(Pattern, Option<u16>), HostError> {
    if entry == "*" {
        return Ok((Pattern::Any, None));
    }
    let (dot, name) = match entry.strip_prefix('.') {
        Some(name) => (".", name),
        None => ("", entry),
    };
    let (name, port) = normalise(name).ok_or_else(|| HostError(entry.to_owned()))?;
    let pattern = if dot.is_empty() {
        Pattern::Exactly(name.into_owned())
    } else {
        Pattern::DomainAndBelow(format!(".{name}"))
    };
    Ok((pattern, port))
}

/// The host in lower case without port and trailing dot, and the port; `None` when it is not well
/// formed: letters, digits, dots and dashes, or an IPv6 address in brackets. A number that is no
/// port counts as none.
fn normalise(host: &str) -> Option<(Cow<'_, str>, Option<u16>)> {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => host.split_at(end + 2),
        None => host
            .find(':')
            .map_or((host, ""), |colon| host.split_at(colon)),
    };
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return None;
    }
    let port = port.strip_prefix(':').and_then(|port| port.parse().ok());
    if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return Some((in_lower_case(name), port));
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let is_well_formed = (1..=MAX_NAME_BYTES).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(is_host);
    is_well_formed.then(|| (in_lower_case(name), port))
}

fn in_lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hosts(entries: &[&str]) -> AllowedHosts {
        AllowedHosts::parse(entries.iter().copied()).unwrap()
    }

    #[test]
    fn a_name_is_itself_whatever_its_port_case_and_trailing_dot() {
        let allowed = hosts(&["Example.com:8000", "[::1]", "127.0.0.1"]);
        for host in [
            "example.com",
            "EXAMPLE.com.",
            "example.com:80",
            "[::1]:8000",
            "127.0.0.1:1",
        ] {
            assert!(allowed.allows(host), "{host}");
        }
        for host in [
            "",
            "www.example.com",
            "example.com.evil.org",
            "notexample.com",
            "example.com:8o",
            "example.com:123456",
            "example.com/",
            "ex ample.com",
            "[::2]",
            "[::1",
            "example.com@evil.org",
            "..",
        ] {
            assert!(!allowed.allows(host), "{host}");
        }
    }

    #[test]
    fn a_leading_dot_covers_the_name_and_what_is_below() {
        let allowed = hosts(&[".example.com"]);
        for host in ["example.com", "a.example.com", "a.b.example.com:443"] {
            assert!(allowed.allows(host), "{host}");
        }
        for host in ["aexample.com", "example.com.org", ".example.com"] {
            assert!(!allowed.allows(host), "{host}");
        }
    }

    #[test]
    fn a_star_allows_every_well_formed_host() {
        let allowed = hosts(&["*"]);
        assert!(allowed.allows("anything.example"));
        assert!(!allowed.allows("a\"b"));
        assert!(!allowed.allows("under_score"));
        let label = "a".repeat(63);
        let longest = [&*label, &label, &label, &label[2..]].join(".");
        assert!(allowed.allows(&format!("{longest}.:8000")));
        assert!(!allowed.allows(&format!("b{longest}")));
    }

    #[test]
    fn entries_that_are_no_hosts_are_refused() {
        for entry in [
            "https://example.com",
            "a b",
            "*.example.com",
            "",
            ".",
            "a/b",
        ] {
            assert_eq!(
                AllowedHosts::parse([entry]),
                Err(HostError(entry.to_owned())),
                "{entry}"
            );
        }
    }

    #[test]
    fn a_port_is_repeated_only_where_it_is_known_to_lead_here() {
        let allowed = hosts(&[
            ".example.com",
            "books.example:8443",
            "localhost",
            "[::1]",
            "127.0.0.1",
        ]);
        for (host, scheme, expected) in [
            ("example.com", Scheme::Http, "example.com"),
            ("EXAMPLE.com.:8000", Scheme::Http, "example.com"),
            ("example.com:22", Scheme::Https, "example.com"),
            ("example.com:443", Scheme::Https, "example.com"),
            ("books.example:8443", Scheme::Https, "books.example:8443"),
            ("books.example:08443", Scheme::Https, "books.example:8443"),
            ("books.example:8444", Scheme::Https, "books.example"),
            ("books.example:99999", Scheme::Https, "books.example"),
            ("localhost:8000", Scheme::Http, "localhost:8000"),
            ("localhost:80", Scheme::Http, "localhost"),
            ("127.0.0.1:1", Scheme::Http, "127.0.0.1:1"),
            ("[::1]:8000", Scheme::Http, "[::1]:8000"),
            ("[::1]", Scheme::Http, "[::1]"),
        ] {
            let SiteAddress(found) = allowed.site_address(host, scheme).unwrap();
            let expected = format!("{}://{expected}", scheme.as_str());
            assert_eq!(found, expected, "{host}");
        }
    }

    #[test]
    fn local_lists_are_recognised() {
        assert!(hosts(&["localhost", ".localhost", "127.0.0.1", "[::1]"]).is_local());
        assert!(!hosts(&["localhost", "example.com"]).is_local());
        assert!(!hosts(&["*"]).is_local());
        assert!(!hosts(&["notlocalhost"]).is_local());
        assert!(!hosts(&["127.evil.example"]).is_local());
    }

    proptest! {
        #[test]
        fn no_text_panics_or_passes_without_being_a_host(host in ".*") {
            let allowed = hosts(&["*"]).allows(&host);
            let is_plain = host.bytes().all(|b| b.is_ascii_graphic() && !b"/\\@\"'<>%".contains(&b));
            prop_assert!(!allowed || is_plain);
        }

        #[test]
        fn a_subdomain_never_matches_an_exact_entry(label in "[a-z0-9]{1,9}") {
            let host = format!("{label}.example.com");
            prop_assert!(!hosts(&["example.com"]).allows(&host));
            prop_assert!(hosts(&[".example.com"]).allows(&host));
        }
    }
}
