//! The client's address and the scheme of a request, as trusted proxies report them.
//!
//! A visitor can write any `X-Forwarded-…` header, so only what a trusted peer wrote counts. Of a
//! list, only the entry that the outermost trusted proxy added counts: the address and the scheme
//! come from the same place in their lists. `X-Forwarded-Host` never counts.

mod edges;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use server::{PeerAddress, Trusted};

use self::edges::Edges;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Which peers are proxies of ours, and how to read their headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The peers whose headers count.
    pub trusted: Trusted,
    /// The entry of `X-Forwarded-For` and `X-Forwarded-Proto` that is about the client, counted
    /// from the right, from 1. Of a shorter list it is the leftmost.
    pub hops: usize,
    /// The header with the client's address.
    pub address: AddressHeader,
}

/// Where a trusted peer writes the client's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressHeader {
    /// In `X-Forwarded-For`, a list.
    ForwardedFor,
    /// In this header, alone.
    Named(HeaderName),
    /// In this header, alone, if the peer has an address of a private network; else in
    /// `X-Forwarded-For`. This is for a platform that has another network's proxies in front of its
    /// own: a visitor who reaches us past those may have written the header themselves.
    NamedByPrivatePeer(HeaderName),
}

/// The address of the client that sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Whether the peer is a proxy of ours, so that its headers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A proxy of ours.
    Trusted,
    /// Any other peer.
    Untrusted,
}

/// The scheme that the client used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// TLS, ended by a proxy of ours.
    Https,
}

impl Scheme {
    /// The scheme as it stands in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Reads the proxies' headers of each request, and warns once if the result looks wrong.
#[derive(Debug)]
pub struct Forwarded {
    config: Config,
    edges: Edges,
    has_warned_of_edge: AtomicBool,
}

/// The layer: [`Forwarded::read_request`].
pub async fn read_forwarded(
    State(forwarded): State<Arc<Forwarded>>,
    mut request: Request,
    next: Next,
) -> Response {
    forwarded.read_request(&mut request);
    next.run(request).await
}

impl Forwarded {
    /// Reads headers by this configuration.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            edges: Edges::known(),
            has_warned_of_edge: AtomicBool::new(false),
        }
    }

    /// Puts [`ClientAddress`], [`Scheme`] and [`Peer`] into the request's extensions.
    pub fn read_request(&self, request: &mut Request) {
        let peer = request.extensions().get::<PeerAddress>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let (client, scheme) = self.config.read(peer, request.headers());
        let trust = if self.config.trusted.contains(peer) {
            Peer::Trusted
        } else {
            Peer::Untrusted
        };
        // If a forwarded request seems to come from an edge, the edge was taken for its client.
        // Without `X-Forwarded-For`, a client inside the edge's network may have sent the request
        // itself.
        if request.headers().contains_key(FORWARDED_FOR) {
            self.warn_of_edge(client, trust);
        }
        let extensions = request.extensions_mut();
        extensions.insert(client);
        extensions.insert(scheme);
        extensions.insert(trust);
    }

    /// Warns, once in the life of the process, when the address that is taken for the client's
    /// belongs to a network of proxies.
    fn warn_of_edge(&self, ClientAddress(client): ClientAddress, peer: Peer) {
        if self.has_warned_of_edge.load(Ordering::Relaxed) {
            return;
        }
        let Some(edge) = self.edges.of(client) else {
            return;
        };
        // Of several requests at the same time, only the first one warns.
        if self.has_warned_of_edge.swap(true, Ordering::Relaxed) {
            return;
        }
        let remedy = match (peer, &self.config.address) {
            (Peer::Untrusted, _) => format!(
                "set FORWARDED_ALLOW_IPS to its networks ({}), so that what it says of its clients counts",
                edge.source
            ),
            (Peer::Trusted, AddressHeader::Named(name)) => {
                format!(
                    "set CLIENT_IP_HEADER to the header in which it gives its client's address; `{name}` is not"
                )
            }
            (Peer::Trusted, _) => format!(
                "set FORWARDED_HOPS={}{}",
                self.config.hops + 1,
                edge.header
                    .map(|name| format!(", or CLIENT_IP_HEADER={name}"))
                    .unwrap_or_default()
            ),
        };
        tracing::warn!(
            client.address = %client,
            "an address of {} is taken for a client's, so that the log and the brake on logins mean \
             all who come through it: {remedy}",
            edge.name,
        );
    }
}

impl Config {
    /// The client's address and the scheme, by the peer's address and the headers.
    pub fn read(&self, peer: IpAddr, headers: &HeaderMap) -> (ClientAddress, Scheme) {
        let peer = peer.to_canonical();
        if !self.trusted.contains(peer) {
            return (ClientAddress(peer), Scheme::Http);
        }
        let alone = |name: &HeaderName| entry_from_right(headers, name, 1).and_then(parse_address);
        // A request that came through fewer proxies has fewer entries in `X-Forwarded-For`. The
        // scheme is then read at the same place: further to the left, the visitor may have written
        // the entry.
        let hop = match entries_from_right(headers, &FORWARDED_FOR).count() {
            0 => self.hops,
            entries => self.hops.min(entries),
        };
        let in_list = || entry_from_right(headers, &FORWARDED_FOR, hop).and_then(parse_address);
        let client = match &self.address {
            AddressHeader::Named(name) => alone(name),
            AddressHeader::NamedByPrivatePeer(name) if is_private(peer) => {
                alone(name).or_else(in_list)
            }
            AddressHeader::ForwardedFor | AddressHeader::NamedByPrivatePeer(_) => in_list(),
        };
        let scheme = match entry_from_right(headers, &FORWARDED_PROTO, hop) {
            Some(proto) if proto.eq_ignore_ascii_case(b"https") => Scheme::Https,
            _ => Scheme::Http,
        };
        (ClientAddress(client.unwrap_or(peer)), scheme)
    }
}

/// The n-th entry from the right of a header that is a list; the leftmost when there are fewer.
fn entry_from_right<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    number: usize,
) -> Option<&'a [u8]> {
    let entries = entries_from_right(headers, name);
    entries.take(number.max(1)).last().map(<[u8]>::trim_ascii)
}

/// The entries of a header that is a list, over all its lines, the last first. They are read as
/// bytes: a proxy adds its entry to whatever a visitor has written, which need not be text.
fn entries_from_right<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
}

/// An address, alone or as some proxies write it: with a port, an IPv6 address in brackets.
fn parse_address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .and_then(|text| Ipv6Addr::from_str(text).ok())
        .map(IpAddr::V6);
    let with_port = || SocketAddr::from_str(text).ok().map(|address| address.ip());
    let address = bracketed
        .or_else(|| IpAddr::from_str(text).ok())
        .or_else(with_port)?;
    Some(address.to_canonical())
}

/// Whether an address is of this machine or of a network that is not reached from outside
/// (RFC 1918, 3927, 4193, 4291, 6598).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests;
