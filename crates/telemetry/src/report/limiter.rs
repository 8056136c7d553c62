//! How many reports a minute are sent: a flood of failures must not become a flood of reports.
//! Knows fingerprints and the clock; nothing of reports themselves.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most reports of one fingerprint in a minute.
const PER_FINGERPRINT: usize = 100;
/// The most reports in a minute.
const IN_ALL: usize = 300;
const WINDOW: Duration = Duration::from_mins(1);
/// How many fingerprints with reports held back are remembered; those beyond share one count.
const MAX_REMEMBERED: usize = 1000;

/// The bounds, over any minute: not from one full minute to the next, between which there could
/// be twice as many.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    hasher: RandomState,
    state: Mutex<State>,
    held_back: AtomicU64,
    logged: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// When each report of the last minute was admitted, and its fingerprint.
    admitted: VecDeque<(Instant, u64)>,
    /// How many of a fingerprint were held back since its last report.
    held_back: HashMap<u64, u64>,
}

/// What is to happen with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is sent, and tells how many of its kind were not.
    Admitted { held_back: u64 },
    /// It is counted.
    HeldBack,
}

impl Limiter {
    pub(super) fn check(&self, fingerprint: &[String], now: Instant) -> Verdict {
        let fingerprint = self.hasher.hash_one(fingerprint);
        let mut state = self.lock();
        while let Some((admitted, _)) = state.admitted.front() {
            if now.saturating_duration_since(*admitted) < WINDOW {
                break;
            }
            state.admitted.pop_front();
        }
        let is_same = |(_, other): &&(Instant, u64)| *other == fingerprint;
        let is_full = state.admitted.len() >= IN_ALL
            || state.admitted.iter().filter(is_same).count() >= PER_FINGERPRINT;
        if !is_full {
            state.admitted.push_back((now, fingerprint));
            let held_back = state.held_back.remove(&fingerprint).unwrap_or(0);
            return Verdict::Admitted { held_back };
        }
        let is_known = state.held_back.contains_key(&fingerprint);
        if is_known || state.held_back.len() < MAX_REMEMBERED {
            *state.held_back.entry(fingerprint).or_default() += 1;
        }
        self.held_back.fetch_add(1, Relaxed);
        Verdict::HeldBack
    }

    /// How many were held back in all.
    pub(super) fn held_back(&self) -> u64 {
        self.held_back.load(Relaxed)
    }

    /// How many were held back since this was last asked.
    pub(super) fn held_back_since_last_asked(&self) -> u64 {
        let held_back = self.held_back();
        held_back - self.logged.swap(held_back, Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    fn count_admitted(limiter: &Limiter, name: &str, count: usize, now: Instant) -> usize {
        (0..count)
            .filter(|_| limiter.check(&fingerprint(name), now) != Verdict::HeldBack)
            .count()
    }

    #[test]
    fn a_fingerprint_has_a_hundred_in_any_minute() {
        let limiter = Limiter::default();
        let start = Instant::now();
        let later = start + Duration::from_secs(59);
        assert_eq!(count_admitted(&limiter, "a", 60, start), 60);
        assert_eq!(count_admitted(&limiter, "a", 60, later), 40);
        assert_eq!(limiter.held_back(), 20);
        let next = start + WINDOW;
        assert_eq!(
            limiter.check(&fingerprint("a"), next),
            Verdict::Admitted { held_back: 20 }
        );
        assert_eq!(
            limiter.check(&fingerprint("a"), next),
            Verdict::Admitted { held_back: 0 }
        );
    }

    #[test]
    fn all_fingerprints_have_three_hundred() {
        let limiter = Limiter::default();
        let now = Instant::now();
        let admitted: usize = (0..5)
            .map(|number| count_admitted(&limiter, &number.to_string(), 90, now))
            .sum();
        assert_eq!(admitted, 300);
        assert_eq!(limiter.held_back_since_last_asked(), 150);
        assert_eq!(limiter.held_back_since_last_asked(), 0);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let limiter = Limiter::default();
        let now = Instant::now();
        for number in 0..10_000 {
            limiter.check(&fingerprint(&number.to_string()), now);
        }
        assert_eq!(limiter.lock().held_back.len(), MAX_REMEMBERED);
        assert_eq!(limiter.held_back(), 9_700);
    }
}
