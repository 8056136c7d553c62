//! Pages whose answer turned out not to be cacheable. For a while nobody waits for another's answer
//! to a request for one of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After this time the next answer decides anew.
const REMEMBERED_FOR: Duration = Duration::from_secs(1);

/// The most pages that are remembered: anybody can ask for many.
const MOST_PAGES: usize = 1024;

/// The keys of such pages, each with the time of its answer.
#[derive(Default)]
pub(super) struct Uncacheable(Mutex<HashMap<String, Instant>>);

impl Uncacheable {
    pub(super) fn add(&self, key: &str, now: Instant) {
        let mut pages = self.lock();
        if pages.len() >= MOST_PAGES {
            pages.retain(|_, added| is_recent(*added, now));
        }
        if pages.len() < MOST_PAGES {
            pages.insert(key.to_owned(), now);
        }
    }

    pub(super) fn contains(&self, key: &str, now: Instant) -> bool {
        let mut pages = self.lock();
        match pages.get(key) {
            Some(added) if is_recent(*added, now) => true,
            Some(_) => {
                pages.remove(key);
                false
            }
            None => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(added: Instant, now: Instant) -> bool {
    now.saturating_duration_since(added) < REMEMBERED_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_remembered_for_a_while_and_no_more_than_so_many() {
        let uncacheable = Uncacheable::default();
        let start = Instant::now();
        for number in 0..=MOST_PAGES {
            uncacheable.add(&number.to_string(), start);
        }
        assert!(uncacheable.contains("0", start));
        assert!(!uncacheable.contains(&MOST_PAGES.to_string(), start));
        let later = start + REMEMBERED_FOR;
        assert!(!uncacheable.contains("0", later));
        for key in ["another", "one more"] {
            uncacheable.add(key, later);
            assert!(uncacheable.contains(key, later));
        }
        assert_eq!(uncacheable.lock().len(), 2);
    }
}
