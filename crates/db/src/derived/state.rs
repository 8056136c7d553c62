//! What a database knows of its derived tables: when they were last found right, and the work on them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Mutex as Turn;
use tokio::task::JoinHandle;

use crate::changes::Generation;

/// For how many times its own duration a comparison is not repeated, so that a table of a million rows,
/// which takes a second or more to compare, occupies a third of a processor at most.
const REST: u32 = 2;

/// Tables with fewer rows are not used while they may be behind: it takes little time to do without.
const MANY_ROWS: u64 = 10_000;

/// How far behind others' commits larger tables may be.
const LAG_LIMIT: Duration = Duration::from_secs(10);

/// The same in durations of a comparison, for machines on which the limit in seconds is too short: one
/// that ends, the rest after it, the next one, and one to spare.
const LAG_COMPARISONS: u32 = REST + 3;

/// Shared by the clones of a database.
#[derive(Debug, Default)]
pub(crate) struct DerivedState {
    inner: Mutex<Inner>,
    /// Held as long as there is work in the background.
    work: Arc<Turn<()>>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The last comparison that found all tables right.
    found_right: Option<Comparison>,
    is_allowed: bool,
    task: Option<JoinHandle<()>>,
    rests_until: Option<Instant>,
}

/// A comparison that found all tables right.
#[derive(Debug)]
pub(super) struct Comparison {
    /// The generation that was current when it began; `None` if that was unknown.
    pub(super) generation: Option<Generation>,
    /// The last time at which the tables are known to have been right: its beginning, at first.
    pub(super) right_at: Instant,
    /// How long it took.
    pub(super) duration: Duration,
    /// The rows of the largest of the tables' sources.
    pub(super) rows: u64,
}

/// Whether the tables can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are right.
    Right,
    /// They may be behind what others have committed in the last seconds.
    Behind,
    /// They may be wrong.
    Uncertain,
}

impl DerivedState {
    pub(super) fn set_right(&self, comparison: Comparison) {
        self.lock().found_right = Some(comparison);
    }

    /// How the tables are in the generation, `None` if that is unknown.
    pub(super) fn standing(&self, generation: Option<Generation>) -> Standing {
        let mut inner = self.lock();
        let Some(comparison) = &mut inner.found_right else {
            return Standing::Uncertain;
        };
        if generation.is_some() && comparison.generation == generation {
            comparison.right_at = Instant::now();
            return Standing::Right;
        }
        let limit = LAG_LIMIT.max(comparison.duration * LAG_COMPARISONS);
        if comparison.rows > MANY_ROWS && comparison.right_at.elapsed() < limit {
            return Standing::Behind;
        }
        Standing::Uncertain
    }

    /// Whether the tables were found right at any time, so that saves should keep them so.
    pub(super) fn was_right(&self) -> bool {
        self.lock().found_right.is_some()
    }

    /// Whether the tables are so small that they are used only while they are known to be right.
    pub(super) fn is_small(&self) -> bool {
        let inner = self.lock();
        let found = inner.found_right.as_ref();
        found.is_some_and(|comparison| comparison.rows <= MANY_ROWS)
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
        let mut inner = self.lock();
        let runs = inner.task.as_ref().is_some_and(|task| !task.is_finished());
        let rests = inner.rests_until.is_some_and(|end| Instant::now() < end);
        if inner.is_allowed && !runs && !rests {
            let turn = Arc::clone(&self.work).try_lock_owned();
            let work = work();
            inner.task = Some(tokio::spawn(async move {
                let _turn = turn;
                work.await;
            }));
        }
    }

    /// Waits for the end of the work in the background, if there is any.
    pub(super) async fn wait(&self) {
        drop(self.work.lock().await);
    }

    /// Rests in proportion to the time that a comparison took.
    pub(super) fn rest_after(&self, comparison: Duration) {
        self.lock().rests_until = Some(Instant::now() + comparison * REST);
    }

    /// Ends the work in the background, and waits until it has ended.
    pub(crate) async fn stop(&self) {
        let task = {
            let mut inner = self.lock();
            inner.is_allowed = false;
            inner.task.take()
        };
        if let Some(task) = task {
            task.abort();
            // An error is what was asked for: it was aborted.
            let _ = task.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
