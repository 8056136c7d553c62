//! The rules of the records. Every row that is written passes through them, whoever writes.
//!
//! Lengths are counted in characters, as Django's validators and PostgreSQL count them.

use std::ops::RangeInclusive;

use sea_orm::DbErr;

/// A rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A text that is too short or too long.
    #[error("{field} must have {} to {} characters", .allowed.start(), .allowed.end())]
    Length {
        /// The field.
        field: &'static str,
        /// How many characters it may have.
        allowed: RangeInclusive<usize>,
    },
    /// A number out of bounds.
    #[error("{field} must be a number from {} to {}", .allowed.start(), .allowed.end())]
    Bounds {
        /// The field.
        field: &'static str,
        /// What it may be.
        allowed: RangeInclusive<i64>,
    },
    /// A text with a character that no database column holds.
    #[error("{field} must not hold a NUL character")]
    Nul {
        /// The field.
        field: &'static str,
    },
}

impl From<Broken> for DbErr {
    fn from(broken: Broken) -> Self {
        Self::Custom(broken.to_string())
    }
}

/// Checks a text's length.
pub fn text(
    field: &'static str,
    value: &str,
    allowed: RangeInclusive<usize>,
) -> Result<(), Broken> {
    if value.contains('\0') {
        return Err(Broken::Nul { field });
    }
    if allowed.contains(&value.chars().count()) {
        Ok(())
    } else {
        Err(Broken::Length { field, allowed })
    }
}

/// Checks a number's bounds.
pub fn number(field: &'static str, value: i64, allowed: RangeInclusive<i64>) -> Result<(), Broken> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(Broken::Bounds { field, allowed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(text("street", "é日🏠", 1..=3), Ok(()));
        assert!(text("street", "", 1..=3).is_err());
        assert!(text("street", "abcd", 1..=3).is_err());
        assert_eq!(
            text("street", "a\0", 1..=3),
            Err(Broken::Nul { field: "street" })
        );
    }

    #[test]
    fn messages_name_the_field_and_the_bounds() {
        let message = number("number", -1, 0..=9999).unwrap_err().to_string();
        assert_eq!(message, "number must be a number from 0 to 9999");
    }
}
