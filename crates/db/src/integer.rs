//! A whole number, whatever width its column has.
//!
//! Django's keys have 32 or 64 bits on PostgreSQL, by the version that made the table, and
//! sqlx reads a column only as exactly its type.

use std::fmt;

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value};

/// A whole number of a `smallint`, `integer` or `bigint` column; written as 64 bits, which
/// PostgreSQL narrows where it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(pub i64);

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Integer> for Value {
    fn from(Integer(number): Integer) -> Self {
        Self::BigInt(Some(number))
    }
}

impl TryGetable for Integer {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // sqlx decodes a column only as exactly its type: the widths are tried in turn.
        i64::try_get_by(row, index)
            .or_else(|error| match error {
                TryGetError::DbErr(_) => i32::try_get_by(row, index).map(i64::from),
                TryGetError::Null(_) => Err(error),
            })
            .or_else(|error| match error {
                TryGetError::DbErr(_) => i16::try_get_by(row, index).map(i64::from),
                TryGetError::Null(_) => Err(error),
            })
            .map(Self)
    }
}

impl ValueType for Integer {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::BigInt(Some(number)) => Ok(Self(number)),
            _ => Err(ValueTypeErr),
        }
    }

    fn type_name() -> String {
        "Integer".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::BigInt
    }

    fn column_type() -> ColumnType {
        ColumnType::BigInteger
    }
}

impl Nullable for Integer {
    fn null() -> Value {
        Value::BigInt(None)
    }
}

impl TryFromU64 for Integer {
    fn try_from_u64(number: u64) -> Result<Self, DbErr> {
        i64::try_from_u64(number).map(Self)
    }
}
