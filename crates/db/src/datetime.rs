//! Points in time as Django stores them.
//!
//! On SQLite a `datetime` is text in UTC without a zone, and its fraction is six digits or
//! absent (`Django 5.2 db/backends/sqlite3/operations.py`, `adapt_datetimefield_value`, which
//! is Python's `str(datetime)`). sqlx would write RFC 3339, or a fraction of three digits, and
//! text comparisons between rows of both writers would go wrong.

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Timelike, Utc,
};
use sea_orm::{DbBackend, Statement, Value};

/// The text that Django stores on SQLite for a point in time.
pub fn sqlite_text(time: NaiveDateTime) -> String {
    if time.nanosecond() / 1_000 == 0 {
        time.format("%Y-%m-%d %H:%M:%S").to_string()
    } else {
        time.format("%Y-%m-%d %H:%M:%S%.6f").to_string()
    }
}

/// Now, with the microseconds that both databases can hold.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// A point in time as Django and SQLite write it: with or without a zone, which is UTC then, and
/// down to a day alone, which is its midnight (`Django 5.2 utils/dateparse.py`, `parse_datetime`).
/// What the databases cannot hold is cut off.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    for format in ZONED {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return held(time.to_utc());
        }
    }
    let bare = text.strip_suffix('Z').unwrap_or(text);
    for format in BARE {
        if let Ok(time) = NaiveDateTime::parse_from_str(bare, format) {
            return held(time.and_utc());
        }
    }
    let day: NaiveDate = text.parse().ok()?;
    held(day.and_time(NaiveTime::MIN).and_utc())
}

const ZONED: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
];

const BARE: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

/// The time in microseconds; `None` if Python's `datetime` cannot hold it: a year outside of 1 to
/// 9999, or a leap second.
pub fn held(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_held = (1..=9999).contains(&time.year()) && time.nanosecond() < 1_000_000_000;
    is_held.then(|| time.trunc_subsecs(6))
}

/// Rewrites the points in time among a statement's values to Django's form for the dialect.
/// Every statement of [`crate::Database`] and [`crate::Transaction`] passes through here.
pub(crate) fn as_django(mut statement: Statement) -> Statement {
    for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
        let time = match value {
            Value::ChronoDateTime(time) => *time,
            Value::ChronoDateTimeUtc(time) => time.map(|time| time.naive_utc()),
            Value::ChronoDateTimeLocal(time) => time.map(|time| time.naive_utc()),
            Value::ChronoDateTimeWithTimeZone(time) => time.map(|time| time.naive_utc()),
            _ => continue,
        };
        *value = match statement.db_backend {
            DbBackend::Sqlite => Value::String(time.map(sqlite_text)),
            _ => Value::ChronoDateTimeUtc(time.map(|time| time.trunc_subsecs(6).and_utc())),
        };
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from `str(datetime)` of Python, which is what Django stores.
    #[test]
    fn fractions_are_six_digits_or_absent() {
        for (nanosecond, expected) in [
            (0, "2020-06-14 09:44:05"),
            (999, "2020-06-14 09:44:05"),
            (1_000, "2020-06-14 09:44:05.000001"),
            (500_000_000, "2020-06-14 09:44:05.500000"),
            (888_484_999, "2020-06-14 09:44:05.888484"),
        ] {
            let time = "2020-06-14T09:44:05"
                .parse::<NaiveDateTime>()
                .unwrap()
                .with_nanosecond(nanosecond)
                .unwrap();
            assert_eq!(sqlite_text(time), expected);
        }
    }
}
