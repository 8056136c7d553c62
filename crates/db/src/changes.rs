//! Detects commits, so that a cache of what was read from the database can be emptied.
//!
//! A [`Generation`] is a number that grows with every commit that is detected. A commit of this
//! program advances it before the writer is answered. Commits of others are detected by the watcher:
//! a task with a connection of its own that polls the database every 40 ms, as long as
//! somebody asks for the generation.
//!
//! - SQLite: `PRAGMA data_version` changes when another connection has committed. A file that was
//!   exchanged has another identity.
//! - PostgreSQL: the current snapshot names the next transaction id and the transactions in progress
//!   below it. It changes whenever a transaction ends that has written, in any database of the server.
//!
//! The result of a poll is valid for 95 ms from the poll's start. Without a valid result the
//! generation is unknown, so that a watcher that is slow, disconnected or gone never makes old
//! content current. A database that answers more slowly than that leaves it unknown.
//!
//! It is always unknown behind a pooler in transaction mode, since each poll might reach another server,
//! and on a standby of PostgreSQL, whose snapshots do not name the transactions in progress.

mod poll;

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout_at};

pub(crate) use self::poll::Target;
use self::poll::{Observation, poll_with_retry};
use crate::address::Address;

/// The time from the start of one poll to the start of the next.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// How long the result of a poll is valid, from the poll's start. Commits of others show within
/// 100 ms because of it.
const VALID_FOR: Duration = Duration::from_millis(95);

/// How long the watcher goes on polling after the generation was last asked for. Whoever asks after a
/// longer pause waits for a poll, which takes less time than the polls of the pause would.
const IDLE_AFTER: Duration = POLL_INTERVAL;

/// The pause after a failed poll.
const RETRY_INTERVAL: Duration = Duration::from_millis(250);

/// After so many late polls in a row callers do not wait for the next one.
const SLOW_POLLS: u32 = 3;

/// After so long without a quick poll the log says that pages are rendered anew.
const SLOW_LIMIT: Duration = Duration::from_secs(5);

/// How long a caller waits for a poll. After that the generation counts as unknown.
const WAIT_FOR_POLL: Duration = Duration::from_secs(1);

/// A number that grows with every detected commit. Equal generations mean equal content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation(u64);

