//! Conditions in SQL that compare the rows of two tables.

use crate::names::quoted;
use crate::schema::Table;

/// Whether a row of two tables differs in any column but its key.
pub(super) fn differs(table: &Table, here: &str, there: &str) -> String {
    let columns = table.columns.iter().map(|column| quoted(column.name));
    let columns = columns.filter(|name| name != "\"id\"");
    let differ = columns.map(|name| format!("{here}.{name} IS DISTINCT FROM {there}.{name}"));
    format!("({})", differ.collect::<Vec<_>>().join(" OR "))
}

/// Whether the row of an alias has no counterpart in a table.
pub(super) fn missing(alias: &str, table: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.id = {alias}.id)")
}
