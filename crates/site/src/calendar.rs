//! The day where the homes are: what is past, and what the next year is.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, SubsecRound as _, Utc};
use chrono_tz::Tz;

/// Tells which day it is. Clones share the clock.
#[derive(Clone)]
pub struct Calendar {
    zone: Tz,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Calendar {
    /// By the clock of the machine, in a time zone.
    pub fn new(zone: Tz) -> Self {
        Self::with_clock(zone, Utc::now)
    }

    /// By another clock.
    pub fn with_clock(zone: Tz, now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let now = Arc::new(now);
        Self { zone, now }
    }

    /// What time it is, with the microseconds that both databases can hold.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)().trunc_subsecs(6)
    }

    /// The time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The day that it is there.
    pub fn today(&self) -> NaiveDate {
        (self.now)().with_timezone(&self.zone).date_naive()
    }

    /// The number of that day, another each day.
    pub fn day_number(&self) -> i32 {
        self.today().num_days_from_ce()
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Calendar");
        shown.field("zone", &self.zone).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_where_the_homes_are() {
        for (zone, now, today) in [
            ("UTC", "2026-12-31T23:59:59Z", "2026-12-31"),
            ("Europe/Paris", "2026-12-31T22:59:59Z", "2026-12-31"),
            ("Europe/Paris", "2026-12-31T23:00:00Z", "2027-01-01"),
            ("Europe/Paris", "2026-06-30T22:00:00Z", "2026-07-01"),
            ("America/Los_Angeles", "2026-07-01T06:59:59Z", "2026-06-30"),
            ("Pacific/Kiritimati", "2026-07-01T10:00:00Z", "2026-07-02"),
        ] {
            let now: DateTime<Utc> = now.parse().unwrap();
            let calendar = Calendar::with_clock(zone.parse().unwrap(), move || now);
            assert_eq!(calendar.today().to_string(), today, "{zone} {now}");
        }
    }
}
