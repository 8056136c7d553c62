//! Who asks, and over what: the client's address and the scheme, through trusted proxies.
//!
//! A visitor can write any `X-Forwarded-…` header; only what a trusted peer wrote counts, and
//! of a list only the entry that the outermost trusted proxy added. `X-Forwarded-Host` never
//! counts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::server::PeerAddress;

/// Which peers are proxies of ours, and how to read what they say.
#[derive(Debug, Clone)]
pub struct Config {
    /// The peers that are believed.
    pub trusted: Trusted,
    /// Which entry of `X-Forwarded-For`, counted from the right, is the client; from 1.
    pub hops: usize,
    /// A header that holds the client's address alone, in place of `X-Forwarded-For`.
    pub client_ip_header: Option<HeaderName>,
}

/// A set of peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// Every peer: the platform's proxy is the only way in.
    Any,
    /// The peers of these networks.
    Networks(Vec<IpNet>),
}

/// The address of whoever sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Whether the peer is a proxy of ours, so that what its headers say counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// It is.
    Trusted,
    /// Anybody.
    Stranger,
}

/// What the client spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// TLS, ended by a proxy of ours.
    Https,
}

impl Scheme {
    /// As in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Trusted {
    /// This machine alone.
    pub fn loopback() -> Self {
        Self::Networks(vec![
            IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ])
    }

    /// Whether a peer is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Networks(networks) => networks.iter().any(|network| network.contains(&address)),
        }
    }
}

/// The layer: [`Config::read_request`].
pub async fn read_forwarded(
    State(config): State<Arc<Config>>,
    mut request: Request,
    next: Next,
) -> Response {
    config.read_request(&mut request);
    next.run(request).await
}

impl Config {
    /// Puts [`ClientAddress`], [`Scheme`] and [`Peer`] into the request's extensions.
    pub fn read_request(&self, request: &mut Request) {
        let peer = request.extensions().get::<PeerAddress>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let (client, scheme) = self.read(peer, request.headers());
        let peer = if self.trusted.contains(peer) {
            Peer::Trusted
        } else {
            Peer::Stranger
        };
        let extensions = request.extensions_mut();
        extensions.insert(client);
        extensions.insert(scheme);
        extensions.insert(peer);
    }

    /// Who asks and over what, given the peer and the headers.
    pub fn read(&self, peer: IpAddr, headers: &HeaderMap) -> (ClientAddress, Scheme) {
        if !self.trusted.contains(peer) {
            return (ClientAddress(peer), Scheme::Http);
        }
        let address = match &self.client_ip_header {
            Some(name) => entry_from_right(headers, name.as_str(), 1),
            None => entry_from_right(headers, "x-forwarded-for", self.hops),
        };
        let client = address.and_then(parse_address).unwrap_or(peer);
        let scheme = match entry_from_right(headers, "x-forwarded-proto", 1) {
            Some(proto) if proto.eq_ignore_ascii_case("https") => Scheme::Https,
            _ => Scheme::Http,
        };
        (ClientAddress(client), scheme)
    }
}

/// The n-th entry from the right of a header that is a list, over all its lines; the leftmost
/// when there are fewer.
fn entry_from_right<'a>(headers: &'a HeaderMap, name: &str, number: usize) -> Option<&'a str> {
    let lines = headers.get_all(name).iter().rev();
    let entries = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    entries.take(number.max(1)).last().map(str::trim)
}

/// An address, alone or with a port as some proxies write it.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = IpAddr::from_str(bare)
        .or_else(|_| SocketAddr::from_str(text).map(|address| address.ip()))
        .ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[track_caller]
    fn check(config: &Config, lines: &[(&'static str, &str)], expected: (&str, Scheme)) {
        let (client, scheme) = config.read("127.0.0.1".parse().unwrap(), &headers(lines));
        assert_eq!((client.0.to_string().as_str(), scheme), expected);
    }

    fn config() -> Config {
        Config {
            trusted: Trusted::loopback(),
            hops: 1,
            client_ip_header: None,
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let headers = headers(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
        ]);
        let peer = "192.0.2.7".parse().unwrap();
        let (client, scheme) = config().read(peer, &headers);
        assert_eq!((client.0, scheme), (peer, Scheme::Http));
    }

    #[test]
    fn the_entry_that_our_proxy_added_is_the_client() {
        let spoofed = "6.6.6.6, 192.0.2.7";
        check(
            &config(),
            &[("x-forwarded-for", spoofed)],
            ("192.0.2.7", Scheme::Http),
        );
        let two = Config {
            hops: 2,
            ..config()
        };
        check(
            &two,
            &[
                ("x-forwarded-for", "6.6.6.6, 192.0.2.7"),
                ("x-forwarded-for", "10.0.0.1"),
            ],
            ("192.0.2.7", Scheme::Http),
        );
        check(
            &two,
            &[("x-forwarded-for", "192.0.2.7")],
            ("192.0.2.7", Scheme::Http),
        );
        check(
            &config(),
            &[("x-forwarded-for", "[2001:db8::1]:443")],
            ("2001:db8::1", Scheme::Http),
        );
        check(
            &config(),
            &[("x-forwarded-for", "192.0.2.7:5000")],
            ("192.0.2.7", Scheme::Http),
        );
        check(
            &config(),
            &[("x-forwarded-for", "nonsense")],
            ("127.0.0.1", Scheme::Http),
        );
    }

    #[test]
    fn a_header_of_its_own_wins_when_named() {
        let named = Config {
            client_ip_header: Some(HeaderName::from_static("true-client-ip")),
            ..config()
        };
        let lines = [
            ("x-forwarded-for", "6.6.6.6"),
            ("true-client-ip", "192.0.2.7"),
        ];
        check(&named, &lines, ("192.0.2.7", Scheme::Http));
    }

    #[test]
    fn the_scheme_is_the_last_proxys_word() {
        check(
            &config(),
            &[("x-forwarded-proto", "HTTPS")],
            ("127.0.0.1", Scheme::Https),
        );
        check(
            &config(),
            &[("x-forwarded-proto", "https, http")],
            ("127.0.0.1", Scheme::Http),
        );
    }
}
