//! The budget for the memory of requests, of all connections together. It knows neither HTTP nor
//! connections.
//!
//! Heads, bodies and sessions count until their request is answered, answers until the system has taken
//! their bytes. Bytes that many answers share, such as a file in memory, do not count.
//!
//! A body can be refused: it asks first ([`Share::take`]), and fails beyond the budget. A head that has
//! arrived or an answer that was made is counted even beyond the budget ([`Share::add`]), and the next
//! requests are refused instead. From three quarters of the budget on, the connections that have kept
//! us waiting for the longest are closed, so that quick clients find room.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// How long a request waits for room: connections that are asked to give way need a moment to end.
const ADMISSION_PATIENCE: Duration = Duration::from_millis(50);

/// The budget of a process.
#[derive(Debug)]
pub struct RequestMemory {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
    refusals: AtomicU64,
    /// Notified when less than a quarter is left.
    is_tight: Notify,
    /// Notified when memory is given back.
    given_back: Notify,
    /// Notified when there is room again after there was none.
    has_room: Notify,
}

/// The budget has no room for the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("requests keep as much in memory as they may")]
pub struct MemoryFull;

impl RequestMemory {
    /// A budget of this many bytes.
    pub fn new(limit_bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            limit_bytes,
            used_bytes: AtomicUsize::new(0),
            refusals: AtomicU64::new(0),
            is_tight: Notify::new(),
            given_back: Notify::new(),
            has_room: Notify::new(),
        })
    }

    /// The most that there may be, in bytes.
    pub fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// The bytes that requests keep now. They may exceed the limit by what could not be refused.
    pub fn used_bytes(&self) -> usize {
        self.used_bytes.load(Relaxed)
    }

    /// How many requests were refused since the start.
    pub fn refusals(&self) -> u64 {
        self.refusals.load(Relaxed)
    }

    /// Admits a new request, or refuses it if the budget is used up and nothing is given back within a
    /// moment.
    pub async fn admit(&self) -> Result<(), MemoryFull> {
        let deadline = Instant::now() + ADMISSION_PATIENCE;
        loop {
            // Registered before the check, so that memory given back in between is not missed.
            let has_room = self.has_room.notified();
            if self.used_bytes() < self.limit_bytes {
                return Ok(());
            }
            self.is_tight.notify_one();
            if timeout_at(deadline, has_room).await.is_err() {
                return Err(self.refuse());
            }
        }
    }

    /// Whether less than a quarter is left.
    pub(crate) fn is_tight(&self) -> bool {
        self.excess_bytes() > 0
    }

    /// How many bytes have to be given back until a quarter is left.
    pub(crate) fn excess_bytes(&self) -> usize {
        self.used_bytes().saturating_sub(self.limit_bytes / 4 * 3)
    }

    /// Resolves after less than a quarter was left. That may be over by then.
    pub(crate) async fn tight(&self) {
        self.is_tight.notified().await;
    }

    /// Resolves after memory was given back, at once if that was since the last call.
    pub(crate) async fn given_back(&self) {
        self.given_back.notified().await;
    }

    fn refuse(&self) -> MemoryFull {
        self.refusals.fetch_add(1, Relaxed);
        MemoryFull
    }

    fn take(&self, bytes: usize) -> Result<(), MemoryFull> {
        let limit = self.limit_bytes;
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= limit);
        let result = self.used_bytes.fetch_update(Relaxed, Relaxed, more);
        if result.is_err() || self.is_tight() {
            self.is_tight.notify_one();
        }
        result.map(|_| ()).map_err(|_| self.refuse())
    }

    fn add(&self, bytes: usize) {
        self.used_bytes.fetch_add(bytes, Relaxed);
        if self.is_tight() {
            self.is_tight.notify_one();
        }
    }

    fn give_back(&self, bytes: usize) {
        let before = self.used_bytes.fetch_sub(bytes, Relaxed);
        self.given_back.notify_one();
        if before >= self.limit_bytes && before - bytes < self.limit_bytes {
            self.has_room.notify_waiters();
        }
    }
}

