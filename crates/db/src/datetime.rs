//! Points in time as Django stores them.
//!
//! On SQLite a `datetime` is text in UTC without a zone, and its fraction is six digits or
//! absent (`Django 5.2 db/backends/sqlite3/operations.py`, `adapt_datetimefield_value`, which
//! is Python's `str(datetime)`). sqlx would write RFC 3339, or a fraction of three digits, and
//! text comparisons between rows of both writers would go wrong.

use chrono::{DateTime, NaiveDateTime, SubsecRound, Timelike, Utc};
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
