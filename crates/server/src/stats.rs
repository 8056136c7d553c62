//! The server's counters, for metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// The counters of a server, shared with the application.
#[derive(Debug, Default)]
pub struct Stats {
    connections_accepted: AtomicU64,
    connections_open: AtomicUsize,
    requests_in_flight: AtomicUsize,
    cuts: [AtomicU64; Cut::ALL.len()],
    is_stopping: AtomicBool,
}

/// Why the server, and not the client or the application, ended a connection or a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cut {
    /// A new connection was closed: its address has as many as it may.
    AddressFull,
    /// A connection that waited for its client was closed, to make room for a new one.
    GaveWay,
    /// A request's head was not there in time.
    HeaderTimeout,
    /// A kept connection was silent for too long.
    IdleTimeout,
    /// A client took its answer too slowly, or not at all.
    SlowReader,
    /// A client went on sending after its answer for too long.
    LingerTimeout,
    /// A connection was still open at the end of the shutdown's grace.
    ShutdownGrace,
    /// 400: the request was not HTTP, or could be read in two ways.
    Malformed,
    /// 414: the request's line was too long.
    LineTooLong,
    /// 431: the request's head was too large, or had too many lines.
    HeadTooLarge,
    /// 501: a transfer coding that is not known.
    UnknownCoding,
    /// 408: a request's body came too slowly.
    SlowBody,
    /// 503: there were as many requests in flight as may be.
    TooManyRequests,
    /// 503: the answer did not begin in time.
    RequestTimeout,
    /// 503: requests kept as much in memory as they may.
    MemoryFull,
}

impl Cut {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::AddressFull,
        Self::GaveWay,
        Self::HeaderTimeout,
        Self::IdleTimeout,
        Self::SlowReader,
        Self::LingerTimeout,
        Self::ShutdownGrace,
        Self::Malformed,
        Self::LineTooLong,
        Self::HeadTooLarge,
        Self::UnknownCoding,
        Self::SlowBody,
        Self::TooManyRequests,
        Self::RequestTimeout,
        Self::MemoryFull,
    ];

    /// A name for machines: lower case, words joined by `_`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AddressFull => "address_full",
            Self::GaveWay => "gave_way",
            Self::HeaderTimeout => "header_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::SlowReader => "slow_reader",
            Self::LingerTimeout => "linger_timeout",
            Self::ShutdownGrace => "shutdown_grace",
            Self::Malformed => "malformed",
            Self::LineTooLong => "line_too_long",
            Self::HeadTooLarge => "head_too_large",
            Self::UnknownCoding => "unknown_coding",
            Self::SlowBody => "slow_body",
            Self::TooManyRequests => "too_many_requests",
            Self::RequestTimeout => "request_timeout",
            Self::MemoryFull => "memory_full",
        }
    }
}

impl Stats {
    /// Connections accepted since the start.
    pub fn connections_accepted(&self) -> u64 {
        self.connections_accepted.load(Relaxed)
    }

    /// Connections open now.
    pub fn connections_open(&self) -> usize {
        self.connections_open.load(Relaxed)
    }

    /// Requests that the application handles now, as counted by its layer of limits.
    pub fn requests_in_flight(&self) -> usize {
        self.requests_in_flight.load(Relaxed)
    }

    /// How often the server has ended something for this reason.
    pub fn cuts(&self, cut: Cut) -> u64 {
        self.cuts[cut as usize].load(Relaxed)
    }

    /// Whether the server has been asked to stop, though it may still be listening.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Relaxed)
    }

    pub(crate) fn count_accepted(&self) {
        self.connections_accepted.fetch_add(1, Relaxed);
    }

    /// Something was ended for this reason.
    pub fn count_cut(&self, cut: Cut) {
        self.cuts[cut as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn set_connections_open(&self, number: usize) {
        self.connections_open.store(number, Relaxed);
    }

    pub(crate) fn set_stopping(&self) {
        self.is_stopping.store(true, Relaxed);
    }

    /// Counts a request in; false, and not counted, if there are `most` already.
    pub fn begin_request(&self, most: usize) -> bool {
        let number = self.requests_in_flight.fetch_add(1, Relaxed);
        if number < most {
            return true;
        }
        self.end_request();
        false
    }

    /// Counts a request in again after it has waited for its client, even beyond the limit.
    pub fn resume_request(&self) {
        self.requests_in_flight.fetch_add(1, Relaxed);
    }

    /// Counts a request out: it is answered, or waits for its client.
    pub fn end_request(&self) {
        self.requests_in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cut_has_its_counter_and_its_name() {
        let stats = Stats::default();
        for cut in Cut::ALL {
            stats.count_cut(cut);
        }
        for cut in Cut::ALL {
            assert_eq!(stats.cuts(cut), 1, "{cut:?}");
        }
        let mut names = Cut::ALL.map(Cut::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn a_request_above_the_limit_is_not_counted_in() {
        let stats = Stats::default();
        assert!(stats.begin_request(1));
        assert!(!stats.begin_request(1));
        assert_eq!(stats.requests_in_flight(), 1);
        stats.resume_request();
        assert_eq!(stats.requests_in_flight(), 2);
        stats.end_request();
        stats.end_request();
        assert!(stats.begin_request(1));
    }
}
