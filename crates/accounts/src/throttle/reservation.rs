//! The reservation of an attempt under way: waited for, held, settled.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::counts::{Row, sweep};
use super::limits::{Count, Lock, Rule, Scope, lock, lock_of, matching, obeyed, only_counted};
use super::queues::Throttle;
use crate::device::Caller;

/// Failures of an account from everywhere after which strangers are slowed down.
pub const SLOWED_AFTER: i64 = 10;
/// The least duration of a slowed attempt. The next one begins when it is over.
pub const SLOWED_ATTEMPT: Duration = Duration::from_millis(500);

/// How long the first in a queue waits for its reservation.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How often the first in a queue tries again: another instance may have settled a reservation, of
/// which this process is not notified.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Whether a password may be verified.
#[derive(Debug)]
pub enum Admission {
    /// It may. Settle the reservation afterwards.
    Reserved(Reservation),
    /// Too many attempts have failed.
    Locked(Lock),
    /// Too many attempts are under way.
    Busy,
}

/// The reservation of an attempt under way in its counts. A drop gives it back.
#[derive(Debug)]
pub struct Reservation {
    pub(super) throttle: Throttle,
    pub(super) keys: Vec<Count>,
    pub(super) time: DateTime<Utc>,
    pub(super) caller: Caller,
    pub(super) is_slowed: bool,
    pub(super) _stranger_permit: Option<OwnedSemaphorePermit>,
    pub(super) is_settled: bool,
}

/// Why a count refuses an attempt.
enum Objection {
    Locked(Lock),
    /// Reservations fill it, and may still turn out to be right passwords.
    Full,
}

impl Reservation {
    /// Whether the attempt is a known device's.
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// The least time that the attempt takes.
    pub fn least_duration(&self) -> Duration {
        if self.is_slowed {
            SLOWED_ATTEMPT
        } else {
            Duration::ZERO
        }
    }

    /// Tries until the counts accept the attempt. Only the first in a queue does this.
    pub(super) async fn wait(mut self, start: Instant) -> Result<Admission, DbErr> {
        let queues = Arc::clone(&self.throttle.queues);
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Registered before the try, so that a reservation settled between the try and the wait is
            // not missed.
            let mut settled = std::pin::pin!(queues.settled.notified());
            settled.as_mut().enable();
            let writers = match self.caller {
                Caller::Stranger => &queues.strangers,
                Caller::KnownDevice => &queues.devices,
            };
            let Ok(Ok(permit)) = timeout_at(deadline, writers.acquire()).await else {
                return Ok(Admission::Busy);
            };
            let objection = self.try_once(start).await?;
            drop(permit);
            match objection {
                None => return Ok(Admission::Reserved(self)),
                Some(Objection::Locked(lock)) => return Ok(Admission::Locked(lock)),
                Some(Objection::Full) => {}
            }
            let look = Instant::now() + LOOK_AGAIN;
            let _ = timeout_at(look.min(deadline), settled).await;
            if Instant::now() >= deadline {
                return Ok(Admission::Busy);
            }
        }
    }

    async fn try_once(&mut self, start: Instant) -> Result<Option<Objection>, DbErr> {
        let waited = TimeDelta::from_std(start.elapsed()).unwrap_or_default();
        let time = self.time + waited;
        let keys = &self.keys;
        let mut is_slowed = false;
        let judge = |rows: &[Row]| {
            if let Some(lock) = lock_of(keys, rows, time) {
                return Err(Objection::Locked(lock));
            }
            for (count, row) in matching(keys, rows) {
                let is_full = match count.rule {
                    Rule::Limit(_, max) => row.failures + row.pending > max,
                    Rule::OneAtATime => {
                        let is_slow = row.failures >= SLOWED_AFTER;
                        is_slowed |= is_slow;
                        is_slow && row.pending > 1
                    }
                };
                if is_full {
                    return Err(Objection::Full);
                }
            }
            Ok(())
        };
        let counts = &self.throttle.counts;
        let verdict = counts.reserve(&obeyed(keys), time, judge).await?;
        if verdict.is_ok() {
            self.is_settled = false;
            self.is_slowed = is_slowed;
        }
        Ok(verdict.err())
    }

    /// Settles after a wrong password. Returns the lock that this failure begins, if any.
    pub async fn fail(mut self) -> Result<Option<Lock>, DbErr> {
        let counts = &self.throttle.counts;
        let _permit = self.throttle.write_permit(self.caller).acquire().await;
        let mut rows = counts.fail(&obeyed(&self.keys), self.time, 1).await?;
        // The reservation is gone from here on, even if a later statement fails.
        self.is_settled = true;
        rows.extend(counts.fail(&only_counted(&self.keys), self.time, 0).await?);
        self.throttle.queues.settled.notify_waiters();
        if rows.iter().any(|row| row.failures == 1) {
            sweep(&counts.db, counts.table, self.time).await?;
        }
        let begun = self.keys.iter().find_map(|count| {
            let row = rows.iter().find(|row| row.key == count.key)?;
            match count.rule {
                Rule::Limit(scope, max) if row.failures == max => Some(lock(scope, row, self.time)),
                _ => None,
            }
        });
        Ok(begun)
    }

    /// Settles after a right password: the account's failures from this address are forgotten.
    pub async fn succeed(mut self) -> Result<(), DbErr> {
        let is_forgotten = |count: &&Count| matches!(count.rule, Rule::Limit(Scope::Account, _));
        let forgotten = self.keys.iter().filter(is_forgotten);
        let forgotten: Vec<_> = forgotten.map(|count| count.key.clone()).collect();
        let forgotten: Vec<_> = forgotten.iter().map(String::as_str).collect();
        self.give_back(&forgotten).await
    }

    /// Settles without a verification.
    pub async fn release(mut self) -> Result<(), DbErr> {
        self.give_back(&[]).await
    }

    async fn give_back(&mut self, forget: &[&str]) -> Result<(), DbErr> {
        let _permit = self.throttle.write_permit(self.caller).acquire().await;
        let obeyed = obeyed(&self.keys);
        self.throttle.counts.release(&obeyed, forget).await?;
        self.is_settled = true;
        self.throttle.queues.settled.notify_waiters();
        Ok(())
    }
}

/// Gives the reservation back if the attempt's future was dropped. Without a runtime or a database it
/// is ignored after a minute.
impl Drop for Reservation {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let left = Self {
            throttle: self.throttle.clone(),
            keys: std::mem::take(&mut self.keys),
            _stranger_permit: None,
            is_settled: true,
            ..*self
        };
        runtime.spawn(async move { give_up(left).await });
    }
}

async fn give_up(mut left: Reservation) {
    // On failure the reservation is ignored after a minute.
    let _ = left.give_back(&[]).await;
}
