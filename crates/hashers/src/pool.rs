//! Computes hashes on threads for blocking work, a few at a time, behind a queue of limited length.

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::encoded::Encoded;
use crate::hash::{encode, is_possible};
use crate::pace::{Pace, Work};

/// The longest queue of strangers, in hashing time on an idle machine. An attempt that would wait longer
/// is refused at once.
const LONGEST_QUEUE: Duration = Duration::from_secs(2);

/// The longest wait, which a busy machine may reach.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Computes hashes away from the threads that answer requests, so that fifty logins at once do
/// not keep a page waiting. Cheap to clone; all clones share the slots.
///
/// Strangers never take the last slot, which is left to known devices and to users who are logged in.
#[derive(Clone)]
pub struct Hashing {
    slots: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// Argon2 and scrypt take up to 256 MiB each: one is computed at a time. Only one stranger waits for
    /// it, so that a known device comes next.
    memory: Arc<Semaphore>,
    strangers_memory: Arc<Semaphore>,
    at_once: u32,
    /// The microseconds of hashing that the queue of strangers will take.
    queue_us: Arc<AtomicU64>,
    pace: Pace,
}

/// Who attempts a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// An unknown device.
    Stranger,
    /// A device that has logged in to the account before.
    KnownDevice,
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The password does not match, or there is no hash that it could match.
    Wrong,
    /// The password matches.
    Right {
        /// Whether its hash took less work than a new one: [`crate::must_update`].
        must_update: bool,
    },
}

/// The queue is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// The right to verify one password now.
#[derive(Debug)]
pub struct HashingSlot {
    encoded: Option<String>,
    held: Option<HeldPermits>,
    began: tokio::time::Instant,
    pace: Pace,
}

/// The permits and the queue entry, released by a drop.
#[derive(Debug)]
struct HeldPermits {
    _permits: Vec<OwnedSemaphorePermit>,
    _queue_entry: Option<QueueEntry>,
}

/// The part of one attempt in [`Hashing::queue_us`].
#[derive(Debug)]
struct QueueEntry {
    queue_us: Arc<AtomicU64>,
    own_us: u64,
}

impl Drop for QueueEntry {
    fn drop(&mut self) {
        self.queue_us.fetch_sub(self.own_us, Ordering::Relaxed);
    }
}

