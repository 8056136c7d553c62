//! What a database knows of its derived tables: when they were last found right, and the work on them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::changes::Generation;

/// For how many times its own duration a comparison is not repeated, so that a table of a million rows,
/// which takes seconds to compare, occupies a quarter of a processor at most.
const REST: u32 = 3;

/// Shared by the clones of a database.
#[derive(Debug, Default)]
pub(crate) struct DerivedState {
    /// The number of the generation in which all tables were found right; 0 before the first.
    right_at: AtomicU64,
    background: Mutex<Background>,
}

#[derive(Debug, Default)]
struct Background {
    is_allowed: bool,
    task: Option<JoinHandle<()>>,
    rests_until: Option<Instant>,
}

impl DerivedState {
    /// Remembers that the tables were right in that generation.
    pub(super) fn set_right_at(&self, generation: Generation) {
        self.right_at.store(generation.number(), Ordering::Release);
    }

    /// Whether the tables were found right in that generation.
    pub(super) fn is_right_at(&self, generation: Generation) -> bool {
        self.right_at.load(Ordering::Acquire) == generation.number()
    }

    /// Whether the tables were found right at any time, so that saves should keep them so.
    pub(super) fn was_right(&self) -> bool {
        self.right_at.load(Ordering::Acquire) > 0
    }

    /// Allows work in the background.
    pub(super) fn allow(&self) {
        self.lock().is_allowed = true;
    }

    /// Starts work in the background, unless it runs, rests or is not allowed.
    pub(super) fn start<F>(&self, work: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut background = self.lock();
        let runs = background
            .task
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        let rests = background
            .rests_until
            .is_some_and(|end| Instant::now() < end);
        if background.is_allowed && !runs && !rests {
            background.task = Some(tokio::spawn(work()));
        }
    }

    /// Rests in proportion to the time that a comparison took.
    pub(super) fn rest_after(&self, comparison: Duration) {
        self.lock().rests_until = Some(Instant::now() + comparison * REST);
    }

    /// Ends the work in the background, and waits until it has ended.
    pub(crate) async fn stop(&self) {
        let task = {
            let mut background = self.lock();
            background.is_allowed = false;
            background.task.take()
        };
        if let Some(task) = task {
            task.abort();
            // An error is what was asked for: it was aborted.
            let _ = task.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Background> {
        self.background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
