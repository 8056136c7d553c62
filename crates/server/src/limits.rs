//! The limits of the server, each with its name and its default.

use std::time::Duration;

/// The longest head that hyper may be allowed. Below this, hyper's own limit on the target (65,534 bytes)
/// is never reached, so that its 431 is always about the head.
const HYPER_MAX_HEAD_BYTES: usize = 64 * 1024;

/// hyper's `DEFAULT_MAX_HEADERS`, which it keeps on the stack. Setting any number costs two allocations a
/// request, so this one is not set.
pub(crate) const HYPER_DEFAULT_MAX_HEADERS: usize = 100;

/// The server's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections served at a time. Beyond that, one that waits for its client gives way to a new one. If
    /// none does, the new one waits in the system's queue.
    pub max_connections: usize,
    /// Connections of one address, or of one IPv6 /64, at a time. Beyond that, one that waits for its
    /// client gives way to a new one of its address. If none does, the new one is closed. Our own
    /// proxies have no such limit.
    pub max_connections_per_address: usize,
    /// When places run out: how long a client may have kept a request or an answer waiting before its
    /// connection gives way as well.
    pub crowded_patience: Duration,
    /// From the first byte of a request's head (of a connection's first request: from the accept)
    /// to its end.
    pub header_read_timeout: Duration,
    /// How long a kept-alive connection may stay silent between two requests.
    pub idle_timeout: Duration,
    /// How long a client may read nothing while bytes wait for it.
    pub write_stall_timeout: Duration,
    /// How long we still read what a client sends after our side was closed over an unread body, so that
    /// the client can read the answer (RFC 9112, section 9.6).
    pub linger_timeout: Duration,
    /// Bytes of a request's line; more is answered 414.
    pub max_request_line_bytes: usize,
    /// Bytes of a request's head, its first line included; more is answered 431. Also bounds what
    /// is read ahead. At most 64 KiB. Each connection may keep that much twice.
    pub max_header_bytes: usize,
    /// Header lines of a request; more are answered 431.
    pub max_headers: usize,
    /// Requests that the application works on at a time; more are answered 503, and those with a body
    /// from three quarters on. One that waits for its client does not count. This limit and the four
    /// that follow are kept by a layer inside the application.
    pub max_requests_in_flight: usize,
    /// How long an answer may take to begin, without the time for which it waited for the client.
    pub request_timeout: Duration,
    /// How long a request's body may pause.
    pub body_read_timeout: Duration,
    /// How long a client may keep us waiting, in all, for a request's body or with an answer,
    /// before its speed counts.
    pub slow_grace: Duration,
    /// The least average speed from then on: each further second of waiting has to move as many bytes.
    pub min_bytes_per_second: u32,
    /// How long a stopping server waits for the requests in flight.
    pub shutdown_grace: Duration,
    /// How long a stopping server waits for the first byte of a connection that it has accepted.
    pub shutdown_silence: Duration,
}

impl Limits {
    /// The limits of a server that faces the internet.
    pub const fn production() -> Self {
        Self {
            max_connections: 1024,
            max_connections_per_address: 128,
            crowded_patience: Duration::from_secs(5),
            header_read_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_stall_timeout: Duration::from_secs(30),
            linger_timeout: Duration::from_secs(2),
            max_request_line_bytes: 8 * 1024,
            max_header_bytes: 16 * 1024,
            max_headers: HYPER_DEFAULT_MAX_HEADERS,
            max_requests_in_flight: 512,
            request_timeout: Duration::from_secs(30),
            body_read_timeout: Duration::from_secs(30),
            slow_grace: Duration::from_secs(30),
            min_bytes_per_second: 1024,
            shutdown_grace: Duration::from_secs(30),
            shutdown_silence: Duration::from_secs(1),
        }
    }

    /// How long a client may keep us waiting if it has moved this many bytes meanwhile.
    pub fn patience(&self, moved_bytes: u64) -> Duration {
        let bought = moved_bytes / u64::from(self.min_bytes_per_second.max(1));
        self.slow_grace.saturating_add(Duration::from_secs(bought))
    }

    /// The value for hyper of [`Limits::max_header_bytes`].
    pub(crate) fn hyper_head_bytes(&self) -> usize {
        self.max_header_bytes.min(HYPER_MAX_HEAD_BYTES)
    }
}