impl Hashing {
    /// Computes this many hashes of strangers at a time. Half the number of processors leaves the other
    /// half to pages.
    pub fn new(at_once: NonZeroUsize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            slots: semaphore(at_once.get() + 1),
            strangers: semaphore(at_once.get()),
            memory: semaphore(1),
            strangers_memory: semaphore(1),
            at_once: u32::try_from(at_once.get()).unwrap_or(u32::MAX),
            queue_us: Arc::default(),
            pace: Pace::default(),
        }
    }

    /// One at a time, for a command that has nothing else to do.
    pub fn alone() -> Self {
        Self::new(NonZeroUsize::MIN)
    }

    /// Learns the costs of the stored hashes, of which one of each kind and cost is given.
    pub async fn learn(&self, stored: Vec<String>) {
        let pace = self.pace.clone();
        compute(move || {
            let parsed = stored.iter().filter_map(|encoded| Encoded::parse(encoded));
            let works: Vec<_> = parsed.map(|encoded| Work::of(&encoded)).collect();
            pace.learn(&works);
        })
        .await;
    }

    /// The hash of a new password. It takes the slot that strangers leave free, since its caller is
    /// already logged in.
    pub async fn encode(&self, password: SecretString) -> String {
        let slot = acquire(&self.slots).await;
        compute(move || {
            let _slot = slot;
            encode(password.expose_secret())
        })
        .await
    }

    /// Waits for a slot to compare a password with a stored hash, or with `None` if there is no account.
    /// Both wait in the same queue, so that the wait does not tell whether there is an account.
    pub async fn acquire_slot(
        &self,
        caller: Caller,
        encoded: Option<String>,
    ) -> Result<HashingSlot, Busy> {
        let parsed = encoded.as_deref().and_then(Encoded::parse);
        let work = parsed.as_ref().map(Work::of);
        let needs_much_memory = parsed.is_some_and(|encoded| encoded.needs_much_memory());
        if let Some(work) = work {
            self.pace.note_stored(work);
        }
        let queue_entry = match caller {
            Caller::Stranger => Some(self.join_queue(work)?),
            Caller::KnownDevice => None,
        };
        let entered = tokio::time::timeout(LONGEST_WAIT, async {
            let mut permits = Vec::new();
            if caller == Caller::Stranger {
                permits.push(acquire(&self.strangers).await);
            }
            // The time of a refusal counts from here. Until here all attempts have waited alike; what
            // follows depends on the stored hash.
            let began = tokio::time::Instant::now();
            if work.is_none() {
                return (began, None);
            }
            // Memory first: an attempt that waits for it must not hold one of the slots.
            if needs_much_memory && caller == Caller::Stranger {
                permits.push(acquire(&self.strangers_memory).await);
            }
            if needs_much_memory {
                permits.push(acquire(&self.memory).await);
            }
            permits.push(acquire(&self.slots).await);
            (began, Some(permits))
        });
        let (began, permits) = entered.await.map_err(|_| Busy)?;
        Ok(HashingSlot {
            encoded,
            held: permits.map(|permits| HeldPermits {
                _permits: permits,
                _queue_entry: queue_entry,
            }),
            began,
            pace: self.pace.clone(),
        })
    }

    fn join_queue(&self, work: Option<Work>) -> Result<QueueEntry, Busy> {
        let own = work.map_or(Duration::ZERO, |work| self.pace.fastest(work));
        let queue_entry = QueueEntry {
            queue_us: Arc::clone(&self.queue_us),
            own_us: u64::try_from(own.as_micros()).unwrap_or(u64::MAX / 1_000),
        };
        // The entry adds its time before the check, so that attempts at the same moment see each other. On
        // a refusal its drop takes the time away again.
        let before = self
            .queue_us
            .fetch_add(queue_entry.own_us, Ordering::Relaxed);
        if Duration::from_micros(before) > LONGEST_QUEUE * self.at_once {
            return Err(Busy);
        }
        Ok(queue_entry)
    }

    /// The present time between the start of hashing and the answer of a refusal.
    pub fn refusal(&self) -> Duration {
        self.pace.refusal()
    }

    /// Waits until a refusal may be answered: the time of [`Self::refusal`], at least `least`, after
    /// [`HashingSlot::began`].
    pub async fn wait_to_refuse(&self, began: tokio::time::Instant, least: Duration) {
        loop {
            // The time may have grown while we slept, by a dearer hash or a slower machine.
            let end = began + self.pace.refusal().max(least);
            if tokio::time::Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

impl HashingSlot {
    /// When hashing could begin.
    pub fn began(&self) -> tokio::time::Instant {
        self.began
    }

    /// Compares a password. The computation runs to its end even if the caller's future is dropped.
    pub async fn verify(self, password: SecretString) -> Verification {
        let Self {
            encoded,
            held,
            pace,
            ..
        } = self;
        let Some(held) = held else {
            return Verification::Wrong;
        };
        compute(move || {
            let _held = held;
            let Some(encoded) = encoded.as_deref().and_then(Encoded::parse) else {
                return Verification::Wrong;
            };
            let start = Instant::now();
            let is_right =
                is_possible(password.expose_secret()) && encoded.verify(password.expose_secret());
            if is_possible(password.expose_secret()) {
                pace.note_computed(Work::of(&encoded), start.elapsed());
            }
            if is_right {
                let must_update = encoded.is_weak();
                Verification::Right { must_update }
            } else {
                Verification::Wrong
            }
        })
        .await
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Hashing")
            .field("free_places", &self.strangers.available_permits())
            .finish_non_exhaustive()
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let permit = Arc::clone(semaphore).acquire_owned().await;
    permit.expect("the semaphore is never closed")
}

async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The task is only cancelled when the runtime shuts down, which drops this future too.
            Err(_) => std::future::pending().await,
        },
    }
}
