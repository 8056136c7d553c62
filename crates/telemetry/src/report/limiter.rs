//! The limits on reports: in a minute, and for 404s in a day. Without them a flood of failures, or
//! a scanner that never stops, would become a flood of reports. Knows fingerprints and the clock;
//! nothing of reports themselves.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The most reports of one fingerprint in a minute.
const PER_FINGERPRINT: usize = 100;
/// The most reports in a minute.
const IN_ALL: usize = 300;
const WINDOW: Duration = Duration::from_mins(1);
/// How many fingerprints have their own count of reports held back. Those beyond are only counted
/// in all.
const MAX_REMEMBERED: usize = 1000;

/// Applies the limits. Those of a minute hold for any minute: with fixed minutes, twice as many
/// could pass around a change of the minute. That of a day is for a day in UTC, since Sentry's
/// plans are by days and months.
#[derive(Debug)]
pub(super) struct Limiter {
    /// The most reports in a day of each of the two kinds of 404.
    per_day: u32,
    hasher: RandomState,
    state: Mutex<State>,
    held_back: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// When each report of the last minute was admitted, and its fingerprint.
    admitted: VecDeque<(Instant, u64)>,
    /// How many reports of a fingerprint were held back since its last one was sent.
    held_back: HashMap<u64, u64>,
    /// The day of the two counts below.
    day: u64,
    unknown_addresses: u32,
    missing_pages: u32,
    /// When the log was last told of reports held back, and how many there were in all by then.
    last_logged: Option<(Instant, u64)>,
}

/// Whether a report has a daily limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The 404 of an address without a route: what scanners request.
    UnknownAddress,
    /// The 404 of an existing route, which finds nothing at the address. It is counted apart, so
    /// that scanners do not hide a broken link.
    MissingPage,
    /// Any other report, without a daily limit.
    Failure,
}

/// A time, both for the limits of a minute and for those of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    instant: Instant,
    /// Whole days in UTC since 1970.
    day: u64,
}

impl Timestamp {
    /// The present instant, on the day of the given time.
    pub(super) fn on_day_of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            instant: Instant::now(),
            day: since.as_secs() / SECONDS_PER_DAY,
        }
    }
}

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

impl State {
    /// Whether a report is within its daily limit. If it is, it is counted.
    fn has_room(&mut self, kind: Kind, day: u64, per_day: u32) -> bool {
        if day != self.day {
            (self.day, self.unknown_addresses, self.missing_pages) = (day, 0, 0);
        }
        let count = match kind {
            Kind::UnknownAddress => &mut self.unknown_addresses,
            Kind::MissingPage => &mut self.missing_pages,
            Kind::Failure => return true,
        };
        let has_room = *count < per_day;
        *count += u32::from(has_room);
        has_room
    }
}

/// The decision on a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is sent, and says how many of its fingerprint were held back before it.
    Admitted { held_back: u64 },
    /// It is not sent, only counted.
    HeldBack,
}

impl Limiter {
    /// Limits with this many reports of each kind of 404 a day.
    pub(super) fn new(per_day: u32) -> Self {
        Self {
            per_day,
            hasher: RandomState::new(),
            state: Mutex::default(),
            held_back: AtomicU64::new(0),
        }
    }

