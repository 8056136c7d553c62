//! The address of a connection's peer, and the set of peers that are proxies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The address a request's connection came from, in every request's extensions. An IPv4 client of a
/// dual-stack socket has its IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// A set of peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// Every peer: the platform's proxy is the only way in.
    Any,
    /// The peers of these networks.
    Networks(Vec<IpNet>),
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
        let address = address.to_canonical();
        match self {
            Self::Any => true,
            Self::Networks(networks) => networks.iter().any(|network| network.contains(&address)),
        }
    }
}
