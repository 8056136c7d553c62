//! The value of a field: read from the database, written to it, and shown.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use db::DbErr;
use db::stored::{self, Stored};
use sea_orm::{QueryResult, Value as SqlValue};
use serde_json::json;

use crate::description::model::FieldKind;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    /// A whole number, or a key.
    Integer(i64),
    Text(String),
    Boolean(bool),
    Date(NaiveDate),
    Time(DateTime<Utc>),
}

impl Value {
    /// Reads a column of a row; the kind `None` is a key. If SQLite has stored a value of another
    /// type in the column, the result is its text, so that a page can show it. But in a column of
    /// truth values it is false, so that it grants nothing.
    pub(crate) fn read(
        row: &QueryResult,
        index: usize,
        kind: Option<FieldKind>,
    ) -> Result<Self, DbErr> {
        Ok(match kind {
            None
            | Some(FieldKind::Integer { .. } | FieldKind::Relation(_) | FieldKind::ManyToMany(_)) => {
                Self::of(stored::integer(row, index)?, Self::Integer)
            }
            Some(
                FieldKind::Text { .. }
                | FieldKind::Choice(_)
                | FieldKind::Words(_)
                | FieldKind::Password,
            ) => Self::of(stored::text(row, index)?, Self::Text),
            Some(FieldKind::Date { .. }) => Self::of(stored::date(row, index)?, Self::Date),
            Some(FieldKind::Boolean(_)) => match stored::boolean(row, index)? {
                Stored::Other(_) => Self::Boolean(false),
                stored => Self::of(stored, Self::Boolean),
            },
            Some(FieldKind::DateTime { .. }) => Self::of(stored::time(row, index)?, Self::Time),
        })
    }

    fn of<T>(stored: Stored<T>, value: fn(T) -> Self) -> Self {
        match stored {
            Stored::Null => Self::Null,
            Stored::Value(found) => value(found),
            Stored::Other(raw) => Self::Text(raw.text()),
        }
    }

    /// The value as a parameter of a statement. A null has the type of the kind's column.
    pub(crate) fn sql_value(&self, kind: FieldKind) -> SqlValue {
        match self {
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => text.clone().into(),
            Self::Boolean(is_true) => (*is_true).into(),
            Self::Date(day) => (*day).into(),
            Self::Time(time) => (*time).into(),
            Self::Null => match kind {
                FieldKind::DateTime { .. } => SqlValue::ChronoDateTimeUtc(None),
                FieldKind::Date { .. } => SqlValue::ChronoDate(None),
                FieldKind::Text { .. } | FieldKind::Choice(_) | FieldKind::Password => {
                    SqlValue::String(None)
                }
                FieldKind::Boolean(_) => SqlValue::Bool(None),
                _ => SqlValue::BigInt(None),
            },
        }
    }

    /// The value as text for labels and exports. A null is empty, a time is in RFC 3339.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Boolean(is_true) => is_true.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }

    /// The value as JSON. A day is a text in ISO 8601, a time one in RFC 3339.
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => json!(null),
            Self::Integer(number) => json!(number),
            Self::Boolean(is_true) => json!(is_true),
            Self::Text(_) | Self::Date(_) | Self::Time(_) => json!(self.text()),
        }
    }
}
