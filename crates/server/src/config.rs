//! The configuration of a server, and the types by which it tells the application something.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::limits::Limits;
use crate::memory::RequestMemory;
use crate::peers::Trusted;
use crate::stats::Stats;

/// The default memory of all requests together.
pub const DEFAULT_REQUEST_MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// The configuration of a server.
#[derive(Clone)]
pub struct Config {
    /// The limits.
    pub limits: Limits,
    /// The peers that are proxies for many clients. [`Limits::max_connections_per_address`] does not apply
    /// to them.
    pub proxies: Trusted,
    /// The server's counters.
    pub stats: Arc<Stats>,
    /// What all requests together may keep.
    pub memory: Arc<RequestMemory>,
    /// Called for requests that are refused before the application sees them.
    pub on_refusal: Arc<dyn Fn(&Refusal<'_>) + Send + Sync>,
    /// How long a server that is asked to stop goes on listening, so that a load balancer can learn of the
    /// stop. Meanwhile each answer closes its connection.
    pub shutdown_delay: Duration,
}

impl Config {
    /// Without proxies and delay; nobody is told of refusals.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            proxies: Trusted::Networks(Vec::new()),
            stats: Arc::default(),
            memory: RequestMemory::new(DEFAULT_REQUEST_MEMORY_BYTES),
            on_refusal: Arc::new(|_| {}),
            shutdown_delay: Duration::ZERO,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("limits", &self.limits)
            .field("proxies", &self.proxies)
            .field("stats", &self.stats)
            .field("memory", &self.memory)
            .field("shutdown_delay", &self.shutdown_delay)
            .finish_non_exhaustive()
    }
}

/// A request that was refused before the application could see it; its connection is closed.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// Where it came from.
    pub peer: SocketAddr,
    /// The status it was answered with; none where no answer would have been understood.
    pub status: Option<StatusCode>,
    /// Why, in a few words that hold nothing of the request.
    pub reason: &'a str,
}

/// A response extension: the body's bytes are shared by many answers and stay in memory anyway, so that
/// they are not counted for this one.
#[derive(Clone, Copy, Debug)]
pub struct SharedBody;
