//! What is told of a calendar.

use chrono::{Datelike as _, Months, NaiveDate};
use chrono_tz::Tz;

/// How many months ahead nights are told.
const FUTURE_MONTHS: u32 = 36;

/// What a calendar is read for.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The day that it is where the home is.
    pub today: NaiveDate,
    /// The zone of the home, by which a time in UTC belongs to a day.
    pub zone: Tz,
}

/// What a calendar says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The nights that are taken, in order. No two overlap, and no two have the same UID.
    pub busy: Vec<Busy>,
    /// How many events could not be read: nights may be taken that are not told here.
    pub unread: usize,
}

/// Nights in a row that are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// The other site's name for it, or one made from the days.
    pub uid: String,
    /// The first night begins on this day.
    pub arrival: NaiveDate,
    /// The last night ends on this day.
    pub departure: NaiveDate,
}

/// Why a calendar could not be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is something else, such as a page.
    #[error("not a calendar")]
    NotACalendar,
    /// It has no end: what is missing may be nights that are taken.
    #[error("the calendar ends in the middle")]
    CutOff,
    /// It has more than [`BYTES_MAX`](super::BYTES_MAX).
    #[error("the calendar has more than 1 MiB")]
    TooLarge,
    /// It has more than [`EVENTS_MAX`](super::EVENTS_MAX), or events of a length that no site writes.
    #[error("the calendar has too many events")]
    TooManyEvents,
}

/// The last day that nights are told for.
pub(super) fn horizon(today: NaiveDate) -> NaiveDate {
    today
        .checked_add_months(Months::new(FUTURE_MONTHS))
        .unwrap_or(NaiveDate::MAX)
}

/// Days of a calendar that is used: others are mistakes, or mean "for ever".
pub(super) fn is_sensible(day: NaiveDate) -> bool {
    (1970..2100).contains(&day.year())
}
