//! A value of a field, between the database, a form and a page.

use chrono::{DateTime, SecondsFormat, Utc};
use db::{DbErr, Integer};
use sea_orm::{QueryResult, Value as Bound};
use serde_json::json;

use crate::model::Kind;

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A whole number, or a key.
    Integer(i64),
    /// A text.
    Text(String),
    /// Yes or no.
    Boolean(bool),
    /// A point in time.
    Time(DateTime<Utc>),
}

impl Value {
    /// Reads a column of a row; a kind of `None` is a key.
    pub(crate) fn read(row: &QueryResult, index: usize, kind: Option<Kind>) -> Result<Self, DbErr> {
        let value = match kind {
            None | Some(Kind::Integer { .. } | Kind::Relation(_) | Kind::Many(_)) => row
                .try_get_by_index::<Option<Integer>>(index)?
                .map(|Integer(number)| Self::Integer(number)),
            Some(Kind::Text { .. } | Kind::Password) => row
                .try_get_by_index::<Option<String>>(index)?
                .map(Self::Text),
            Some(Kind::Boolean(_)) => row
                .try_get_by_index::<Option<bool>>(index)?
                .map(Self::Boolean),
            Some(Kind::DateTime { .. }) => row
                .try_get_by_index::<Option<DateTime<Utc>>>(index)?
                .map(Self::Time),
        };
        Ok(value.unwrap_or(Self::Null))
    }

    /// As a value of a statement.
    pub(crate) fn bound(&self, kind: Kind) -> Bound {
        match self {
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => text.clone().into(),
            Self::Boolean(is_true) => (*is_true).into(),
            Self::Time(time) => (*time).into(),
            Self::Null => match kind {
                Kind::DateTime { .. } => Bound::ChronoDateTimeUtc(None),
                Kind::Text { .. } | Kind::Password => Bound::String(None),
                Kind::Boolean(_) => Bound::Bool(None),
                _ => Bound::BigInt(None),
            },
        }
    }

    /// As a label or an export has it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Boolean(is_true) => is_true.to_string(),
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }

    /// As JSON has it.
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => json!(null),
            Self::Integer(number) => json!(number),
            Self::Boolean(is_true) => json!(is_true),
            Self::Text(_) | Self::Time(_) => json!(self.text()),
        }
    }
}
