//! What a backup may define: the grammar by which `restore` reads definitions, and `backup` what a
//! database says of itself. Knows no connection.
//!
//! A definition is taken apart into tokens ([`token`]) and put together anew ([`text`]) from names,
//! types, constants, operators and functions that the grammar knows. No text of the file reaches a
//! database as a statement or a part of one, so that what the file says beside the grammar cannot
//! be carried out.

pub(super) mod postgres;
pub(super) mod sqlite;

mod cursor;
mod expression;
mod postgres_constraint;
mod postgres_table;
mod postgres_type;
mod sqlite_table;
mod sqlite_words;
mod text;
pub(crate) mod token;

use std::fmt;

/// Whose lexical rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

/// The longest definition, in bytes: SQLite's own limit for a statement is a million.
pub(super) const MAX_DEFINITION: usize = 1_000_000;

/// How deep parentheses may be nested. The parser recurses for each level, and the stack is limited.
const MAX_NESTING: usize = 60;

/// How many columns a table may have: SQLite's limit, and more than PostgreSQL's 1,600.
const MAX_COLUMNS: usize = 2_000;

/// The longest name and the longest number, in bytes.
const MAX_NAME: usize = 1_000;

/// The longest name that PostgreSQL does not cut off.
const MAX_NAME_POSTGRES: usize = 63;

/// The size of all definitions of a backup together, in bytes. They are in memory at the same time.
pub(super) const MAX_LENGTH: usize = 32 * 1_000_000;

/// How many tables, indexes, constraints and sequences a backup may define.
pub(super) const MAX_DEFINITIONS: usize = 100_000;

/// Why a definition is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The text is not a definition at all, so that the whole backup is refused.
    Form(String),
    /// The text is a definition with a part that the grammar does not know. That part is left out.
    Beyond(String),
}

impl Refusal {
    fn form(what: impl Into<String>) -> Self {
        Self::Form(what.into())
    }

    fn beyond(what: impl Into<String>) -> Self {
        Self::Beyond(what.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(what) | Self::Beyond(what) => formatter.write_str(what),
        }
    }
}

/// A name from a file, for a message: control characters are replaced, the length is limited.
pub(super) fn shown(name: &str) -> String {
    let clean = name.chars().take(100).map(|letter| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    });
    clean.collect()
}

#[cfg(test)]
mod tests;
