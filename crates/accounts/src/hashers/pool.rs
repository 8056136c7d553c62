//! Where hashes are computed: on threads for blocking work, a few at a time.

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::encoded::Encoded;
use super::{ROUNDS, verify_for};

/// The most work that is done for nothing: more than any release of Django has as its default
/// (1,500,000 in 6.1). One row of many more rounds must not slow down everybody.
const MAX_IDLE_ROUNDS: u32 = 2_000_000;

/// Computes hashes away from the threads that answer requests, so that fifty logins at once do
/// not keep a page waiting. Cheap to clone; all clones share the places.
///
/// Whoever waits for a place waits without a limit: a caller who has less patience drops the
/// future. Work that has begun is finished even then, and keeps its place until it is.
#[derive(Clone)]
pub struct Hashing {
    places: Arc<Semaphore>,
    /// Argon2 and scrypt take up to 256 MiB each: one at a time.
    memory: Arc<Semaphore>,
    /// The most rounds that a stored hash had so far: what every verification takes, so that those
    /// whose hash another program made are not told from nobody by the time.
    rounds: Arc<AtomicU32>,
}

/// What became of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It is not the one, or no password is.
    Wrong,
    /// It is the one.
    Right {
        /// Whether its hash took less work than a new one: [`super::must_update`].
        must_update: bool,
    },
}

impl Hashing {
    /// So many hashes at a time. Half of the processors leaves the other half to pages.
    pub fn new(at_once: NonZeroUsize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once.get())),
            memory: Arc::new(Semaphore::new(1)),
            rounds: Arc::new(AtomicU32::new(ROUNDS)),
        }
    }

    /// One at a time, for a command that has nothing else to do.
    pub fn alone() -> Self {
        Self::new(NonZeroUsize::MIN)
    }

    /// What to store for a new password.
    pub async fn encode(&self, password: SecretString) -> String {
        let place = acquire(&self.places).await;
        compute(move || {
            let _place = place;
            super::encode(password.expose_secret())
        })
        .await
    }

    /// Compares a password with what is stored, or with nothing (`None`) where there is no
    /// account. It takes about as long as the dearest hash of rounds that was seen so far.
    pub async fn verify(&self, password: SecretString, encoded: Option<String>) -> Verification {
        let parsed = encoded.as_deref().and_then(Encoded::parse);
        let seen = parsed.as_ref().map_or(0, Encoded::rounds);
        let needs_much_memory = parsed.is_some_and(|encoded| encoded.needs_much_memory());
        let rounds = self.rounds_after(seen);
        // First the rarer: nobody waits for memory with a place in the hand.
        let memory = if needs_much_memory {
            Some(acquire(&self.memory).await)
        } else {
            None
        };
        let place = acquire(&self.places).await;
        compute(move || {
            let _held = (memory, place);
            let encoded = encoded.as_deref().and_then(Encoded::parse);
            let is_right = verify_for(rounds, password.expose_secret(), encoded.as_ref());
            match encoded {
                Some(encoded) if is_right => Verification::Right {
                    must_update: encoded.is_weak(),
                },
                _ => Verification::Wrong,
            }
        })
        .await
    }

    /// How many rounds every verification takes from now on, when a hash of so many was seen.
    fn rounds_after(&self, seen: u32) -> u32 {
        let seen = seen.min(MAX_IDLE_ROUNDS);
        self.rounds.fetch_max(seen, Ordering::Relaxed).max(seen)
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Hashing")
            .field("free_places", &self.places.available_permits())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Django beside us may make dearer hashes than we do. Whoever has one must not be told from
    /// nobody by the time that a refusal takes.
    #[tokio::test]
    async fn every_verification_takes_the_rounds_of_the_dearest_hash() {
        let hashing = Hashing::alone();
        let dear = |rounds| Some(format!("pbkdf2_sha256${rounds}$salt$x"));
        for (seen, expected) in [
            (None, ROUNDS),
            (dear(700_000), 700_000),
            (dear(10), 700_000),
        ] {
            hashing.verify("wrong".into(), seen).await;
            assert_eq!(hashing.rounds.load(Ordering::Relaxed), expected);
        }
        assert_eq!(hashing.clone().rounds_after(u32::MAX), MAX_IDLE_ROUNDS);
        assert_eq!(hashing.rounds_after(0), MAX_IDLE_ROUNDS);
    }
}
