//! Reads columns whose values may not fit their type.
//!
//! SQLite stores any value in any column, whatever type was declared (`sqlite.org/datatype3.html`),
//! and tables that others have made may lack `NOT NULL`. These functions return a value that does not
//! fit as [`Stored::Other`], so that no page fails because of one row.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sqlx::postgres::PgValueFormat;
use sea_orm::sqlx::sqlite::SqliteValueRef;
use sea_orm::sqlx::{self, Decode, Row as _, Sqlite, TypeInfo as _, ValueRef as _};
use sea_orm::{ColIdx, DbErr, QueryResult, TryGetable};

use crate::datetime;
use crate::error::query_error;
use crate::integer::Integer;

/// What a column of a row holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored<T> {
    /// NULL.
    Null,
    /// What the column is for.
    Value(T),
    /// Something else.
    Other(Raw),
}

/// A value as SQLite has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes, or a text that is not UTF-8.
    Bytes(Vec<u8>),
}

impl<T> Stored<T> {
    /// What the column is for, if that is there.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Null | Self::Other(_) => None,
        }
    }
}

impl<T: ToString> Stored<T> {
    /// As a text to be shown; nothing for NULL.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Value(value) => value.to_string(),
            Self::Other(raw) => raw.text(),
        }
    }
}

impl Raw {
    /// As a text to be shown. What is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        match self {
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// A text. A number is its digits, as SQLite makes it of one in a column of text.
pub fn text(row: &QueryResult, index: impl ColIdx) -> Result<Stored<String>, DbErr> {
    read(row, index, |raw| match raw {
        Raw::Bytes(_) => Err(raw),
        Raw::Text(text) => Ok(text),
        raw => Ok(raw.text()),
    })
}

/// Whatever there is, as a text to be shown.
pub fn shown(row: &QueryResult, index: impl ColIdx) -> Result<String, DbErr> {
    Ok(match text(row, index)? {
        Stored::Value(text) => text,
        other => other.text(),
    })
}

/// Whether there are bytes that are no text, which JSON has no form for.
pub fn is_bytes(row: &QueryResult, index: impl ColIdx) -> Result<bool, DbErr> {
    // PostgreSQL enforces types, and a schema has no binary columns.
    if row.try_as_sqlite_row().is_none() {
        return Ok(false);
    }
    Ok(matches!(text(row, index)?, Stored::Other(Raw::Bytes(_))))
}

/// A whole number; also a text of its digits, or one with a fraction of zero.
pub fn integer(row: &QueryResult, index: impl ColIdx) -> Result<Stored<i64>, DbErr> {
    let number = read(row, index, |raw| {
        let number = match &raw {
            Raw::Integer(number) => Some(*number),
            Raw::Real(number) => whole(*number),
            Raw::Text(text) => text.trim().parse().ok(),
            Raw::Bytes(_) => None,
        };
        number.map(Integer).ok_or(raw)
    });
    Ok(match number? {
        Stored::Null => Stored::Null,
        Stored::Value(Integer(number)) => Stored::Value(number),
        Stored::Other(raw) => Stored::Other(raw),
    })
}

/// A truth value; also the words that PostgreSQL takes for one.
pub fn boolean(row: &QueryResult, index: impl ColIdx) -> Result<Stored<bool>, DbErr> {
    read(row, index, |raw| match &raw {
        Raw::Integer(number) => Ok(*number != 0),
        Raw::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Ok(true),
            "f" | "false" | "n" | "no" | "off" | "0" => Ok(false),
            _ => Err(raw),
        },
        Raw::Real(_) | Raw::Bytes(_) => Err(raw),
    })
}

/// A point in time, in any form of [`datetime::parse`]; a whole number is the seconds since 1970.
/// PostgreSQL's `infinity`, and years that Python does not have, are something else.
pub fn time(row: &QueryResult, index: impl ColIdx) -> Result<Stored<DateTime<Utc>>, DbErr> {
    if let Some(of_postgres) = row.try_as_pg_row() {
        let value = of_postgres.try_get_raw(index.as_sqlx_postgres_index());
        let value = value.map_err(query_error)?;
        // The microseconds since 2000, in the form in which the driver asks for rows.
        if let Ok(bytes) = value.as_bytes()
            && let Ok(bytes) = <[u8; 8]>::try_from(bytes)
            && value.format() == PgValueFormat::Binary
        {
            return Ok(time_of_postgres(i64::from_be_bytes(bytes)));
        }
    }
    read(row, index, |raw| {
        let time = match &raw {
            Raw::Text(text) => datetime::parse(text),
            Raw::Integer(seconds) => DateTime::from_timestamp(*seconds, 0).and_then(datetime::held),
            Raw::Real(_) | Raw::Bytes(_) => None,
        };
        time.ok_or(raw)
    })
}