/// The part of the budget that one connection keeps.
#[derive(Clone, Debug)]
pub struct Account {
    memory: Arc<RequestMemory>,
    kept_bytes: Arc<AtomicUsize>,
}

impl Account {
    /// For a connection that keeps nothing yet.
    pub fn new(memory: &Arc<RequestMemory>) -> Self {
        Self {
            memory: Arc::clone(memory),
            kept_bytes: Arc::default(),
        }
    }

    /// The bytes that the end of the connection would give back.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.kept_bytes.load(Relaxed)
    }

    /// A share of zero bytes.
    pub fn share(&self) -> Share {
        Share {
            account: self.clone(),
            bytes: 0,
        }
    }

    /// Counts bytes of an answer until the last clone of them is dropped.
    pub(crate) fn count(&self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        let mut share = self.share();
        share.add(bytes.len());
        Bytes::from_owner(CountedBytes { bytes, share })
    }
}

/// A part of the budget, given back when it is dropped.
pub struct Share {
    account: Account,
    bytes: usize,
}

impl Share {
    /// Takes more bytes, if there is room.
    pub fn take(&mut self, bytes: usize) -> Result<(), MemoryFull> {
        self.account.memory.take(bytes)?;
        self.note(bytes);
        Ok(())
    }

    /// Counts more bytes, which are in memory already.
    pub fn add(&mut self, bytes: usize) {
        self.account.memory.add(bytes);
        self.note(bytes);
    }

    /// Gives all of it back.
    pub fn clear(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > 0 {
            self.account.kept_bytes.fetch_sub(bytes, Relaxed);
            self.account.memory.give_back(bytes);
        }
    }

    fn note(&mut self, bytes: usize) {
        self.account.kept_bytes.fetch_add(bytes, Relaxed);
        self.bytes += bytes;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.clear();
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Share({} bytes)", self.bytes)
    }
}

/// Bytes with their share of the budget, which the drop of the last clone gives back.
struct CountedBytes {
    bytes: Bytes,
    #[expect(dead_code, reason = "it works by being dropped")]
    share: Share,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_taken_is_refused_beyond_the_limit_and_given_back_by_the_drop() {
        let memory = RequestMemory::new(100);
        let account = Account::new(&memory);
        let mut first = account.share();
        first.take(60).unwrap();
        let mut second = account.share();

        assert_eq!(second.take(41), Err(MemoryFull));
        assert_eq!(memory.refusals(), 1);
        second.take(40).unwrap();
        assert_eq!(memory.used_bytes(), 100);
        assert_eq!(memory.admit().await, Err(MemoryFull));

        drop(first);
        assert_eq!(memory.used_bytes(), 40);
        assert_eq!(memory.admit().await, Ok(()));
        second.clear();
        assert_eq!(account.kept_bytes(), 0);
        assert_eq!(memory.used_bytes(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_others_give_way_is_admitted() {
        let memory = RequestMemory::new(100);
        let account = Account::new(&memory);
        let mut share = account.share();
        share.take(100).unwrap();

        let (admitted, ()) = tokio::join!(memory.admit(), async { drop(share) });

        assert_eq!(admitted, Ok(()));
        assert_eq!(memory.refusals(), 0);
    }

    #[test]
    fn an_answer_counts_until_its_last_part_is_gone() {
        let memory = RequestMemory::new(10);
        let account = Account::new(&memory);
        let mut answer = account.count(Bytes::from_static(b"a long answer"));
        assert_eq!(memory.used_bytes(), 13);
        assert!(memory.is_tight());

        let end = answer.split_off(4);
        drop(answer);
        assert_eq!(memory.used_bytes(), 13);
        assert_eq!(end, "ng answer");
        drop(end);
        assert_eq!(memory.used_bytes(), 0);
    }
}