    pub(super) fn check(&self, fingerprint: &[String], kind: Kind, now: Timestamp) -> Verdict {
        let Timestamp { instant: now, day } = now;
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
        // Checked last: a report that the minute's limit holds back must not use up the daily
        // limit.
        if !is_full && state.has_room(kind, day, self.per_day) {
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

    /// How many reports were held back in all.
    pub(super) fn held_back(&self) -> u64 {
        self.held_back.load(Relaxed)
    }

    /// How many reports were held back since this was last logged; 0 if that was less than a minute
    /// ago. The caller logs the number, so that it counts as logged from now on.
    pub(super) fn held_back_unlogged(&self, Timestamp { instant: now, .. }: Timestamp) -> u64 {
        let mut state = self.lock();
        let known = match state.last_logged {
            Some((last_logged, _)) if now.saturating_duration_since(last_logged) < WINDOW => {
                return 0;
            }
            Some((_, known)) => known,
            None => 0,
        };
        let held_back = self.held_back();
        if held_back > known {
            state.last_logged = Some((now, held_back));
        }
        held_back - known
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is taken anyway: no code under it can panic between two related changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    fn limiter() -> Limiter {
        Limiter::new(200)
    }

    fn count_admitted(limiter: &Limiter, name: &str, count: usize, now: Instant) -> usize {
        let now = at(now, 0);
        (0..count)
            .filter(|_| limiter.check(&fingerprint(name), Kind::Failure, now) != Verdict::HeldBack)
            .count()
    }

    fn at(instant: Instant, day: u64) -> Timestamp {
        Timestamp { instant, day }
    }

    #[test]
    fn a_fingerprint_has_a_hundred_in_any_minute() {
        let limiter = limiter();
        let start = Instant::now();
        let later = start + Duration::from_secs(59);
        assert_eq!(count_admitted(&limiter, "a", 60, start), 60);
        assert_eq!(count_admitted(&limiter, "a", 60, later), 40);
        assert_eq!(limiter.held_back(), 20);
        let next = start + WINDOW;
        for held_back in [20, 0] {
            assert_eq!(
                limiter.check(&fingerprint("a"), Kind::Failure, at(next, 0)),
                Verdict::Admitted { held_back }
            );
        }
    }

    #[test]
    fn all_fingerprints_have_three_hundred() {
        let limiter = limiter();
        let now = Instant::now();
        let admitted: usize = (0..5)
            .map(|number| count_admitted(&limiter, &number.to_string(), 90, now))
            .sum();
        assert_eq!(admitted, 300);
        assert_eq!(limiter.held_back_unlogged(at(now, 0)), 150);
    }

    #[test]
    fn the_log_is_told_once_a_minute() {
        let limiter = limiter();
        let now = Instant::now();
        let unlogged =
            |seconds| limiter.held_back_unlogged(at(now + Duration::from_secs(seconds), 0));
        assert_eq!(unlogged(0), 0);
        count_admitted(&limiter, "a", 101, now);
        assert_eq!((unlogged(0), unlogged(1)), (1, 0));
        count_admitted(&limiter, "a", 5, now);
        assert_eq!((unlogged(59), unlogged(60), unlogged(120)), (0, 5, 0));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let limiter = limiter();
        let now = Instant::now();
        for number in 0..10_000 {
            limiter.check(&fingerprint(&number.to_string()), Kind::Failure, at(now, 0));
        }
        assert_eq!(limiter.lock().held_back.len(), MAX_REMEMBERED);
        assert_eq!(limiter.held_back(), 9_700);
    }

    /// A scanner that asks a hundred times a minute, all day long.
    fn scan(limiter: &Limiter, kind: Kind, start: Instant, day: u64) -> usize {
        let name = fingerprint(&format!("{kind:?}"));
        (0..24 * 60)
            .flat_map(|minute| [start + WINDOW * minute; 100])
            .filter(|now| limiter.check(&name, kind, at(*now, day)) != Verdict::HeldBack)
            .count()
    }

    #[test]
    fn a_scanner_has_two_hundred_a_day_and_takes_no_other_report_its_place() {
        let limiter = limiter();
        let start = Instant::now();
        let next = start + Duration::from_hours(24);
        assert_eq!(scan(&limiter, Kind::UnknownAddress, start, 20_000), 200);
        assert_eq!(limiter.held_back(), 144_000 - 200);
        assert_eq!(scan(&limiter, Kind::MissingPage, start, 20_000), 200);
        assert_eq!(scan(&limiter, Kind::Failure, start, 20_000), 144_000);
        let name = fingerprint("UnknownAddress");
        assert_eq!(
            limiter.check(&name, Kind::UnknownAddress, at(next, 20_001)),
            Verdict::Admitted {
                held_back: 144_000 - 200
            }
        );
        assert_eq!(scan(&limiter, Kind::UnknownAddress, next, 20_001), 199);
    }

    #[test]
    fn a_bound_of_nothing_lets_nothing_through() {
        let limiter = Limiter::new(0);
        let start = Instant::now();
        assert_eq!(scan(&limiter, Kind::UnknownAddress, start, 1), 0);
        assert_eq!(scan(&limiter, Kind::MissingPage, start, 1), 0);
        assert_eq!(count_admitted(&limiter, "a", 10, start), 10);
    }

    #[test]
    fn a_day_is_one_in_utc() {
        let day = |seconds| Timestamp::on_day_of(UNIX_EPOCH + Duration::from_secs(seconds)).day;
        assert_eq!((day(0), day(86_399), day(86_400)), (0, 0, 1));
    }
}
