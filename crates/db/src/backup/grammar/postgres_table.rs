//! A table of a script for PostgreSQL, as its later definitions need it.

use std::collections::BTreeSet;

/// A table of the script.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    /// Columns that hold what was written to them, and are not computed.
    pub(super) stored: Vec<String>,
    /// Columns that have become text, since their type is not one of the server's own.
    pub(super) converted: BTreeSet<String>,
}
