//! Which addresses may be asked: by their form, and by the machine that they lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use ureq::http::Uri;
use ureq::http::uri::{PathAndQuery, Scheme};

/// How many bytes an address may have.
pub const ADDRESS_BYTES_MAX: usize = 2_000;

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public ones over https.
    #[default]
    Public,
    /// The machine's own as well, also over http: for tests.
    Loopback,
}

/// The address of a feed that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Uri);

/// Why an address cannot be that of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address.
    #[error("not an address")]
    Malformed,
    /// It is of another kind, such as `http:` or `file:`.
    #[error("not an address that begins with https://")]
    NotHttps,
    /// It has a name and a password in front of the host.
    #[error("an address with a password")]
    Credentials,
    /// It is that of a machine that is not public.
    #[error("not a public address")]
    NotPublic,
}

impl Address {
    /// Checks the form. A name is looked up when it is asked.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > ADDRESS_BYTES_MAX || !text.is_ascii() {
            return Err(AddressError::Malformed);
        }
        // Calendar programs write it so.
        let text = match text.split_at_checked("webcal://".len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("webcal://") => {
                format!("https://{rest}")
            }
            _ => text.to_owned(),
        };
        let text = text.split_once('#').map_or(text.as_str(), |(text, _)| text);
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        Self::new(uri, reach)
    }

    fn new(uri: Uri, reach: Reach) -> Result<Self, AddressError> {
        let scheme = uri.scheme().ok_or(AddressError::NotHttps)?;
        let authority = uri.authority().ok_or(AddressError::Malformed)?;
        let host = authority.host();
        if authority.as_str().contains('@') {
            return Err(AddressError::Credentials);
        }
        if host.is_empty() {
            return Err(AddressError::Malformed);
        }
        let ip = host.trim_matches(['[', ']']).parse().ok();
        let local = reach == Reach::Loopback && ip.is_some_and(|ip: IpAddr| ip.is_loopback());
        if *scheme != Scheme::HTTPS && !(local && *scheme == Scheme::HTTP) {
            return Err(AddressError::NotHttps);
        }
        if ip.is_some_and(|ip| !is_public(ip)) && !local {
            return Err(AddressError::NotPublic);
        }
        Ok(Self(uri))
    }

    /// The address that a redirect names.
    pub(super) fn join(&self, target: &str, reach: Reach) -> Result<Self, AddressError> {
        if !target.starts_with('/') || target.starts_with("//") {
            let target = match target.strip_prefix("//") {
                Some(rest) => format!("https://{rest}"),
                None => target.to_owned(),
            };
            return Self::parse(&target, reach);
        }
        let path = target.split_once('#').map_or(target, |(path, _)| path);
        let path: PathAndQuery = path.parse().map_err(|_| AddressError::Malformed)?;
        let mut parts = self.0.clone().into_parts();
        parts.path_and_query = Some(path);
        let uri = Uri::from_parts(parts).map_err(|_| AddressError::Malformed)?;
        Self::new(uri, reach)
    }

    /// The address as it is asked.
    pub fn as_str(&self) -> String {
        self.0.to_string()
    }
}

/// IPv4 addresses that lead to no public machine (IANA's register of special-purpose addresses).
const SPECIAL_V4: [Ipv4Net; 15] = [
    net4([0, 0, 0, 0], 8),
    net4([10, 0, 0, 0], 8),
    net4([100, 64, 0, 0], 10),
    net4([127, 0, 0, 0], 8),
    net4([169, 254, 0, 0], 16),
    net4([172, 16, 0, 0], 12),
    net4([192, 0, 0, 0], 24),
    net4([192, 0, 2, 0], 24),
    net4([192, 88, 99, 0], 24),
    net4([192, 168, 0, 0], 16),
    net4([198, 18, 0, 0], 15),
    net4([198, 51, 100, 0], 24),
    net4([203, 0, 113, 0], 24),
    net4([224, 0, 0, 0], 4),
    net4([240, 0, 0, 0], 4),
];

/// Where all public IPv6 addresses lie. Outside are loopback, local, multicast, those that hold an IPv4
/// address (`::ffff:0:0/96`, `64:ff9b::/96`) and whatever is added to them.
const GLOBAL_V6: Ipv6Net = net6([0x2000, 0, 0], 3);

/// Addresses among these that lead to no public machine, or to one of IPv4: protocols with Teredo,
/// documentation, 6to4, documentation.
const SPECIAL_V6: [Ipv6Net; 4] = [
    net6([0x2001, 0, 0], 23),
    net6([0x2001, 0xdb8, 0], 32),
    net6([0x2002, 0, 0], 16),
    net6([0x3fff, 0, 0], 20),
];

const fn net4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn net6([a, b, c]: [u16; 3], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// Whether an address is that of a machine in the public network.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|net| net.contains(&ip))
        }
    }
}