/// A day.
pub fn date(row: &QueryResult, index: impl ColIdx) -> Result<Stored<NaiveDate>, DbErr> {
    read(row, index, |raw| match &raw {
        Raw::Text(text) => text.trim().parse().map_err(|_| raw),
        _ => Err(raw),
    })
}

fn time_of_postgres(microseconds: i64) -> Stored<DateTime<Utc>> {
    const EPOCH: i64 = 946_684_800_000_000;
    let time = microseconds
        .checked_add(EPOCH)
        .and_then(DateTime::from_timestamp_micros);
    if let Some(time) = time.and_then(datetime::held) {
        return Stored::Value(time);
    }
    Stored::Other(Raw::Text(match (microseconds, time) {
        (i64::MAX, _) => "infinity".to_owned(),
        (i64::MIN, _) => "-infinity".to_owned(),
        (_, Some(time)) => time.to_rfc3339(),
        (_, None) => format!("{microseconds} microseconds after 2000"),
    }))
}

/// The whole number that a float stands for; `None` beyond 2⁵³, where floats skip whole numbers.
pub fn whole(number: f64) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && number.abs() <= LARGEST;
    is_whole.then(|| format!("{number:.0}").parse().ok())?
}

/// Reads a column. Only on SQLite can the value be of another type than the column.
fn read<T: TryGetable>(
    row: &QueryResult,
    index: impl ColIdx,
    understand: impl FnOnce(Raw) -> Result<T, Raw>,
) -> Result<Stored<T>, DbErr> {
    let Some(of_sqlite) = row.try_as_sqlite_row() else {
        let value: Option<T> = row.try_get_by(index)?;
        return Ok(value.map_or(Stored::Null, Stored::Value));
    };
    let value = || of_sqlite.try_get_raw(index.as_sqlx_sqlite_index());
    let first = value().map_err(query_error)?;
    if first.is_null() {
        return Ok(Stored::Null);
    }
    let kind = first.type_info().into_owned();
    let raw = match kind.name() {
        "INTEGER" => Raw::Integer(decode(first)?),
        "REAL" => Raw::Real(decode(first)?),
        "TEXT" => match decode(first) {
            Ok(text) => Raw::Text(text),
            Err(_) => Raw::Bytes(decode(value().map_err(query_error)?)?),
        },
        _ => Raw::Bytes(decode(first)?),
    };
    Ok(match understand(raw) {
        Ok(value) => Stored::Value(value),
        Err(raw) => Stored::Other(raw),
    })
}

fn decode<'r, T: Decode<'r, Sqlite>>(value: SqliteValueRef<'r>) -> Result<T, DbErr> {
    let decoded = T::decode(value);
    decoded.map_err(|error| query_error(sqlx::Error::Decode(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_has_not_of_postgresql_is_given_as_a_text() {
        let shown = |microseconds| {
            let time = time_of_postgres(microseconds).value();
            time.map(|time| time.to_rfc3339()).unwrap_or_default()
        };
        assert_eq!(shown(0), "2000-01-01T00:00:00+00:00");
        assert_eq!(shown(-1), "1999-12-31T23:59:59.999999+00:00");
        for (microseconds, text) in [
            (i64::MAX, "infinity"),
            (i64::MIN, "-infinity"),
            (i64::MAX - 1, "9223372036854775806 microseconds after 2000"),
            (300_000_000_000_000_000, "+11506-08-16T05:20:00+00:00"),
        ] {
            let found = time_of_postgres(microseconds);
            assert_eq!(found, Stored::Other(Raw::Text(text.to_owned())));
        }
    }

    #[test]
    fn numbers_are_whole() {
        for (number, expected) in [
            (3.0, Some(3)),
            (-0.0, Some(0)),
            (1.5, None),
            (1e300, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(whole(number), expected, "{number}");
        }
    }
}
