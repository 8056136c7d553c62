//! Who is at the other end of a connection.

use std::net::SocketAddr;

/// The address a request's connection came from, in every request's extensions. An IPv4 client of a
/// dual-stack socket has its IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);
