//! An attempt under way: waits for its place in the counts, keeps it, and settles it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::counts::{Row, sweep};
use super::limits::{Count, Lock, Rule, Scope, lock, lock_of, matching, obeyed, only_counted};
use super::lines::Throttle;
use crate::device::Caller;

/// Failures of an account from everywhere after which strangers are slowed down.
pub const BRAKE_AFTER: i64 = 10;
/// How long an attempt takes at least that is slowed down; the next one begins when it is over.
pub const BRAKE: Duration = Duration::from_millis(500);

/// How long the first in a line waits for a place among those that are under way.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How often the first in a line looks whether another instance has settled an attempt.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Whether a password may be looked at.
#[derive(Debug)]
pub enum Turn {
    /// It may: afterwards the reservation is settled.
    Reserved(Reservation),
    /// Too many have failed.
    Locked(Lock),
    /// Too many are under way.
    Busy,
}

/// A place in the counts, for an attempt that is under way. Dropped, it is given back.
#[derive(Debug)]
pub struct Reservation {
    pub(super) throttle: Throttle,
    pub(super) keys: Vec<Count>,
    pub(super) time: DateTime<Utc>,
    pub(super) caller: Caller,
    pub(super) is_slowed: bool,
    pub(super) _crowd: Option<OwnedSemaphorePermit>,
    pub(super) is_settled: bool,
}

/// What a count has against an attempt.
enum Objection {
    Locked(Lock),
    /// Those that are under way may turn out to be right.
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
            BRAKE
        } else {
            Duration::ZERO
        }
    }

    /// Tries until there is a place. The first in the line alone does this.
    pub(super) async fn wait(mut self, start: Instant) -> Result<Turn, DbErr> {
        let lines = Arc::clone(&self.throttle.lines);
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Before looking: what settles between the look and the wait is not missed.
            let mut settled = std::pin::pin!(lines.settled.notified());
            settled.as_mut().enable();
            let turn = match self.caller {
                Caller::Stranger => &lines.strangers,
                Caller::Known => &lines.devices,
            };
            let Ok(Ok(turn)) = timeout_at(deadline, turn.acquire()).await else {
                return Ok(Turn::Busy);
            };
            let objection = self.try_once(start).await?;
            drop(turn);
            match objection {
                None => return Ok(Turn::Reserved(self)),
                Some(Objection::Locked(lock)) => return Ok(Turn::Locked(lock)),
                Some(Objection::Full) => {}
            }
            let look = Instant::now() + LOOK_AGAIN;
            let _ = timeout_at(look.min(deadline), settled).await;
            if Instant::now() >= deadline {
                return Ok(Turn::Busy);
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
                    Rule::Brake => {
                        let is_braked = row.failures >= BRAKE_AFTER;
                        is_slowed |= is_braked;
                        is_braked && row.pending > 1
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

    /// The password was wrong. The lock that begins with it, if one does.
    pub async fn fail(mut self) -> Result<Option<Lock>, DbErr> {
        let counts = &self.throttle.counts;
        let _turn = self.throttle.turn(self.caller).acquire().await;
        let mut rows = counts.fail(&obeyed(&self.keys), self.time, 1).await?;
        self.is_settled = true;
        rows.extend(counts.fail(&only_counted(&self.keys), self.time, 0).await?);
        self.throttle.lines.settled.notify_waiters();
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

    /// The password was right: the account's failures from here are forgotten.
    pub async fn succeed(mut self) -> Result<(), DbErr> {
        let is_forgotten = |count: &&Count| matches!(count.rule, Rule::Limit(Scope::Account, _));
        let forgotten = self.keys.iter().filter(is_forgotten);
        let forgotten: Vec<_> = forgotten.map(|count| count.key.clone()).collect();
        let forgotten: Vec<_> = forgotten.iter().map(String::as_str).collect();
        self.give_back(&forgotten).await
    }

    /// The password was not looked at.
    pub async fn release(mut self) -> Result<(), DbErr> {
        self.give_back(&[]).await
    }

    async fn give_back(&mut self, forget: &[&str]) -> Result<(), DbErr> {
        let _turn = self.throttle.turn(self.caller).acquire().await;
        let obeyed = obeyed(&self.keys);
        self.throttle.counts.release(&obeyed, forget).await?;
        self.is_settled = true;
        self.throttle.lines.settled.notify_waiters();
        Ok(())
    }
}

/// Whoever leaves while waiting gives the place back. Without a runtime, or a database, it is
/// forgotten after a minute.
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
            _crowd: None,
            is_settled: true,
            ..*self
        };
        runtime.spawn(async move { give_up(left).await });
    }
}

async fn give_up(mut left: Reservation) {
    // Where it fails, the count forgets it by itself.
    let _ = left.give_back(&[]).await;
}