impl Generation {
    /// The number, which never decreases.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// The current generation and the state of the watcher, shared by a database and its watcher.
pub(crate) struct Changes {
    generation: AtomicU64,
    start: Instant,
    /// The start of the last successful poll, in microseconds from `start`; 0 if there is no valid one.
    polled_us: AtomicU64,
    /// Polls that began before this are not valid, in microseconds from `start`.
    expired_us: AtomicU64,
    /// When the generation was last asked for, in microseconds from `start`.
    asked_us: AtomicU64,
    state: AtomicU8,
    /// Wakes the watcher: the generation is asked for.
    asked: Notify,
    /// Wakes the callers that wait: a poll has ended, successful or not.
    polled: Notify,
    watcher: Mutex<Option<Watcher>>,
}

/// The running task, which stops when `stop` is dropped.
struct Watcher {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What came of the watcher's last poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum WatcherState {
    /// No poll has ended yet.
    New,
    /// It succeeded.
    Watching,
    /// It succeeded, but too late to be valid, as those before it.
    Slow,
    /// It failed.
    Lost,
    /// It found that commits cannot be detected.
    Undetectable,
}

impl Changes {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            generation: AtomicU64::new(1),
            start: Instant::now(),
            polled_us: AtomicU64::new(0),
            expired_us: AtomicU64::new(0),
            asked_us: AtomicU64::new(0),
            state: AtomicU8::new(WatcherState::New as u8),
            asked: Notify::new(),
            polled: Notify::new(),
            watcher: Mutex::new(None),
        })
    }

    /// Starts a new generation, since something may have been committed.
    pub(crate) fn advance(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// A guard that starts a new generation when it is dropped. So a statement that writes does it
    /// even if it fails, or if the future that waits for it is dropped.
    pub(crate) fn advance_on_drop(self: &Arc<Self>) -> AdvanceOnDrop {
        AdvanceOnDrop(Arc::clone(self))
    }

    /// Makes the polls that have begun until now invalid.
    pub(crate) fn expire_polls(&self) {
        self.expired_us.fetch_max(self.now_us(), Ordering::AcqRel);
    }

    /// Whether no commit was detected since that generation.
    pub(crate) fn is_current(&self, generation: Generation) -> bool {
        self.generation.load(Ordering::Acquire) == generation.0
    }

    /// The generation, if the last poll is still valid.
    pub(crate) fn known_generation(&self) -> Option<Generation> {
        let now_us = self.now_us();
        self.asked_us.store(now_us, Ordering::Relaxed);
        // The watcher advances the generation before it stores the time of the poll. In this order of
        // loads, whoever sees the time also sees the generation.
        let polled_us = self.polled_us.load(Ordering::Acquire);
        let is_fresh = polled_us > self.expired_us.load(Ordering::Acquire)
            && now_us.saturating_sub(polled_us) < micros(VALID_FOR);
        is_fresh.then(|| Generation(self.generation.load(Ordering::Acquire)))
    }

    /// The generation, after waiting for a poll if necessary; `None` if it is unknown.
    pub(crate) async fn generation(self: &Arc<Self>, target: &Target) -> Option<Generation> {
        if let Some(generation) = self.known_generation() {
            return Some(generation);
        }
        self.start_watcher(target);
        let deadline = tokio::time::Instant::now() + WAIT_FOR_POLL;
        loop {
            let mut polled = pin!(self.polled.notified());
            // Enabled before the generation is read: otherwise a poll that ends in between would wake
            // nobody.
            polled.as_mut().enable();
            if let Some(generation) = self.known_generation() {
                return Some(generation);
            }
            self.asked.notify_one();
            // A slow poll must not make every page wait for the next one, which is as slow.
            if !matches!(self.state(), WatcherState::New | WatcherState::Watching) {
                return None;
            }
            timeout_at(deadline, polled).await.ok()?;
        }
    }

    /// Makes the watcher connect again, as the pool does: another server may serve the database by
    /// now. A lost watcher connects again anyway.
    pub(crate) fn reconnect(&self) {
        if self.state() == WatcherState::Watching {
            self.drop_watcher();
        }
    }

    /// Stops the watcher without waiting.
    pub(crate) fn drop_watcher(&self) {
        self.polled_us.store(0, Ordering::Release);
        drop(self.lock().take());
    }

    /// Stops the watcher, and waits until its connection is closed.
    pub(crate) async fn stop(&self) {
        self.polled_us.store(0, Ordering::Release);
        let watcher = self.lock().take();
        if let Some(Watcher { stop, task }) = watcher {
            drop(stop);
            // An error means that the runtime is shutting down: then there is nothing to wait for.
            let _ = task.await;
        }
    }

    fn start_watcher(self: &Arc<Self>, target: &Target) {
        let mut watcher = self.lock();
        if watcher.as_ref().is_some_and(|one| !one.task.is_finished()) {
            return;
        }
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run_watcher(Arc::clone(self), target.clone(), stopped));
        *watcher = Some(Watcher { stop, task });
    }

    /// Stores the start of a successful poll.
    fn mark_polled(&self, began_us: u64) {
        self.polled_us.store(began_us.max(1), Ordering::Release);
        if self.set(WatcherState::Watching) == WatcherState::Lost {
            tracing::info!("changes of the database are detected again: pages are cached");
        }
        self.polled.notify_waiters();
    }

    fn mark_lost(&self, error: &dyn fmt::Display) {
        self.polled_us.store(0, Ordering::Release);
        if self.set(WatcherState::Lost) != WatcherState::Lost {
            tracing::warn!(
                %error,
                "changes of the database cannot be detected: until they can, every page is rendered anew"
            );
        }
        self.polled.notify_waiters();
    }

    fn mark_slow(&self) {
        self.polled_us.store(0, Ordering::Release);
        self.set(WatcherState::Slow);
        self.polled.notify_waiters();
    }

    fn mark_undetectable(&self, reason: &str, address: &Address) {
        self.polled_us.store(0, Ordering::Release);
        if self.set(WatcherState::Undetectable) != WatcherState::Undetectable {
            tracing::info!(
                "{reason}, changes of the {address} cannot be detected: every page is rendered anew"
            );
        }
        self.polled.notify_waiters();
    }

    fn state(&self) -> WatcherState {
        WatcherState::from(self.state.load(Ordering::Acquire))
    }

    /// Sets the state, and returns the previous one.
    fn set(&self, state: WatcherState) -> WatcherState {
        WatcherState::from(self.state.swap(state as u8, Ordering::AcqRel))
    }

    fn was_asked_lately(&self) -> bool {
        let asked_us = self.asked_us.load(Ordering::Relaxed);
        self.now_us().saturating_sub(asked_us) < micros(IDLE_AFTER)
    }

    fn now_us(&self) -> u64 {
        micros(self.start.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Watcher>> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl From<u8> for WatcherState {
    fn from(number: u8) -> Self {
        match number {
            1 => Self::Watching,
            2 => Self::Slow,
            3 => Self::Lost,
            4 => Self::Undetectable,
            _ => Self::New,
        }
    }
}

/// Starts a new generation when it is dropped.
pub(crate) struct AdvanceOnDrop(Arc<Changes>);

impl Drop for AdvanceOnDrop {
    fn drop(&mut self) {
        self.0.advance();
    }
}

/// How quickly polls have succeeded lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PollSpeed {
    /// The last one in time.
    Quick,
    /// The last one too late, as happens on a busy machine: callers wait for the next.
    Late,
    /// Several too late: callers do not wait.
    Slow,
}

/// The polls in a row that succeeded too late.
#[derive(Debug, Default)]
struct LatePolls {
    count: u32,
    since: Option<Instant>,
    is_logged: bool,
}

impl LatePolls {
    /// Takes the duration of a successful poll.
    fn note(&mut self, duration: Duration) -> PollSpeed {
        if duration < VALID_FOR {
            *self = Self::default();
            return PollSpeed::Quick;
        }
        self.count += 1;
        if self.count < SLOW_POLLS {
            return PollSpeed::Late;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= SLOW_LIMIT && !self.is_logged {
            self.is_logged = true;
            tracing::warn!(
                "the database answers too slowly for its changes to be detected in time: until it is \
                 quicker, every page is rendered anew"
            );
        }
        PollSpeed::Slow
    }
}

/// The watcher's task: polls while the generation is asked for, until it is stopped.
async fn run_watcher(changes: Arc<Changes>, target: Target, mut stopped: oneshot::Receiver<()>) {
    let mut watch = None;
    let mut late_polls = LatePolls::default();
    loop {
        if !changes.was_asked_lately() {
            tokio::select! {
                _ = &mut stopped => break,
                () = changes.asked.notified() => {}
            }
        }
        let began = Instant::now();
        let began_us = changes.now_us();
        let polled = tokio::select! {
            _ = &mut stopped => break,
            polled = poll_with_retry(&mut watch, &target) => polled,
        };
        let pause = match polled {
            Ok(Observation::Undetectable(reason)) => {
                changes.mark_undetectable(reason, &target.config.address);
                RETRY_INTERVAL
            }
            Ok(seen) => {
                if seen == Observation::Changed {
                    changes.advance();
                }
                match late_polls.note(began.elapsed()) {
                    PollSpeed::Quick => changes.mark_polled(began_us),
                    PollSpeed::Late => {}
                    PollSpeed::Slow => changes.mark_slow(),
                }
                POLL_INTERVAL
            }
            Err(error) => {
                changes.mark_lost(&error);
                RETRY_INTERVAL
            }
        };
        tokio::select! {
            _ = &mut stopped => break,
            () = sleep(pause.saturating_sub(began.elapsed())) => {}
        }
    }
    if let Some(watch) = watch {
        watch.close().await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::sessions::KnownSessions;
    use crate::testing::config;

    #[tokio::test]
    async fn nobody_waits_for_polls_that_come_too_late() {
        let changes = Changes::new();
        let config = config("sqlite:////nowhere/site.sqlite3");
        let sessions = KnownSessions::new(&config.address);
        let target = Target { config, sessions };
        // A watcher of which nothing is heard.
        let (stop, _stopped) = oneshot::channel();
        let task = tokio::spawn(pending());
        *changes.lock() = Some(Watcher { stop, task });
        assert_eq!(changes.generation(&target).now_or_never(), None);
        changes.mark_slow();
        assert_eq!(changes.generation(&target).now_or_never(), Some(None));
        changes.mark_polled(changes.now_us());
        let known = changes.generation(&target).now_or_never();
        assert_eq!(known, Some(Some(Generation(1))));
        changes.expire_polls();
        assert_eq!(changes.generation(&target).now_or_never(), None);
    }

    #[test]
    fn polls_are_slow_when_several_in_a_row_come_too_late() {
        let mut late_polls = LatePolls::default();
        for (milliseconds, expected) in [
            (20, PollSpeed::Quick),
            (95, PollSpeed::Late),
            (94, PollSpeed::Quick),
            (200, PollSpeed::Late),
            (200, PollSpeed::Late),
            (200, PollSpeed::Slow),
            (2_000, PollSpeed::Slow),
            (94, PollSpeed::Quick),
            (95, PollSpeed::Late),
        ] {
            let found = late_polls.note(Duration::from_millis(milliseconds));
            assert_eq!(found, expected, "{milliseconds} ms");
        }
    }
}
