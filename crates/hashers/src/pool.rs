//! Where hashes are computed: on threads for blocking work, a few at a time, after a line that has an
//! end.

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

/// The longest line of strangers, in time of hashing on a machine that has nothing else to do.
/// Whoever would wait longer is sent away at once.
const LONGEST_LINE: Duration = Duration::from_secs(2);

/// Where the machine has much else to do, nobody waits longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Computes hashes away from the threads that answer requests, so that fifty logins at once do
/// not keep a page waiting. Cheap to clone; all clones share the places.
///
/// Strangers share so many places, and never take the one more that is for known devices and for who
/// is logged in already.
#[derive(Clone)]
pub struct Hashing {
    places: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// Argon2 and scrypt take up to 256 MiB each: one at a time. Of strangers one waits for it, so
    /// that a known device is next.
    memory: Arc<Semaphore>,
    strangers_memory: Arc<Semaphore>,
    at_once: u32,
    /// The microseconds that those in the line of strangers will take.
    line_us: Arc<AtomicU64>,
    pace: Pace,
}

/// Who asks for a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Somebody who may be anybody: stands in line.
    Stranger,
    /// A device that has logged in to the account before, or whoever is logged in already.
    Known,
}

/// What became of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It is not the one, or no password is.
    Wrong,
    /// It is the one.
    Right {
        /// Whether its hash took less work than a new one: [`crate::must_update`].
        must_update: bool,
    },
}

/// The line is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// A place to verify a password in.
#[derive(Debug)]
pub struct Place {
    encoded: Option<String>,
    held: Option<Held>,
    began: tokio::time::Instant,
    pace: Pace,
}

/// What is given back when the work is done.
#[derive(Debug)]
struct Held {
    _permits: Vec<OwnedSemaphorePermit>,
    _in_line: Option<InLine>,
}

/// A part of the line.
#[derive(Debug)]
struct InLine {
    line_us: Arc<AtomicU64>,
    own_us: u64,
}

impl Drop for InLine {
    fn drop(&mut self) {
        self.line_us.fetch_sub(self.own_us, Ordering::Relaxed);
    }
}

impl Hashing {
    /// So many hashes of strangers at a time. Half of the processors leaves the other half to pages.
    pub fn new(at_once: NonZeroUsize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            places: semaphore(at_once.get() + 1),
            strangers: semaphore(at_once.get()),
            memory: semaphore(1),
            strangers_memory: semaphore(1),
            at_once: u32::try_from(at_once.get()).unwrap_or(u32::MAX),
            line_us: Arc::default(),
            pace: Pace::default(),
        }
    }

    /// One at a time, for a command that has nothing else to do.
    pub fn alone() -> Self {
        Self::new(NonZeroUsize::MIN)
    }

    /// Learns what the hashes that are stored cost: one of each kind and cost.
    pub async fn learn(&self, stored: Vec<String>) {
        let pace = self.pace.clone();
        compute(move || {
            let parsed = stored.iter().filter_map(|encoded| Encoded::parse(encoded));
            let works: Vec<_> = parsed.map(|encoded| Work::of(&encoded)).collect();
            pace.learn(&works);
        })
        .await;
    }

    /// What to store for a new password, which somebody has who is logged in.
    pub async fn encode(&self, password: SecretString) -> String {
        let place = acquire(&self.places).await;
        compute(move || {
            let _place = place;
            encode(password.expose_secret())
        })
        .await
    }

    /// Waits for a place to compare a password with what is stored, or with nothing (`None`) where
    /// there is no account. Both wait alike; who has nothing to compute only waits.
    pub async fn enter(&self, caller: Caller, encoded: Option<String>) -> Result<Place, Busy> {
        let parsed = encoded.as_deref().and_then(Encoded::parse);
        let work = parsed.as_ref().map(Work::of);
        let needs_much_memory = parsed.is_some_and(|encoded| encoded.needs_much_memory());
        if let Some(work) = work {
            self.pace.meet(work);
        }
        let in_line = match caller {
            Caller::Stranger => Some(self.stand_in_line(work)?),
            Caller::Known => None,
        };
        let entered = tokio::time::timeout(LONGEST_WAIT, async {
            let mut permits = Vec::new();
            if caller == Caller::Stranger {
                permits.push(acquire(&self.strangers).await);
            }
            // From here on the time counts: before, everybody has waited in the same line.
            let began = tokio::time::Instant::now();
            if work.is_none() {
                return (began, None);
            }
            // Nobody waits for memory with one of the places in the hand that are for all.
            if needs_much_memory && caller == Caller::Stranger {
                permits.push(acquire(&self.strangers_memory).await);
            }
            if needs_much_memory {
                permits.push(acquire(&self.memory).await);
            }
            permits.push(acquire(&self.places).await);
            (began, Some(permits))
        });
        let (began, permits) = entered.await.map_err(|_| Busy)?;
        Ok(Place {
            encoded,
            held: permits.map(|permits| Held {
                _permits: permits,
                _in_line: in_line,
            }),
            began,
            pace: self.pace.clone(),
        })
    }

    fn stand_in_line(&self, work: Option<Work>) -> Result<InLine, Busy> {
        let own = work.map_or(Duration::ZERO, |work| self.pace.at_best(work));
        let in_line = InLine {
            line_us: Arc::clone(&self.line_us),
            own_us: u64::try_from(own.as_micros()).unwrap_or(u64::MAX / 1_000),
        };
        let before = self.line_us.fetch_add(in_line.own_us, Ordering::Relaxed);
        if Duration::from_micros(before) > LONGEST_LINE * self.at_once {
            return Err(Busy);
        }
        Ok(in_line)
    }

    /// How long a refusal waits from the beginning of its work, by what is known now.
    pub fn refusal(&self) -> Duration {
        self.pace.refusal()
    }

    /// Waits until a refusal may be answered, and at least so long: everybody who is refused is
    /// answered so long after [`Place::began`].
    pub async fn wait_to_refuse(&self, began: tokio::time::Instant, least: Duration) {
        loop {
            // What is learned meanwhile counts.
            let end = began + self.pace.refusal().max(least);
            if tokio::time::Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

impl Place {
    /// When the work could begin.
    pub fn began(&self) -> tokio::time::Instant {
        self.began
    }

    /// Compares a password. It is done to its end even when nobody waits for it any longer.
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
                pace.computed(Work::of(&encoded), start.elapsed());
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
            // The runtime is going down and drops this future too.
            Err(_) => std::future::pending().await,
        },
    }
}
